"""The same cells, the same runs, wherever they are executed; and nothing is left behind."""

import multiprocessing
import os

import pytest

from mdsbench.campaigns.driver import run as run_campaign
from mdsbench.errors import UsageError
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.execute import Cell, Run, execute
from mdsbench.store.store import MemoryStore

CELLS = [Cell("cities-6", "nelder-mead", f"uniform(seed={seed})", Limits(calls=200)) for seed in range(4)]


def die(_: Cell) -> Run:
    os._exit(9)


def trace(run: Run) -> list[tuple[float, ...]]:
    return [moment._replace(seconds=0.0) for moment in run.improvements]


def test_a_spawned_process_gives_the_same_runs() -> None:
    here = {run.cell.key: trace(run) for run in pool.serial(execute, CELLS)}
    there = {run.cell.key: trace(run) for run in pool.processes(execute, CELLS, 2)}
    assert here == there


def test_every_solver_gives_the_same_run_in_a_spawned_process() -> None:
    cells = [Cell("cities-6", solver, "published", Limits(calls=60)) for solver in SOLVERS if solver != "grid"]
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


def test_what_a_worker_cannot_find_is_said_by_the_driver() -> None:
    with pytest.raises(UsageError, match="there is no solver 'gdd'; did you mean 'gd'"):
        run_campaign([Cell("cities-6", "gdd", "published", Limits(calls=9))], MemoryStore(), jobs=2)


def test_a_campaign_runs_what_is_missing_and_each_cell_once() -> None:
    store, finished = MemoryStore(), []
    run_campaign(CELLS[:2], store, done=lambda run: finished.append(run.cell))
    run_campaign([*CELLS, *CELLS], store, done=lambda run: finished.append(run.cell))
    assert finished == CELLS
    assert store.pending(CELLS) == []


def test_a_cell_has_one_key_however_its_solver_is_written() -> None:
    keys = {Cell("cities-6", solver, "published", Limits()).key for solver in ("gd(step=0.1)", "gd( step = 0.1 )")}
    assert len(keys) == 1
    assert Cell("cities-6", "gd(step=0.2)", "published", Limits()).key not in keys
    assert Cell("cities-6", "gd(step=0.1)", "published", Limits(calls=1)).key not in keys
