"""The same cells, the same runs, wherever they are executed; and nothing is left behind."""

import multiprocessing
import os
import time

import pytest

from mdsbench.campaigns.driver import run_all
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt, execute
from mdsbench.runs.run import Run
from mdsbench.store.memory_store import MemoryStore

CELLS = [Cell("cities-6", "nelder-mead", f"uniform(seed={seed})", Limits(calls=200)) for seed in range(4)]


def die(_: Cell) -> Run:
    os._exit(9)


def trace(run: Run) -> list[tuple[float, ...]]:
    return [moment._replace(seconds=0.0) for moment in run.improvements]


def test_a_spawned_process_gives_the_same_runs() -> None:
    here = {run.cell.key: trace(run) for run in pool.serial(execute, CELLS)}
    there = {run.cell.key: trace(run) for run in pool.processes(execute, CELLS, 2)}
    assert here == there


EVERY = [solver for solver in SOLVERS if solver != "grid"]


@pytest.mark.parametrize("solvers", [EVERY[k::2] for k in range(2)], ids=lambda solvers: f"{solvers[0]} and others")
def test_every_solver_gives_the_same_run_in_a_spawned_process(solvers: list[str]) -> None:
    cells = [Cell("cities-6", solver, "published", Limits(calls=60)) for solver in solvers]
    here = {run.cell.solver: trace(run) for run in pool.serial(execute, cells)}
    there = {run.cell.solver: trace(run) for run in pool.processes(execute, cells, 2)}
    assert here == there


def test_a_worker_that_dies_ends_its_run_and_leaves_no_process() -> None:
    runs = list(pool.processes(die, CELLS, 2))
    assert {run.cell for run in runs} == set(CELLS)
    assert {(run.ending, run.message) for run in runs} == {("killed", "the worker process ended with exit code 9")}
    assert multiprocessing.active_children() == []


def test_leaving_early_stops_the_workers() -> None:
    runs = pool.processes(execute, CELLS, 2)
    next(runs)
    runs.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_a_run_whose_solver_a_worker_cannot_find_is_an_error_that_says_so() -> None:
    cell = Cell("cities-6", "gdd", "published", Limits(calls=9))
    (run,) = pool.processes(attempt, [cell], 2)
    assert run.ending == "error"
    assert "there is no solver 'gdd'; did you mean 'gd'" in run.message


def test_every_run_of_a_campaign_is_in_the_store_before_it_is_reported() -> None:
    store, finished = MemoryStore(), []

    def done(run: Run) -> None:
        assert store.get(run.cell) is run
        finished.append(run.cell)

    run_all(CELLS, store, pool.serial, snapshots=9, done=done)
    assert finished == CELLS
    assert store.pending(CELLS) == []


def behave(job: str) -> object:
    if job == "exits":
        os._exit(4)
    if job == "hangs":
        time.sleep(3600)
    if job == "raises":
        raise ZeroDivisionError("out of luck")
    return (lambda: 0) if job == "cannot be pickled" else job.upper()


def test_any_job_has_an_outcome_or_a_substitute() -> None:
    jobs = ["good", "exits", "hangs", "raises", "cannot be pickled", "better"]

    def lost(job: object, ending: str, message: str, seconds: float) -> object:
        return job, ending, message.partition(":")[0].partition("(")[0], seconds

    outcomes = list(pool.apply(behave, jobs, 2, limit=lambda job: 0.5 if job == "hangs" else None, lost=lost))
    assert len(outcomes) == len(jobs)
    assert {outcome for outcome in outcomes if isinstance(outcome, str)} == {"GOOD", "BETTER"}
    assert {outcome[:2] for outcome in outcomes if isinstance(outcome, tuple)} == {
        ("exits", "killed"),
        ("hangs", "timeout"),
        ("raises", "error"),
        ("cannot be pickled", "error"),
    }
    assert ("raises", "error", "ZeroDivisionError", 0.0) in outcomes
    assert ("hangs", "timeout", "killed", 0.5) in outcomes
    assert multiprocessing.active_children() == []
