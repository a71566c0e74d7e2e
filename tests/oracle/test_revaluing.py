"""The result of a function that is noisy by itself is valued again, by calls that the budget keeps."""

from collections.abc import Callable
from math import nan
from typing import Any

import numpy as np
import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems.own_functions import declared
from mdsbench.problems.problem import Array, Problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute_on
from mdsbench.runs.run import Run


def noisy(noise: float = 1.0, true: Callable[[Array], float] = lambda _: 0.0, **options: Any) -> Problem:
    """A function with normal noise, flat unless `true` says what its mean is."""
    rng = np.random.default_rng(5)

    def function(x: Array) -> float:
        return true(x) + noise * rng.normal()

    return declared(function, {"dimension": 2, "noise": noise, **options})


def run_on(task: Problem, calls: int, solver: str = "random-search") -> Run:
    cell = Cell.as_stored(task.name, solver, "given", Limits(calls=calls), 0, key="", versions=())
    return execute_on(task, np.zeros(2), cell, 0)


def test_the_result_is_the_mean_of_new_values_not_the_luckiest_of_many() -> None:
    luckiest = run_on(noisy(repeats=0), 1000)
    assert luckiest.final_loss < -2.5  # the least of a thousand
    valued = run_on(noisy(repeats=100), 1000)
    assert abs(valued.final_loss) < 4 / 100**0.5
    assert "valued again 100 times" in valued.message


def test_the_budget_keeps_the_calls_and_no_record_is_below_the_result() -> None:
    run = run_on(noisy(), 200)
    assert run.spent.evaluations == run.spent.terms == 200
    losses = [moment.loss for moment in run.improvements]
    assert losses[-1] == run.final_loss == min(losses)
    assert losses == sorted(losses, reverse=True)
    assert run.improvements[-1].evaluations <= 190


def test_a_small_budget_keeps_half_for_the_search() -> None:
    assert run_on(noisy(), 8).spent.evaluations == 8


def test_a_solver_that_stops_by_itself_is_valued_again_too() -> None:
    run = run_on(noisy(1e-3, lambda x: float((x - 1) @ (x - 1))), 2000, "cobyla")
    assert run.ending == "converged"
    assert run.final_loss == pytest.approx(float((run.final_x - 1) @ (run.final_x - 1)), abs=4e-3 / 10**0.5)


@pytest.mark.parametrize("fault", [ValueError("broken"), UsageError("broken"), None])
def test_a_function_that_fails_meanwhile_leaves_the_run_as_it_was(fault: Exception | None) -> None:
    calls = 0

    def function(x: Array) -> float:
        nonlocal calls
        calls += 1
        if calls > 10 and fault:
            raise fault
        return 1.0 / calls if calls <= 10 else nan

    run = run_on(declared(function, {"dimension": 2, "noise": 0.1}), 20)
    assert run.final_loss == pytest.approx(0.1)
    assert "valued again" in run.message


def test_without_declared_noise_nothing_is_valued_again() -> None:
    run = run_on(declared(lambda x: float(x @ x), {"dimension": 2}), 30)
    assert run.message == "all 30 calls are spent"
