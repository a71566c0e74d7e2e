"""A campaign run from Python: what is missing runs, and nothing is printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mdsbench
from mdsbench.campaigns import driver
from mdsbench.campaigns.plan import Plan, load
from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.endings import FAILED, Ending
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run, lost

TEXT = """
problems = ["cities-6"]
solvers = ["gd", "nelder-mead"]
starts = ["uniform"]
repetitions = 3
calls = 50
seconds = 5
"""
BROKEN = '''
def broken(fun, x0):
    """Raises."""
    raise RuntimeError("broken")
'''


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(TEXT)
    return load("small.toml")


def interrupts(after: int) -> Any:
    """A progress that interrupts the campaign after so many runs."""

    @contextmanager
    def progress(name: str, already: int, total: int) -> Iterator[tuple[Any, Any]]:
        finished = []

        def done(run: Run) -> None:
            finished.append(run)
            if len(finished) == after:
                raise KeyboardInterrupt

        yield done, lambda _: None

    return progress


@pytest.mark.parametrize("how", [{"serial": True}, {"jobs": 2}])
def test_what_is_missing_runs_and_nothing_is_printed(
    plan: Plan, how: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    assert mdsbench.run_campaign(plan, "a.sqlite", **how) == (6, 0, 0)
    with mdsbench.open_store("a.sqlite") as store:
        assert set(store.keys()) == plan.keyed().keys()
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.replace("loading the kernels, which the first time are compiled ...\n", "") == ""


def test_progress_receives_how_far_the_campaign_is_and_each_run(plan: Plan) -> None:
    calls: list[tuple[str, int, int]] = []
    runs: list[Run] = []

    @contextmanager
    def progress(name: str, already: int, total: int) -> Iterator[tuple[Any, Any]]:
        calls.append((name, already, total))
        yield runs.append, lambda _: None

    for _ in range(2):
        mdsbench.run_campaign(plan, serial=True, progress=progress)
    assert calls == [("small", 0, 6), ("small", 6, 6)]
    assert {run.cell.key for run in runs} == plan.keyed().keys()
    assert Path("small.sqlite").is_file()


def test_an_interrupted_campaign_says_what_is_kept_and_continues(plan: Plan) -> None:
    with pytest.raises(KeyboardInterrupt, match=r"2 of 6 runs are kept in small\.sqlite"):
        mdsbench.run_campaign(plan, serial=True, progress=interrupts(after=2))
    missing, seconds = driver.missing(plan, Path("small.sqlite"))
    assert len(missing) == 4
    assert list(seconds) == [("cities-6", "gd")]
    assert mdsbench.run_campaign(plan, serial=True) == (6, 0, 0)
    assert driver.missing(plan, Path("small.sqlite"))[0] == []


def test_failed_runs_are_run_again_only_on_request(plan: Plan) -> None:
    Path("broken.py").write_text(BROKEN)
    plan = load("small.toml", ["solvers=broken.py:broken"])
    assert mdsbench.run_campaign(plan, serial=True) == (0, 3, 0)
    assert driver.missing(plan, Path("small.sqlite"))[0] == []
    assert len(driver.missing(plan, Path("small.sqlite"), FAILED)[0]) == 3
    runs: list[Run] = []

    @contextmanager
    def progress(name: str, already: int, total: int) -> Iterator[tuple[Any, Any]]:
        yield runs.append, lambda _: None

    for rerun, expected in (((), 0), (["timeout"], 0), (["error"], 3)):
        runs.clear()
        mdsbench.run_campaign(plan, serial=True, rerun=rerun, progress=progress)
        assert len(runs) == expected


@pytest.mark.parametrize(
    ("says", "asked", "serial", "expected"),
    [(None, 3, False, 3), (2, None, False, 2), (2, 3, False, 3), (2, 3, True, 1)],
)
def test_how_many_cells_run_at_the_same_time(says: int | None, asked: int | None, serial: bool, expected: int) -> None:
    assert driver.workers(Plan("p", "", (), 16, says), asked, serial=serial) == expected


def test_a_campaign_that_does_not_exist_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="there is no file nowhere"):
        mdsbench.run_campaign("nowhere.toml")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_said_once_and_its_cells_wait(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = SOLVERS["nelder-mead"]
    monkeypatch.setitem(SOLVERS, "nelder-mead", replace(installed, needs=("no_such_library", "no_such_package")))
    events: list[Any] = []

    @contextmanager
    def progress(name: str, already: int, total: int) -> Iterator[tuple[Any, Any]]:
        yield (lambda _: None), events.append

    assert mdsbench.run_campaign(plan, serial=True, progress=progress) == (3, 0, 3)
    (notice,) = events
    wanted = (
        "the library no_such_package is not installed, and 3 cells wait for it: python -m pip install no_such_package"
    )
    assert notice.text == f"nelder-mead: {wanted}"
    monkeypatch.setitem(SOLVERS, "nelder-mead", installed)
    assert mdsbench.run_campaign(plan, serial=True) == (6, 0, 0)


def test_a_store_that_is_removed_while_a_campaign_runs_is_said(plan: Plan) -> None:
    @contextmanager
    def progress(name: str, already: int, total: int) -> Iterator[tuple[Any, Any]]:
        yield (lambda _: Path("small.sqlite").unlink(missing_ok=True)), lambda _: None

    with pytest.raises(Failure, match=r"small\.sqlite was removed or replaced"):
        mdsbench.run_campaign(plan, serial=True, progress=progress)


def test_a_run_under_another_key_leaves_its_cell(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def edited(cell: Cell, *_: Any) -> Run:
        now = Cell.as_stored(cell.problem, cell.solver, cell.start, cell.limits, cell.seed, key="0" * 16, versions=[9])
        return lost(now, Ending.BUDGET, "")

    monkeypatch.setattr(driver, "attempt", edited)
    assert mdsbench.run_campaign(plan, serial=True) == (0, 0, 6)
    with mdsbench.open_store("small.sqlite") as store:
        assert store.keys() == ["0" * 16]
