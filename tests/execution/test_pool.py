"""The same cells, the same runs, wherever they are executed; and nothing is left behind."""

import os
import signal
import time
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import pytest

from kill import live_workers
from mdsbench.campaigns.driver import run_all
from mdsbench.execution import pool, processes
from mdsbench.execution import worker as worker_module
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
@pytest.mark.slow
def test_every_solver_gives_the_same_run_in_a_spawned_process(solvers: list[str]) -> None:
    cells = [Cell("cities-6", solver, "published", Limits(calls=60)) for solver in solvers]
    here = {run.cell.solver: trace(run) for run in pool.serial(execute, cells)}
    there = {run.cell.solver: trace(run) for run in pool.processes(execute, cells, 2)}
    assert here == there


def test_a_worker_that_dies_ends_its_run_and_leaves_no_process() -> None:
    runs = list(pool.processes(die, CELLS, 2))
    assert {run.cell for run in runs} == set(CELLS)
    assert {(run.ending, run.message) for run in runs} == {("killed", "the worker process ended with exit code 9")}
    assert live_workers() == []


def test_leaving_early_stops_the_workers() -> None:
    runs = pool.processes(execute, CELLS, 2)
    next(runs)
    runs.close()  # type: ignore[attr-defined]
    assert live_workers() == []


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
    assert live_workers() == []


def test_a_limit_of_a_month_does_not_overflow() -> None:
    outcomes = pool.apply(str.upper, ["a"], 1, limit=lambda _: 3e6, lost=lambda *_: "lost")
    assert list(outcomes) == ["A"]


def test_a_job_that_is_alone_has_a_process_of_its_own() -> None:
    def numbers(alone: Any) -> set[int]:
        outcomes = pool.apply(
            number_of_process, "abc", 1, limit=lambda _: None, lost=lambda *_: 0, alone=alone, kind=int
        )
        return set(outcomes)

    assert len(numbers(lambda _: True)) == 3
    assert len(numbers(lambda _: False)) == 1


def number_of_process(_: str) -> int:
    return os.getpid()


def die_by_signal(log: str) -> str:
    with Path(log).open("a") as file:
        file.write(".")
    os.kill(os.getpid(), signal.SIGTERM if Path(log).stat().st_size % 2 else signal.SIGINT)
    time.sleep(10)
    return "alive"


@pytest.mark.parametrize(("further", "tries"), [(0, 3), (5, 5 + 2)])
def test_three_deaths_end_a_job_unless_it_gets_further(tmp_path: Path, further: int, tries: int) -> None:
    log = tmp_path / "log"

    def progress(_: str) -> float:
        return float(min(log.stat().st_size, further))

    (outcome,) = pool.apply(
        die_by_signal,
        [str(log)],
        1,
        limit=lambda _: None,
        lost=lambda _, ending, message, __: f"{ending}: {message}",
        progress=progress,
    )
    assert outcome.startswith("killed: signal ")
    assert log.stat().st_size == tries


def test_the_time_in_which_the_driver_stands_still_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver wakes an hour late, and the job, which has stood still as well, is not overdue."""
    crew = pool.Crew(slowly, 1, limit=lambda _: 20.0, lost=lambda *_: "lost")
    crew.add("a")
    try:
        while not any(worker.ready for worker in crew._running):
            crew.step()
        offset = [0.0]
        for module in (pool, worker_module):
            monkeypatch.setattr(module, "monotonic", lambda: time.monotonic() + offset[0])

        def late(*arguments: Any) -> Any:
            offset[0] += 3600.0
            return wait(*arguments)

        with monkeypatch.context() as once:
            once.setattr(pool, "wait", late)
            outcomes = crew.step()
        while not outcomes:
            outcomes = crew.step()
        assert outcomes == ["A"]
    finally:
        crew.dismiss()


def slowly(job: str) -> str:
    time.sleep(0.3)
    return job.upper()


@pytest.mark.slow
def test_where_the_system_cannot_fork_workers_are_spawned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "METHOD", "spawn")
    zoo = Path(__file__).parents[1] / "zoo" / "solvers.py"
    limits = Limits(calls=200, seconds=5)
    bad = [Cell("cities-6", f"{zoo}:{name}", "published", limits) for name in ("raises", "exits_badly", "swallows")]
    runs = {run.cell: run for run in pool.processes(attempt, [*bad, *CELLS], 2)}
    assert [runs[cell].ending for cell in bad] == ["error", "killed", "timeout"]
    assert [trace(runs[cell]) for cell in CELLS] == [trace(execute(cell)) for cell in CELLS]
