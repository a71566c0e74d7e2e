"""Expected running times, success rates and who is told apart: by hand, and as identities."""

from math import inf

import numpy as np
import pandas as pd
import pytest

from mdsbench.statistics.ert import ert_interval
from mdsbench.statistics.running_time import holm, running_time, simulated_restarts

STUDENT_3 = 3.182446305284263  # the 97.5 % point of Student's t with 3 degrees of freedom
NORMAL = 1.959963984540054


def table(*runs: tuple[str, str, str, float]) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Runs of (solver, trial, fate, cost) on one problem."""
    frame = pd.DataFrame(runs, columns=["solver", "trial", "fate", "cost"])
    return frame.assign(problem="p-2", dimension=2, start="uniform", target=0.01), frame["cost"]


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
