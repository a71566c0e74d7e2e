"""What long runs tell on the way: in this process, across a worker's pipe, and what is made of it."""

import io
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from mdsbench.campaigns import progress
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.events import Notice, RunProgress, emit, listening
from mdsbench.runs.execute import execute

CELL = Cell("places(n=5000,precision=single,distances=computed)", "gd", "uniform", Limits(calls=8, seconds=60))
NEWS = RunProgress("k", "places-9", "gd", 12.0, 3.5, 0.0123456, 61.4, 1.0)


def test_a_run_tells_whoever_listens_and_only_in_the_block() -> None:
    events: list[RunProgress | Notice] = []
    emit(Notice("nobody hears this"))
    with listening(events.append):
        emit(Notice("this"))
    emit(Notice("nor this"))
    assert events == [Notice("this")]


@pytest.mark.slow
def test_a_long_run_tells_how_it_goes_here_and_from_a_worker() -> None:
    for executor in (pool.serial, lambda function, cells: pool.processes(function, cells, 1)):
        events: list[RunProgress | Notice] = []
        with listening(events.append):
            (run,) = executor(execute, [CELL])
        first = events[0]
        assert isinstance(first, RunProgress)
        assert (first.key, first.solver) == (CELL.key, "gd")
        assert first.calls <= 1  # told at once, for the driver waits for it
        assert first.longest > 0
        assert run.calls == 8


def test_a_short_run_has_nothing_to_tell() -> None:
    events: list[RunProgress | Notice] = []
    with listening(events.append):
        execute(Cell("cities-34", "gd", "uniform", Limits(calls=8)))
    assert events == []


def test_a_line_says_what_is_known() -> None:
    assert progress.line(NEWS) == "gd on places-9: 12 calls, gap 0.0123, 61 s"
    assert progress.line(NEWS._replace(calls=0.0, loss=inf, gap=inf)) == "gd on places-9: at its first call"
    assert progress.line(NEWS._replace(gap=nan)) == "gd on places-9: 12 calls, loss 3.5, 61 s"


def test_a_terminal_shows_the_runs_under_way_and_remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    screen = Console(file=said, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr(progress, "Console", lambda **_: screen)
    with progress.progress("large", 0, 2) as (_, events):
        events(NEWS)
        events(Notice("a checkpoint is damaged"))
    assert "gd on places-9: 12 calls" in said.getvalue()
    assert "a checkpoint is damaged\n" in said.getvalue()


def test_a_time_limit_shorter_than_a_call_ends_the_run_and_not_its_process(tmp_path: Path) -> None:
    """Nothing interrupts a call: the worker is given the time for it by what it tells, so that its records are kept."""
    cell = Cell(CELL.problem, "gd", "uniform", Limits(calls=10_000, seconds=1.0))
    (run,) = pool.processes(execute, [cell], 1)
    assert run.ending == "timeout"
    assert run.calls > 0
    assert np.isfinite(run.final_loss)


def test_drawing_few_of_a_billion_pairs_takes_no_memory_for_the_rest() -> None:
    from tracemalloc import get_traced_memory, start, stop

    start()
    drawn = np.random.default_rng(0).choice(1_262_506_125, 50_250, replace=False)
    _, peak = get_traced_memory()
    stop()
    assert len(set(drawn.tolist())) == 50_250
    assert peak < 20_000_000
