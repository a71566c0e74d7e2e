"""The result of a function that is noisy by itself is valued again, by calls that the budget keeps."""

from collections.abc import Callable
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mdsbench.errors import UsageError
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits, Stop
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.own_functions import declared
from mdsbench.problems.problem import Array, Problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute, execute_on
from mdsbench.runs.run import Interrupted, Run


def noisy(noise: float = 1.0, true: Callable[[Array], float] = lambda _: 0.0, **options: Any) -> Problem:
    """A function with normal noise, flat unless `true` says what its mean is."""
    rng = np.random.default_rng(5)

    def function(x: Array) -> float:
        return true(x) + noise * rng.normal()

    return declared(function, {"dimension": 2, "noise": noise, **options})


def run_on(task: Problem, calls: int, solver: str = "random-search", target: float | None = None) -> Run:
    limits = Limits(calls=calls, target=target)
    cell = Cell.as_stored(task.name, solver, "given", limits, 0, key="", versions=())
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
    run = run_on(noisy(), 8)
    assert run.spent.evaluations == 8
    assert "valued again 4 times" in run.message


def test_a_solver_that_stops_by_itself_is_valued_again_too() -> None:
    run = run_on(noisy(1e-3, lambda x: float((x - 1) @ (x - 1))), 2000, "cobyla")
    assert run.ending == "converged"
    assert run.final_loss == pytest.approx(float((run.final_x - 1) @ (run.final_x - 1)), abs=4e-3 / 10**0.5)


def failing(after: int, fault: BaseException, last: int = 10**9) -> Problem:
    """A function whose value is 1 / k at call k, but for the calls from `after` to `last`, which raise."""
    calls = 0

    def function(x: Array) -> float:
        nonlocal calls
        calls += 1
        if after < calls <= last:
            raise fault
        return 1.0 / calls

    return declared(function, {"dimension": 2, "noise": 0.1})


@pytest.mark.parametrize("fault", [ValueError("broken"), UsageError("broken"), SystemExit("broken")])
def test_the_values_until_a_call_fails_are_averaged(fault: BaseException) -> None:
    run = run_on(failing(12, fault), 20)
    assert run.ending == "budget"
    assert run.final_loss == pytest.approx((1 / 11 + 1 / 12) / 2)
    assert run.spent.evaluations == 13
    assert "valued again 2 times, is 0.0871212" in run.message
    assert "broken" in run.message


def test_a_result_that_cannot_be_valued_again_has_no_loss() -> None:
    run = run_on(failing(10, ValueError("broken")), 20)
    assert (run.final_loss, run.improvements) == (inf, [])
    assert "its loss is unknown, because the lowest value, 0.1, may be luck; a call failed: ValueError" in run.message


def test_a_result_that_is_no_number_when_it_is_valued_again_has_no_loss() -> None:
    values = iter([1.0] * 10 + [nan] * 10)
    run = run_on(declared(lambda _: next(values), {"dimension": 2, "noise": 0.1}), 20)
    assert (run.final_loss, run.improvements) == (inf, [])
    assert "the result, valued again, is not a finite number" in run.message


def test_a_run_that_fails_is_valued_again_too() -> None:
    """The function fails once, at its sixth call, which ends the run; then it is valued again ten times."""
    run = run_on(failing(5, ValueError("broken"), last=6), 40)
    assert run.ending == "error"
    assert run.final_loss == pytest.approx(sum(1 / k for k in range(7, 17)) / 10)


class Clock:
    """A clock that a function moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("calls", "searched"), [(4, 2), (10, 5), (40, 30)])
def test_the_time_limit_keeps_the_time_to_value_the_result_again(calls: int, searched: int) -> None:
    """Each call takes a second: ten calls are kept, or half of the time if it is too short for twenty."""
    clock, rng = Clock(), np.random.default_rng(0)

    def function(x: Array) -> float:
        clock.now += 1.0
        return float(rng.normal())

    task = declared(function, {"dimension": 2, "noise": 1.0})
    oracle = Oracle(task, np.zeros(2), Limits(seconds=calls), clock=clock)
    with pytest.raises(Stop, match="time limit"):
        while True:
            oracle.value(np.zeros(2))
    assert oracle.evaluations == searched + 1  # the limit is seen when it is over
    oracle.revalue()
    assert clock.now <= calls
    assert oracle.evaluations == calls
    assert f"valued again {calls - searched - 1} time" in oracle.remarks[0].replace("once", "1 time")


@pytest.mark.slow
def test_a_slow_function_is_not_killed_by_the_pool_while_it_is_valued_again(tmp_path: Path) -> None:
    """Its hundred new values would take four seconds, and the pool kills a run that lasts one and a half."""
    (tmp_path / "slow.py").write_text(SLOW)
    cell = Cell(f"{tmp_path}/slow.py:f", "random-search", "published", Limits(seconds=1.0))
    (run,) = pool.processes(execute, [cell], 1)
    assert run.ending == "timeout"
    assert "killed" not in run.message
    assert "valued again" in run.message
    assert isfinite(run.final_loss)


SLOW = """
from time import sleep
import mdsbench, numpy as np
rng = np.random.default_rng(0)

@mdsbench.problem(dimension=2, noise=1.0, repeats=100)
def f(x):
    sleep(0.04)
    return float(rng.normal())
"""


def test_a_run_that_the_callback_ends_is_valued_again() -> None:
    def callback(x: Array, loss: float) -> None:
        raise StopIteration

    task = noisy(1e-3, lambda x: float((x - 1) @ (x - 1)))
    cell = Cell.as_stored(task.name, "nelder-mead", "given", Limits(calls=99), 0, key="", versions=())
    run = execute_on(task, np.zeros(2), cell, 0, callback=callback)
    assert run.ending == "interrupted"
    assert "valued again 10 times" in run.message


def test_a_run_that_is_interrupted_from_the_keyboard_counts_no_lucky_value() -> None:
    with pytest.raises(Interrupted) as caught:
        run_on(failing(5, KeyboardInterrupt()), 40)
    assert (caught.value.run.final_loss, caught.value.run.improvements) == (inf, [])
    assert caught.value.run.spent.evaluations == 6
    assert "the lowest value, 0.2, may be luck" in caught.value.run.message


def test_an_interrupt_while_the_result_is_valued_again_keeps_the_values_until_then() -> None:
    with pytest.raises(Interrupted) as caught:
        run_on(failing(12, KeyboardInterrupt()), 20)
    assert caught.value.run.final_loss == pytest.approx((1 / 11 + 1 / 12) / 2)


def test_a_target_that_is_reached_by_luck_does_not_end_the_run() -> None:
    """No mean of ten values of a flat function is below -2, a value often is."""
    run = run_on(noisy(), 1000, target=-2.0)
    assert run.ending == "budget"
    assert run.spent.evaluations <= 1000
    assert run.final_loss > -2
    assert "values below the target that were luck: " in run.message


def test_a_target_that_is_reached_by_the_mean_ends_the_run() -> None:
    run = run_on(noisy(0.01, lambda x: float((x - 1) @ (x - 1))), 2000, "cobyla", target=0.1)
    assert run.ending == "target"
    assert run.final_loss <= 0.1
    assert run.spent.evaluations < 100
    assert run.message.count("valued again") == 1


def test_no_run_of_noise_alone_sets_the_floor_that_others_are_measured_by() -> None:
    """Whatever ends a run, the lowest loss of all is no lower than ten values on average can be."""
    faults = [failing(30, ValueError()), failing(30, SystemExit())]
    losses = [run_on(task, 100).final_loss for task in (*faults, noisy())]
    assert min(losses[2:]) > -4 / 10**0.5
    assert losses[:2] == [inf, inf]


def test_without_declared_noise_nothing_is_valued_again() -> None:
    run = run_on(declared(lambda x: float(x @ x), {"dimension": 2}), 30)
    assert run.message == "all 30 calls are spent"
