"""The ladder of oracles: rungs by the account, ratios of running times by hand and in simulation."""

from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.arrivals import COUNTS, accounted, cost
from mdsbench.statistics.comparison import compare
from mdsbench.statistics.ladder import RUNGS, ladder, rungs

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
    assert [rung for rung in RUNGS if rung in set(found["rung"])] == found["rung"].tolist()


def test_the_interval_of_the_worth_is_that_of_the_comparison_of_the_two_solvers() -> None:
    es = runs("es", [90.0, 110.0, 70.0, 130.0, 80.0, 95.0], comparisons=9.0)
    gd = runs("gd", [4.0, 6.0, 5.0, 7.0, 3.0, 5.5], gradients=5.0)
    table = pd.concat([es, gd], ignore_index=True)
    found = ladder(table, table["spent"]).iloc[1]
    as_one = [runs.assign(solver="one") for runs in (gd, es)]
    (row,) = compare(as_one[0], gd["spent"], as_one[1], es["spent"]).to_dict("records")
    assert found[["worth_low", "worth", "worth_high"]].tolist() == [row["low"], row["ratio"], row["high"]]
    assert 10 < row["low"] < row["ratio"] < row["high"] < 40


def test_solvers_without_a_common_trial_bound_nothing() -> None:
    table = pd.concat(
        [runs("es", [9.0], comparisons=1.0), runs("gd", [3.0], gradients=1.0).assign(trial="z")], ignore_index=True
    )
    found = ladder(table, table["spent"])
    assert isnan(found["worth"][1])
