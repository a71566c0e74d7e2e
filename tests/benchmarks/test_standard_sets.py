"""The shares of Moré and Wild's problems that three solvers solve."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def standard_sets(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module("standard_sets")


def test_a_share_counts_what_is_solved_within_the_budget(standard_sets: ModuleType) -> None:
    rows = [
        ("more-wild-1", "newuoa", "arrived", 300.0),  # 300 / 3 simplex gradients: just in time
        ("more-wild-2", "newuoa", "arrived", 301.0),
        ("more-wild-1", "nelder-mead", "censored", 10.0),
        ("more-wild-2", "nelder-mead", "arrived", 10.0),
        ("more-wild-1", "bfgs[forward-difference]", "arrived", 1.0),
        ("more-wild-2", "bfgs[forward-difference]", "arrived", 1.0),
    ]
    table = pd.DataFrame(rows, columns=["problem", "solver", "fate", "evaluations"])
    table = table.assign(dimension=2, trial="x0", target=1e-3, gradients=0.0, hessian_vectors=0.0, parts=0.0)
    assert standard_sets.shares(table, 1e-3) == {"newuoa": 0.5, "nelder-mead": 0.5, "bfgs[forward-difference]": 1.0}
    left = {"newuoa": [2], "nelder-mead": [1], "bfgs[forward-difference]": []}
    assert standard_sets.unsolved(table, 1e-3) == left


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of SciPy, where a step overflows
def test_three_solvers_solve_about_as_many_problems_as_expected(standard_sets: ModuleType) -> None:
    found = standard_sets.shares(standard_sets.runs_of("smooth", budget=100), 1e-3)
    for solver, expected in zip(standard_sets.SOLVERS, (0.92, 0.87, 0.96), strict=True):
        assert found[solver] == pytest.approx(expected, abs=0.06), solver
