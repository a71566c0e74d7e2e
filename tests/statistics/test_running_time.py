"""Expected running times, success rates and who is told apart: by hand, and as identities."""

from math import exp, inf, sqrt

import numpy as np
import pandas as pd
import pytest

from mdsbench.statistics.running_time import (
    ert_interval,
    holm,
    running_time,
    simulated_restarts,
    told_apart,
    wilson,
)

STUDENT_3 = 3.182446305284263  # the 97.5 % point of Student's t with 3 degrees of freedom
NORMAL = 1.959963984540054


def table(*runs: tuple[str, str, str, float]) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Runs of (solver, trial, fate, cost) on one problem."""
    frame = pd.DataFrame(runs, columns=["solver", "trial", "fate", "cost"])
    return frame.assign(problem="p-2", dimension=2, start="uniform", target=0.01), frame["cost"]


def test_ert_by_hand() -> None:
    """Costs 10, 20, 30, 60, three arrivals: ERT 120/3 = 40, e = -30, -20, -10, 60, sum of squares 5,000."""
    ert, low, high = ert_interval(np.array([10.0, 20.0, 30.0, 60.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    error = sqrt(5_000 / (4 * 3)) / 30
    assert ert == 40
    assert low == pytest.approx(40 * exp(-STUDENT_3 * error))
    assert high == pytest.approx(40 * exp(STUDENT_3 * error))


def test_wilson_by_hand() -> None:
    share, runs, square = 0.75, 4, NORMAL**2
    centre = (share + square / (2 * runs)) / (1 + square / runs)
    half = NORMAL * sqrt(share * (1 - share) / runs + square / (4 * runs**2)) / (1 + square / runs)
    assert wilson(3, 4) == pytest.approx((centre - half, centre + half))
    assert wilson(0, 0) == (0, 1)


def test_without_an_arrival_there_is_a_lower_bound_only() -> None:
    """With 5 runs and none arrived, a success rate above 1 - 0.05^(1/5) = 0.451 is refused at 95 %."""
    expected = (inf, 100 / (1 - 0.05 ** (1 / 5)), inf)
    assert ert_interval(np.full(5, 100.0), np.zeros(5)) == pytest.approx(expected)


def test_one_run_bounds_nothing() -> None:
    assert ert_interval(np.array([7.0]), np.array([1.0])) == (7, 0, inf)


def test_runs_that_are_all_alike_leave_no_doubt() -> None:
    assert ert_interval(np.full(5, 7.0), np.ones(5)) == (7, 7, 7)


def test_a_row_has_the_fates_the_multiple_and_the_tie() -> None:
    found = running_time(
        *table(
            ("fast", "a", "arrived", 10),
            ("fast", "b", "arrived", 12),
            ("fast", "c", "elsewhere", 11),
            ("slow", "a", "arrived", 1000),
            ("slow", "b", "arrived", 1200),
            ("slow", "c", "elsewhere", 1100),
            ("lost", "a", "censored", 50),
            ("lost", "b", "censored", 50),
            ("lost", "c", "elsewhere", 50),
        )
    ).set_index("solver")
    assert list(found["arrived"]) == [2, 2, 0]
    assert list(found["censored"]) == [0, 0, 2]
    assert list(found["ert"]) == [16.5, 1650, inf]
    assert list(found["multiple"]) == [1, 100, inf]
    assert list(found["tied"]) == [True, False, True]  # 0 of 3 against 2 of 3 may be chance
    assert found.loc["fast", "share"] == pytest.approx(2 / 3)


def test_pairs_tell_apart_what_differs_by_a_little_at_every_start() -> None:
    costs = np.exp(np.random.default_rng(0).standard_normal(20))
    assert told_apart(costs, np.ones(20), 1.1 * costs, np.ones(20)) < 1e-6
    shuffled = np.random.default_rng(1).permutation(costs)
    assert told_apart(costs, np.ones(20), 1.1 * shuffled, np.ones(20)) > 0.05
    assert told_apart(costs, np.ones(20), costs, np.ones(20)) == 1


def test_a_solver_that_never_arrives_is_told_apart_by_the_arrivals() -> None:
    """Fisher: 10 of 10 against 0 of 10 has the probability 2 / binomial(20, 10)."""
    p = told_apart(np.ones(10), np.ones(10), np.ones(10), np.zeros(10))
    assert p == pytest.approx(2 / 184_756)


def test_holm_by_hand() -> None:
    """Sorted 0.01, 0.02, 0.04 times 3, 2, 1."""
    assert list(holm(np.array([0.04, 0.01, 0.02]))) == pytest.approx([0.04, 0.03, 0.04])


def test_simulated_restarts_have_the_ert_as_their_mean() -> None:
    costs, arrived = np.array([10.0, 20.0, 30.0, 60.0]), np.array([1.0, 1.0, 1.0, 0.0])
    drawn = simulated_restarts(costs, arrived, 200_000)
    assert drawn.mean() == pytest.approx(40, rel=0.01)
    assert drawn.min() == 10
    assert set(simulated_restarts(costs, np.zeros(4), 3)) == {inf}


def test_an_empty_table_has_no_running_time() -> None:
    frame, costs = table()
    assert running_time(frame, costs).empty
