"""A against B in pairs: verdicts by hand, and that differences are found and false alarms are rare."""

from math import inf

import numpy as np
import pandas as pd
import pytest

from mdsbench.statistics.comparison import compare
from mdsbench.statistics.ert_ratio import interval, sides

Runs = tuple[pd.DataFrame, "pd.Series[float]"]


def runs(costs: list[float], fates: str | None = None, problem: str = "p-2") -> Runs:
    """Runs of one solver from starts 0, 1, ...; fates by their first letters."""
    named = {"a": "arrived", "c": "censored", "e": "elsewhere"}
    frame = pd.DataFrame({"trial": range(len(costs)), "fate": [named[f] for f in fates or "a" * len(costs)]})
    frame = frame.assign(problem=problem, dimension=2, start="uniform", target=0.01, solver="gd")
    return frame, pd.Series(costs, dtype=float)


def verdict(first: Runs, second: Runs, margin: float = 0.05) -> str:
    (row,) = compare(*first, *second, margin=margin).to_dict("records")
    return str(row["verdict"])


def test_a_ratio_and_its_interval() -> None:
    """ERTs 25 and 50; the interval is that of the paired test of `ert_ratio`, which is tested by hand there."""
    (row,) = compare(*runs([10, 20, 30, 40]), *runs([20, 40, 80, 60])).to_dict("records")
    assert (row["pairs"], row["ert"], row["other_ert"], row["ratio"]) == (4, 25, 50, 2)
    four = np.ones(4)
    pair = sides(np.array([10.0, 20, 30, 40]), four, np.array([20.0, 40, 80, 60]), four)
    assert (row["low"], row["high"]) == interval(*pair, 0.95)


def test_the_same_counts_are_the_same() -> None:
    assert verdict(runs([10, 20, 30]), runs([10, 20, 30])) == "same"


def test_a_difference_within_the_margin_is_the_same_and_beyond_it_is_worse_or_better() -> None:
    costs = [100.0, 150, 90, 120, 200, 130]
    for factor, expected in ((1.04, "same"), (1.1, "worse"), (0.97, "same"), (0.9, "better")):
        assert verdict(runs(costs), runs([factor * cost for cost in costs])) == expected
    assert verdict(runs(costs), runs([1.1 * cost for cost in costs]), margin=0.2) == "same"


def test_a_clear_gain_is_better_and_a_small_uncertain_one_no_worse() -> None:
    costs = np.linspace(100, 200, 20)
    noisy = costs * np.where(np.arange(20) % 2, 1.03, 0.85)
    assert verdict(runs(list(costs)), runs(list(noisy)), margin=0.05) in ("no worse", "better")


def test_few_or_noisy_runs_show_nothing() -> None:
    assert verdict(runs([100]), runs([300])) == "unclear"
    assert verdict(runs([100, 900, 200]), runs([300, 100, 700])) == "unclear"


def test_equal_differences_of_few_pairs_are_no_proof() -> None:
    """All of n pairs differ in one direction with a probability of 2^(1 - n): 1/16 for five, 1/32 for six."""
    for pairs, expected in ((2, "unclear"), (5, "unclear"), (6, "worse")):
        before, after = runs([20.0] * pairs), runs([22.0] * pairs)
        (row,) = compare(*before, *after).to_dict("records")
        assert (row["p_value"], row["verdict"]) == (2.0 ** (1 - pairs), expected)


def test_a_few_pairs_that_differ_a_little_do_not_show_that_nothing_changed() -> None:
    """All of n pairs lie below the margin by chance with a probability of 2^-n: 1/16 for four, 1/32 for five."""
    for pairs, expected in ((2, "unclear"), (4, "unclear"), (5, "same")):
        assert verdict(runs([100.0] * pairs), runs([101.0] * pairs)) == expected


def test_the_same_runs_are_the_same_however_few_they_are() -> None:
    assert verdict(runs([100]), runs([100])) == "same"
    assert verdict(runs([100, 300], "ac"), runs([100, 300], "ac")) == "same"
    assert verdict(runs([100, 300], "ac"), runs([100, 300], "aa")) != "same"


def test_arrivals_count_where_one_never_arrives() -> None:
    ten = [100.0] * 10
    assert verdict(runs(ten), runs(ten, "c" * 10)) == "worse"
    assert verdict(runs(ten, "e" * 10), runs(ten)) == "better"
    assert verdict(runs(ten, "c" * 10), runs(ten, "e" * 10)) == "nothing arrived"
    (row,) = compare(*runs(ten), *runs(ten, "c" * 10)).to_dict("records")
    assert row["ratio"] == inf


def test_only_pairs_are_compared() -> None:
    (row,) = compare(*runs([10, 20, 30]), *runs([10, 20])).to_dict("records")
    assert row["pairs"] == 2
    assert compare(*runs([1.0], problem="p"), *runs([1.0], problem="q")).empty


def test_many_rows_are_corrected_for_their_number() -> None:
    """One row has p = 0.02; among 20 rows the adjusted p is 0.4."""
    rng = np.random.default_rng(5)
    costs = 100 + rng.standard_normal(8)
    tables = [runs(list(costs), problem=f"p{k}") for k in range(20)]
    other = [runs(list(costs + (1.0 if k == 0 else 0.0) * rng.standard_normal(8)), problem=f"p{k}") for k in range(20)]
    first, second = ((pd.concat([t[0] for t in side]), pd.concat([t[1] for t in side])) for side in (tables, other))
    every = compare(first[0].reset_index(drop=True), first[1].reset_index(drop=True),
                    second[0].reset_index(drop=True), second[1].reset_index(drop=True))  # fmt: skip
    (alone,) = compare(*tables[0], *other[0])["p_value"]
    assert every["p_value"][0] == pytest.approx(min(1.0, 20 * alone))


@pytest.mark.slow
def test_false_alarms_are_rare_and_a_slow_down_of_a_tenth_is_found() -> None:
    rng = np.random.default_rng(0)

    def campaign(factor: float) -> str:
        hard = np.exp(0.5 * rng.standard_normal(30))
        first, second = (hard * np.exp(0.08 * rng.standard_normal(30)) for _ in range(2))
        return verdict(runs(list(first)), runs(list(factor * second)), margin=0.01)

    assert sum(campaign(1.0) == "worse" for _ in range(200)) <= 12  # 2.5 % one-sided: 5 expected
    assert sum(campaign(1.1) == "worse" for _ in range(200)) >= 180
