"""Profiles and distributions of costs: tables worked by hand, identities, and an independent implementation."""

from pathlib import Path
from runpy import run_path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mdsbench.statistics.arrivals import ARRIVED, CENSORED, ELSEWHERE
from mdsbench.statistics.profiles import (
    data_profile,
    ecdf,
    incidence,
    largest_block,
    performance_profile,
    reversals,
)

FATES = {"a": ARRIVED, "c": CENSORED, "e": ELSEWHERE}


def by_hand(costs: dict[str, list[float]], fates: dict[str, str], dimension: int = 4) -> pd.DataFrame:
    """Runs on one problem: for each solver the cost and the fate of each trial."""
    rows = [
        ("p", dimension, f"start {k}", 0.1, solver, FATES[fate], cost)
        for solver in costs
        for k, (cost, fate) in enumerate(zip(costs[solver], fates[solver], strict=True))
    ]
    return pd.DataFrame(rows, columns=["problem", "dimension", "trial", "target", "solver", "fate", "cost"])


def random_table(seed: int, solvers: int = 4, trials: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = [f"s{k}" for k in range(solvers)]
    costs = {name: list(rng.integers(1, 30, trials).astype(float)) for name in names}
    return by_hand(costs, {name: "".join(rng.choice(list("aaace"), trials)) for name in names})


def value(curve: pd.DataFrame, solver: str, at: float, column: str) -> float:
    """The share of a curve at a cost."""
    own = curve[curve["solver"] == solver]
    return float(own["share"].to_numpy()[np.searchsorted(own[column], at, side="right") - 1])


def test_a_performance_profile_by_hand() -> None:
    # Least costs 10, 20, 40, none. Ratios of a: 1, 2, 1, never. Ratios of b: 3, 1, never (censored at 30), never.
    table = by_hand({"a": [10, 40, 40, 9], "b": [30, 20, 30, 5]}, {"a": "aaae", "b": "aace"})
    found = performance_profile(table, table["cost"])
    assert found.to_numpy().tolist() == [
        ["a", 1.0, 0.5, 4],
        ["a", 2.0, 0.75, 4],
        ["b", 1.0, 0.25, 4],
        ["b", 3.0, 0.5, 4],
    ]


def test_a_data_profile_by_hand() -> None:
    # With n = 4 a simplex gradient is 5 function values: 10 of them are 2, 40 are 8; the third run never arrives.
    table = by_hand({"a": [10, 40, 15], "b": [5, 5, 5]}, {"a": "aac", "b": "aaa"})
    found = data_profile(table, table["cost"])
    assert found.to_numpy().tolist() == [
        ["a", 0.0, 0.0, 3],
        ["a", 2.0, 1 / 3, 3],
        ["a", 8.0, 2 / 3, 3],
        ["b", 0.0, 0.0, 3],
        ["b", 1.0, 1.0, 3],
    ]


def test_what_costs_nothing_is_the_best() -> None:
    table = by_hand({"a": [0, 5], "b": [0, 0]}, {"a": "aa", "b": "aa"})
    found = performance_profile(table, table["cost"])
    assert value(found, "a", 1.0, "factor") == 0.5
    assert value(found, "b", 1.0, "factor") == 1.0


def test_runs_that_ended_elsewhere_never_arrive() -> None:
    # 20 runs: 8 arrive before 300, 4 end elsewhere at 300, 4 arrive after it, 4 are censored at 1000. Kaplan and Meier
    # take the four for censored: 1 - 12/20 x (7/8 x 6/7 x 5/6 x 4/5) = 1 - 12/20 x 4/8 = 0.70. In fact 12 of 20.
    costs = np.array([*range(10, 90, 10), *[300] * 4, *range(400, 800, 100), *[1000] * 4], dtype=float)
    fates = np.array(list("a" * 8 + "e" * 4 + "a" * 4 + "c" * 4))
    mixed = stats.ecdf(stats.CensoredData(costs[fates == "a"], right=costs[fates != "a"])).cdf
    assert mixed.evaluate(1000) == pytest.approx(0.70)
    at, share, elsewhere = incidence(costs, fates == "a", fates == "e")
    assert share[-1] == pytest.approx(0.60)
    assert elsewhere[-1] == pytest.approx(0.20)
    assert at[-1] == 1000


def test_a_distribution_with_censoring_and_another_end_by_hand() -> None:
    # Arrival at 1: 1/5. Censored at 2. Elsewhere at 3: 4/5 x 1/3 = 4/15. Arrival at 4: 4/5 x 2/3 x 1/2 = 4/15.
    table = by_hand({"a": [1, 2, 3, 4, 5]}, {"a": "aceac"})
    found = ecdf(table, table["cost"])
    assert found["cost"].tolist() == [0, 1, 3, 4, 5]
    np.testing.assert_allclose(found["share"], [0, 1 / 5, 1 / 5, 7 / 15, 7 / 15])
    np.testing.assert_allclose(found["elsewhere"], [0, 0, 4 / 15, 4 / 15, 4 / 15])


@pytest.mark.parametrize("seed", range(10))
def test_without_another_end_it_is_the_estimate_of_kaplan_and_meier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs, arrived = rng.integers(1, 12, 30).astype(float), rng.random(30) < 0.6
    reference = stats.ecdf(stats.CensoredData(costs[arrived], right=costs[~arrived])).cdf
    at, share, _ = incidence(costs, arrived, np.zeros(30, dtype=bool))
    np.testing.assert_allclose(share, reference.evaluate(at), atol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_without_censoring_it_is_the_share_of_the_runs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs, arrived = rng.integers(1, 12, 30).astype(float), rng.random(30) < 0.6
    at, share, elsewhere = incidence(costs, arrived, ~arrived)
    np.testing.assert_allclose(share, [np.mean(arrived & (costs <= one)) for one in at], atol=1e-12)
    np.testing.assert_allclose(share[-1] + elsewhere[-1], 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_profiles_agree_with_their_definitions(seed: int) -> None:
    table = random_table(seed)
    arrived = table["cost"].where(table["fate"] == ARRIVED, np.inf)
    wide = table.assign(arrived=arrived).pivot_table("arrived", "trial", "solver", aggfunc="min")
    profile, data = performance_profile(table, table["cost"]), data_profile(table, table["cost"])
    for solver in wide.columns:
        for at in (1.0, 1.5, 2.0, 7.0, 100.0):
            within = np.isfinite(wide[solver]) & (wide[solver] <= at * wide.min(axis=1) * (1 + 1e-12))
            assert value(profile, solver, at, "factor") == pytest.approx(within.mean())
            simplex = (wide[solver] <= at * 5).mean()
            assert value(data, solver, at, "simplex_gradients") == pytest.approx(simplex)


def test_the_profile_of_all_can_rank_a_pair_otherwise() -> None:
    # In the first two a is the best: ratios of b 5, of c 4. In the third b is: ratio of c 2. At factor 1: b 1/3, c 0.
    # Of b and c alone, c is the better one in the first two: at factor 1 b 1/3, c 2/3.
    table = by_hand({"a": [1, 1, 9], "b": [5, 5, 3], "c": [4, 4, 6]}, dict.fromkeys("abc", "aaa"))
    found = reversals(table, table["cost"])
    first = found[(found["solver"] == "c") & (found["other"] == "b")]
    np.testing.assert_allclose(first[["factor", "alone", "together"]].to_numpy(), [[1, 1 / 3, 1 / 3]])


@pytest.mark.parametrize("seed", range(5))
def test_reversals_are_those_of_the_profiles_themselves(seed: int) -> None:
    table = random_table(seed, solvers=3)
    every = performance_profile(table, table["cost"])
    for row in reversals(table, table["cost"]).to_dict("records"):
        pair = [row["solver"], row["other"]]
        two = table[table["solver"].isin(pair)]
        alone = performance_profile(two, two["cost"])
        above, below = (value(alone, one, row["factor"], "factor") for one in pair)
        assert above - below == pytest.approx(row["alone"])
        assert row["alone"] > 0
        above, below = (value(every, one, row["factor"], "factor") for one in pair)
        assert below - above == pytest.approx(row["together"])
        assert row["together"] > 0


def test_two_solvers_are_never_ranked_otherwise() -> None:
    table = random_table(0, solvers=2)
    assert reversals(table, table["cost"]).empty


def test_solvers_are_compared_on_what_all_of_them_ran() -> None:
    table = by_hand({"a": [10, 40, 40], "b": [30, 20]}, {"a": "aaa", "b": "aa"})
    assert set(performance_profile(table, table["cost"])["cases"]) == {2}
    assert set(ecdf(table, table["cost"])["cases"]) == {2}


def test_a_second_run_of_a_case_is_a_case_of_its_own() -> None:
    table = by_hand({"a": [10, 40], "b": [30, 20]}, {"a": "aa", "b": "aa"}).assign(trial="same")
    assert set(performance_profile(table, table["cost"])["cases"]) == {2}
    assert set(performance_profile(table.iloc[:3], table["cost"])["cases"]) == {1}


def test_the_largest_block_leaves_out_a_solver_that_ran_little() -> None:
    table = by_hand({"a": [1, 1, 1], "b": [1, 1, 1], "little": [1]}, {"a": "aaa", "b": "aaa", "little": "a"})
    assert set(largest_block(table)["solver"]) == {"a", "b"}
    full = by_hand({"a": [1, 1], "b": [1, 1]}, {"a": "aa", "b": "aa"})
    assert len(largest_block(full)) == 4
    apart = by_hand({"a": [1], "b": [1]}, {"a": "a", "b": "a"}).assign(trial=["t", "u"])
    assert len(largest_block(apart)) == 1


def test_nothing_has_empty_profiles() -> None:
    table = by_hand({"a": [1], "b": [1]}, {"a": "a", "b": "a"})
    apart = table.assign(trial=["t", "u"])
    for rows in (table.head(0), apart):
        costs = rows["cost"]
        for found in (performance_profile(rows, costs), data_profile(rows, costs), ecdf(rows, costs)):
            assert found.empty
            assert "share" in found
        assert reversals(rows, costs).empty
    assert largest_block(table.head(0)).empty


def test_the_band_of_a_share_of_independent_runs_is_wilson_s_interval() -> None:
    # Without censoring, and with one target, the share of n runs is binomial; 100 weightings find its variance to about
    # 15 %, so that the band is as wide as Wilson's interval with Student's t in place of the normal quantile, nearly.
    table = by_hand({"a": [float(k) for k in range(1, 41)]}, {"a": "a" * 20 + "e" * 20})
    last = ecdf(table, table["cost"]).iloc[-1]
    reference = stats.binomtest(20, 40).proportion_ci(method="wilson")
    assert last["high"] - last["low"] == pytest.approx(reference.high - reference.low, rel=0.2)
    assert last["low"] < last["share"] < last["high"]


def test_targets_of_one_run_do_not_count_as_independent_runs() -> None:
    one = by_hand({"a": [float(k) for k in range(1, 11)]}, {"a": "aaaaaeeeee"})
    four = pd.concat([one.assign(target=target) for target in (0.1, 0.2, 0.3, 0.4)], ignore_index=True)
    band, same = ecdf(one, one["cost"]), ecdf(four, four["cost"])
    np.testing.assert_allclose(band[["share", "low", "high"]], same[["share", "low", "high"]], atol=1e-9)


def test_one_run_has_a_band_that_says_nothing() -> None:
    table = by_hand({"a": [3.0]}, {"a": "a"})
    found = ecdf(table, table["cost"])
    assert set(found["low"]) == {0.0}
    assert set(found["high"]) == {1.0}


@pytest.mark.slow
def test_bands_cover_the_truth() -> None:
    # With 400 campaigns and a coverage of 95 %, four standard errors are 4.4 %.
    covered = run_path(str(Path(__file__).with_name("coverage_ecdf.py")))["covered"]
    for share in covered(20, 400)[0]:
        assert share > 0.906
