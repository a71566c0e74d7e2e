"""Which camp is cheaper: hand-worked ratios, what is known where a camp never arrives, and the coverage."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import ARRIVED, CENSORED
from mdsbench.statistics.who_wins import FIRST, NEITHER, SECOND, TIED, camps, who_wins


def runs(solver: str, costs: list[float], gradients: float = 0.0, arrived: int = 99, problem: str = "p-2") -> Array:
    """The rows of one solver: the first `arrived` of its runs arrive."""
    rows = [
        {
            "problem": problem,
            "dimension": int(problem.partition("-")[2].partition("(")[0]),
            "start": "uniform",
            "target": 0.1,
            "solver": solver,
            "trial": str(k),
            "fate": ARRIVED if k < arrived else CENSORED,
            "gradients": gradients,
            "parts": 0.0,
            "hessian_vectors": 0.0,
            "cost": cost,
        }
        for k, cost in enumerate(costs)
    ]
    return np.array(rows, dtype=object)


def compared(*solvers: Array, first: str = "gradient") -> pd.DataFrame:
    table = pd.DataFrame([row for rows in solvers for row in rows])
    return who_wins(table, table["cost"], first, "derivative-free")


def test_camps_are_what_solvers_take_and_make() -> None:
    given = [runs("gd", [1.0], 3.0), runs("gd[spsa]", [1.0]), runs("search", [1.0]), runs("adam[mini-batch]", [1.0], 1)]
    table = pd.DataFrame([row for rows in given for row in rows])
    assert camps(table).to_dict() == {
        "gd": "gradient",
        "gd[spsa]": "differences",
        "search": "derivative-free",
        "adam[mini-batch]": "gradient",
    }


def test_a_solver_that_asks_for_slopes_is_in_neither_camp() -> None:
    table = pd.DataFrame(list(runs("l-bfgs[axes]", [1.0]))).assign(directional_derivatives=9.0)
    assert camps(table).to_dict() == {"l-bfgs[axes]": "directional derivatives"}


def test_the_best_of_each_camp_are_compared() -> None:
    (row,) = compared(
        runs("gd", [10.0, 10, 10], 1),
        runs("slow", [90.0, 90, 90], 1),
        runs("search", [50.0, 50, 50]),
        runs("lost", [1.0, 1, 1], arrived=0),
    ).to_dict("records")
    assert (row["first"], row["second"], row["winner"]) == ("gd", "search", FIRST)
    assert_allclose([row["ratio"], row["low"], row["high"]], 5.0)


def test_the_interval_is_that_of_the_paired_influences() -> None:
    ours, theirs = np.array([8.0, 10.0, 12.0]), np.array([18.0, 20.0, 22.0])
    (row,) = compared(runs("gd", ours.tolist(), 1), runs("search", theirs.tolist())).to_dict("records")
    difference = theirs / 20 - ours / 10
    wide = 4.302652729911275 * np.sqrt(np.square(difference).sum() / 6)  # Student's t with two degrees of freedom
    assert_allclose([row["ratio"], row["low"], row["high"]], 2 * np.exp([0, -wide, wide]))
    assert row["winner"] == (FIRST if 2 * np.exp(-wide) > 1 else TIED)


def test_the_dearer_camp_loses_and_one_that_cannot_be_told_apart_is_tied() -> None:
    dear, cheap = [40.0, 50.0, 60.0], [10.0, 11.0, 9.0]
    assert compared(runs("gd", dear, 1), runs("search", cheap))["winner"].tolist() == [SECOND]
    assert compared(runs("gd", [10.0, 30, 20], 1), runs("search", [20.0, 10, 30]))["winner"].tolist() == [TIED]


def test_a_camp_that_never_arrives_loses_where_enough_runs_say_so() -> None:
    costs = [10.0] * 6
    (row,) = compared(runs("gd", costs, 1), runs("search", [99.0] * 6, arrived=0)).to_dict("records")
    assert (row["ratio"], row["high"], row["winner"]) == (np.inf, np.inf, FIRST)
    assert row["low"] == pytest.approx(99 / (1 - 0.05 ** (1 / 6)) / 10)
    (row,) = compared(runs("gd", [99.0] * 6, 1, arrived=0), runs("search", costs)).to_dict("records")
    assert (row["ratio"], row["low"], row["winner"]) == (0.0, 0.0, SECOND)
    few = compared(runs("gd", costs[:2], 1), runs("search", [99.0] * 2, arrived=0))
    assert few["winner"].tolist() == [TIED]


def test_where_nobody_arrives_nobody_wins() -> None:
    (row,) = compared(runs("gd", [9.0] * 4, 1, arrived=0), runs("search", [9.0] * 4, arrived=0)).to_dict("records")
    assert row["winner"] == NEITHER
    assert np.isnan(row["ratio"])


def test_noise_and_size_are_read_from_the_name_and_other_options_make_another_map() -> None:
    names = ["p-2", "p-2(noise=0.1)", "p-8(noise=0.1, quantum=1.0)", "p-8(noise=much)", "p-8(noise=1.0)@x"]
    given = [side for name in names for side in (runs("gd", [1.0, 1], 1, 99, name), runs("s", [2.0, 2], problem=name))]
    found = compared(*given)
    assert found[["map", "noise", "dimension"]].to_numpy().tolist() == [
        ["p", 0.0, 2],
        ["p", 0.1, 2],
        ["p(quantum=1.0)", 0.1, 8],
    ]


def test_a_camp_without_runs_makes_no_row() -> None:
    assert compared(runs("gd", [1.0], 1)).empty
    assert compared(runs("gd[spsa]", [9.0, 9]), runs("s", [3.0, 3]), first="differences")["ratio"].tolist() == [1 / 3]


@pytest.mark.slow
def test_equal_camps_are_told_apart_no_more_often_than_the_level_says() -> None:
    rng, said = np.random.default_rng(0), 0
    for _ in range(200):
        costs = [rng.lognormal(3, 0.5, size=12).tolist() for _ in range(2)]
        said += int(compared(runs("gd", costs[0], 1), runs("search", costs[1]))["winner"].iloc[0] != TIED)
    assert said <= 200 * 0.05 + 3 * (200 * 0.05 * 0.95) ** 0.5
