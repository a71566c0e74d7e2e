"""The ladder of oracles: rungs by the account, ratios of running times by hand and in simulation."""

from math import exp, inf, isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.arrivals import COUNTS, accounted, cost
from mdsbench.statistics.ert_ratio import told_apart
from mdsbench.statistics.ladder import RUNGS, ladder, ratio_interval, rungs

ACCOUNTS = ["evaluations", "comparisons", "directional_derivatives", "gradients", "hessian_vectors"]


def runs(solver: str, costs: list[float], *, fate: str = "arrived", n: int = 2, **counts: float) -> pd.DataFrame:
    """Runs of one solver from the starts a, b, c, ..., which have spent so much."""
    names: dict[str, Any] = {
        "problem": f"p-{n}",
        "family": "p",
        "dimension": n,
        "start": "uniform",
        "target": 0.1,
        "solver": solver,
    }
    names |= {"parts": 0.0, **dict.fromkeys(ACCOUNTS, 0.0), **counts, "floor_known": True}
    return pd.DataFrame({"trial": list("abcdefgh"[: len(costs)]), "fate": fate, "spent": costs}).assign(**names)


def test_the_account_says_the_rung() -> None:
    solvers = {
        "pattern-search": "comparisons", "nelder-mead": "values", "random-directions": "directional derivatives",
        "l-bfgs[axes]": "directional derivatives", "gd": "gradients", "gd[mini-batch](step=power)": "gradients",
        "newton-cg": "Hessian-vector products", "l-bfgs[forward-difference]": "values",
    }  # fmt: skip
    finished = [execute(Cell("cities-6", solver, "published", Limits(calls=30))) for solver in solvers]
    accounts = pd.DataFrame([run.spent for run in finished])
    passes = np.array([run.terms_per_pass for run in finished], float)
    table = pd.DataFrame(accounted(accounts, passes), columns=COUNTS).assign(solver=list(solvers))
    assert rungs(table) == solvers


def test_a_table_of_an_older_version_has_no_later_counts() -> None:
    table = runs("gd", [1.0], gradients=1.0).drop(columns=["comparisons", "directional_derivatives"])
    assert rungs(table) == {"gd": "gradients"}
    assert cost(table).tolist() == [1.0]


def test_the_best_of_each_rung_and_its_worth_by_hand() -> None:
    table = pd.concat(
        [
            runs("newton", [1.0, 3.0], hessian_vectors=1.0),
            runs("es", [90.0, 110.0], comparisons=9.0, evaluations=10.0),
            runs("search", [300.0, 300.0], comparisons=9.0, evaluations=10.0),
            runs("gd", [4.0, 6.0], gradients=5.0),
            runs("slow", [50.0, 50.0], gradients=5.0, evaluations=3.0),
        ],
        ignore_index=True,
    )
    found = ladder(table, table["spent"])
    assert found[["rung", "solver", "ert"]].to_numpy().tolist() == [
        ["comparisons", "es", 100.0],
        ["gradients", "gd", 5.0],
        ["Hessian-vector products", "newton", 2.0],
    ]
    assert isnan(found["worth"][0])
    assert found["worth"].tolist()[1:] == [20.0, 2.5]
    assert (found["worth_low"] <= found["worth"])[1:].all()
    assert [rung for rung in RUNGS if rung in set(found["rung"])] == found["rung"].tolist()


def test_a_ratio_and_its_interval_by_hand() -> None:
    # influences 1/3, -1/3 and 1/2, -1/2 of two runs each: differences -1/6 and 1/6, so the standard error is
    # sqrt(2/36 / 2) = 1/6, and Student's t with one degree of freedom at 95 % is 12.7062
    ones = np.ones(2)
    ratio, low, high = ratio_interval(np.array([40.0, 20.0]), ones, np.array([6.0, 2.0]), ones)
    assert ratio == 7.5
    assert high / ratio == pytest.approx(exp(12.7062 / 6), rel=1e-4)
    assert low * high == pytest.approx(ratio**2)


@pytest.mark.slow
def test_the_interval_has_1_where_two_solvers_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        costs, others = rng.exponential(size=(2, 6)) * [[1.0], [rng.choice([1.0, 2.0, 5.0])]]
        arrived, others_arrived = rng.random(size=(2, 6)) < 0.7
        sides = costs, arrived.astype(float), others, others_arrived.astype(float)
        if arrived.any() and others_arrived.any():
            _, low, high = ratio_interval(*sides)
            assert (low <= 1 <= high) == (told_apart(*sides) >= 0.05)


def test_a_solver_that_never_arrives_bounds_nothing() -> None:
    ones, none = np.ones(3), np.zeros(3)
    assert ratio_interval(ones, none, ones, ones) == (inf, 0.0, inf)
    assert ratio_interval(ones, ones, ones, none) == (0.0, 0.0, inf)
    assert isnan(ratio_interval(ones, none, ones, none)[0])
    assert ratio_interval(ones[:1], ones[:1], 2 * ones[:1], ones[:1]) == (0.5, 0.0, inf)


@pytest.mark.slow
def test_the_interval_holds_the_ratio_as_often_as_it_says() -> None:
    rng, held, trials = np.random.default_rng(1), 0, 400
    for _ in range(trials):
        difficulty = rng.lognormal(0, 0.5, size=20)  # of the starts, which both solvers share
        costs, others = (difficulty * rng.lognormal(0, 0.3, size=20) for _ in range(2))
        _, low, high = ratio_interval(10 * costs, np.ones(20), others, np.ones(20))
        held += low <= 10 <= high
    assert 0.91 <= held / trials <= 0.98


def test_solvers_without_a_common_trial_bound_nothing() -> None:
    table = pd.concat(
        [runs("es", [9.0], comparisons=1.0), runs("gd", [3.0], gradients=1.0).assign(trial="z")], ignore_index=True
    )
    found = ladder(table, table["spent"])
    assert isnan(found["worth"][1])
