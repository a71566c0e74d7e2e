"""The gap at any time: a table worked by hand, and a plain loop over real runs."""

import numpy as np
import pandas as pd
import pytest

from mdsbench.errors import UsageError
from mdsbench.statistics.anytime import anytime

RUNS = [  # key, solver, spent gradients, least loss
    ("a", "gd", 8, 0.1),
    ("b", "gd", 2, 0.5),
    ("c", "gd", 4, 0.01),
    ("d", "slow", 4, 2.0),
]
MOMENTS = [("a", 1, 2.0), ("a", 2, 1.0), ("a", 8, 0.1), ("b", 1, 2.0), ("b", 2, 0.5), ("c", 1, 2.0), ("c", 4, 0.01)]


def by_hand() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four runs that start at a loss of 2; the best known one is 0."""
    runs = pd.DataFrame(RUNS, columns=["key", "solver", "gradients", "final_loss"]).assign(
        version=lambda frame: frame["solver"], problem="sphere-4", problem_version="sphere-4", seed=0, dimension=4,
        start=[f"uniform(seed={k})" for k in range(4)], ending="budget", iterations=0, evaluations=0, hessian_vectors=0,
        terms=lambda frame: frame["gradients"], seconds=0.0, terms_per_pass=1, start_loss=2.0, best_known=0.0,
    )  # fmt: skip
    improvements = pd.DataFrame(MOMENTS, columns=["key", "gradients", "loss"]).assign(
        iterations=0, evaluations=0, hessian_vectors=0, terms=lambda frame: frame["gradients"], seconds=0.0
    )
    return runs, improvements


def test_quantiles_of_the_gap_by_hand() -> None:
    # Gaps of a, b, c. At 1: 1, 1, 1. At 2: 0.5, 0.25, 1. At 4: 0.5, 0.25 (b has ended), 0.005. At 8: 0.05, 0.25, 0.005.
    found = anytime(*by_hand(), points=4, quantiles=(0.0, 0.5, 1.0))
    gd = found[found["solver"] == "gd"]
    np.testing.assert_allclose(gd["cost"], [1, 2, 4, 8])
    np.testing.assert_allclose(gd["low"], [1, 0.25, 0.005, 0.005])
    np.testing.assert_allclose(gd["middle"], [1, 0.5, 0.25, 0.05])
    np.testing.assert_allclose(gd["high"], [1, 1, 0.5, 0.25])
    assert set(gd["runs"]) == {3}


def test_a_curve_ends_with_its_last_run_and_is_1_without_an_improvement() -> None:
    slow = anytime(*by_hand(), points=4).query("solver == 'slow'")
    np.testing.assert_allclose(slow["cost"], [1, 2, 4])
    assert set(slow["middle"]) == {1.0}


def test_the_order_of_the_rows_and_traces_of_other_runs_change_nothing() -> None:
    runs, improvements = by_hand()
    shuffled = improvements.sample(frac=1, random_state=0)
    other = improvements.head(1).assign(key="unknown", loss=-9.0)
    found = anytime(runs, pd.concat([shuffled, other], ignore_index=True))
    pd.testing.assert_frame_equal(found, anytime(runs, improvements))


def test_some_runs_can_be_chosen_and_the_others_count_for_the_floor() -> None:
    runs, improvements = by_hand()
    runs["best_known"] = np.nan  # so that the floor is 0.01, which c found
    found = anytime(runs, improvements, points=4, among=np.array([True, False, False, False]))
    np.testing.assert_allclose(found["middle"], [1, 0.99 / 1.99, 0.99 / 1.99, 0.09 / 1.99])


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_a_loop_over_the_runs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    runs, _ = by_hand()
    runs["gradients"] = runs["terms"] = rng.integers(20, 60, 4)
    traces = []
    for key, spent in zip(runs["key"], runs["gradients"], strict=True):
        at = np.sort(rng.choice(np.arange(1, spent + 1), 10, replace=False))
        loss = np.sort(rng.random(10) * 3)[::-1] - 0.01
        traces.append(pd.DataFrame({"key": key, "gradients": at, "terms": at, "loss": loss}))
    improvements = pd.concat(traces).assign(iterations=0, evaluations=0, hessian_vectors=0, seconds=0.0)
    found = anytime(runs, improvements, by=["problem"], points=12)
    for row in found.to_dict("records"):
        gaps = []
        for _, trace in improvements.groupby("key"):
            seen = trace[trace["gradients"] <= row["cost"] * (1 + 1e-12)]["loss"]
            gaps.append(min([1.0, *(max(0.0, loss / 2.0) for loss in seen)]))
        assert row["middle"] == pytest.approx(sorted(gaps)[1])  # two of four runs have it or less
        assert row["low"] == pytest.approx(sorted(gaps)[0])


def test_a_run_that_starts_at_the_floor_and_one_that_was_killed_are_no_trouble() -> None:
    runs, improvements = by_hand()
    runs.loc[0, "start_loss"] = 0.0
    runs.loc[3, ["start_loss", "final_loss"]] = np.nan
    found = anytime(runs, improvements)
    assert found[["low", "middle", "high"]].notna().all(axis=None)


def test_nothing_has_no_curve() -> None:
    runs, improvements = by_hand()
    for some in (runs.head(0), runs.assign(gradients=0, terms=0)):
        found = anytime(some, improvements.head(0))
        assert found.empty
        assert "middle" in found
    assert anytime(runs, improvements, among=np.zeros(4, dtype=bool)).empty


@pytest.mark.parametrize("quantiles", [(0.5, 0.2, 0.9), (-0.1, 0.5, 0.9), (0.1, 0.5, np.nan)])
def test_quantiles_that_make_no_sense_are_refused(quantiles: tuple[float, float, float]) -> None:
    with pytest.raises(UsageError, match="three quantiles"):
        anytime(*by_hand(), quantiles=quantiles)
