"""A run that was killed goes on from its checkpoint and ends as if nothing had happened."""

import errno
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.problems import problem
from mdsbench.problems.problem import Array, Problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.checkpoints import Checkpoints, Journal, journal_of
from mdsbench.runs.execute import execute_on
from mdsbench.runs.run import Interrupted, Run
from mdsbench.store.merge import difference

ZOO = Path(__file__).parents[1] / "zoo"
SOLVERS = ["gd", "nesterov", "gd(step=armijo)", "l-bfgs-b", "smacof", "newton-cg", "gd[mini-batch](step=power)", "adam"]


class Power(KeyboardInterrupt):
    """Goes off, as kill -9 does: nobody can catch it."""


class Asked:
    """A problem whose answers are counted, and which kills the run at a certain call."""

    def __init__(self, plain: Problem, last: float = float("inf"), wait: float = 0.0) -> None:
        self.calls: Counter[str] = Counter()
        self.last, self.wait = last, wait
        names = ("value", "value_and_gradient", "hessian_vector", "guttman")
        counted: dict[str, Any] = {name: self._counted(name, getattr(plain, name)) for name in names}
        self.problem = replace(plain, **counted)

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*where: Array) -> Any:
            self.calls[name] += 1
            if self.calls.total() > self.last:
                raise Power
            time.sleep(self.wait)
            return function(*where)

        return counted


def run(
    solver: str, path: Path | None, last: float = float("inf"), wait: float = 0.0, **limits: Any
) -> tuple[Run, int, list[str]]:
    """A run with a journal: what came out, how many calls were computed, and the notices."""
    notices: list[str] = []
    asked = Asked(problem.find("cities-34"), last, wait)
    cell = Cell("cities-34", solver, "published", Limits(**(limits or {"calls": 60})))
    x0 = np.random.RandomState(42).uniform(size=68)
    with Journal(path, cell.key, notices.append) as journal:
        done = execute_on(asked.problem, x0, cell, 1, journal=journal)
    return done, asked.calls.total(), notices


def killed(solver: str, path: Path, last: int, **options: Any) -> None:
    with pytest.raises(Interrupted):
        run(solver, path, last, **options)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.checkpoints" / "key.journal"


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_killed_run_ends_as_an_undisturbed_one_and_computes_no_call_twice(path: Path, solver: str) -> None:
    undisturbed, calls, _ = run(solver, None)
    half = calls // 2
    killed(solver, path, half)
    resumed, computed, notices = run(solver, path)
    assert difference(undisturbed, resumed) == ""
    assert computed == calls - half
    assert notices == []


def test_a_run_may_be_killed_again_and_again(path: Path) -> None:
    for _ in range(5):
        killed("adam", path, 10)
    resumed, computed, _ = run("adam", path)
    undisturbed, calls, _ = run("adam", None)
    assert difference(undisturbed, resumed) == ""
    assert computed == calls - 50


@pytest.mark.parametrize("torn", [1, 4, 30, 500])
def test_a_record_torn_by_the_kill_is_computed_again_and_nobody_hears_of_it(path: Path, torn: int) -> None:
    killed("gd", path, 30)
    whole = path.read_bytes()
    path.write_bytes(whole[:-torn])
    resumed, computed, notices = run("gd", path)
    undisturbed, calls, _ = run("gd", None)
    assert difference(undisturbed, resumed) == ""
    assert computed == calls - 29
    assert notices == []


@pytest.mark.parametrize("at", [0.3, 0.6, 0.9])
def test_what_stands_before_the_damage_is_used(path: Path, at: float) -> None:
    killed("gd", path, 30)
    content = bytearray(path.read_bytes())
    content[int(at * len(content))] ^= 1
    path.write_bytes(content)
    resumed, computed, notices = run("gd", path)
    undisturbed, calls, _ = run("gd", None)
    assert difference(undisturbed, resumed) == ""
    assert calls - 30 < computed < calls
    assert notices == [f"the checkpoint {path} is good up to call {calls - computed}: it goes on from there"]


@pytest.mark.parametrize("content", [b"\0" * 1000, b'{"journal": 1, "key": "another"}\n', b"no end" * 1000])
def test_a_file_of_something_else_is_set_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    _, computed, (notice,) = run("gd", path)
    assert computed == run("gd", None)[1]
    assert notice.startswith(f"the checkpoint {path} is damaged or of another version: the run starts anew")
    assert path.with_name("key.journal.corrupt").read_bytes() == content


def test_a_file_torn_in_its_first_line_is_begun_again(path: Path) -> None:
    run("gd", path)
    path.write_bytes(path.read_bytes()[:20])
    assert run("gd", path)[1:] == (run("gd", None)[1], [])


def test_another_solver_does_not_take_the_answers_for_its_own(path: Path) -> None:
    """Even where somebody has renamed the file and mended its first line."""
    killed("gd", path, 30)
    answers = path.read_bytes().partition(b"\n")[2]
    killed("nesterov", other := path.with_name("other.journal"), 1)
    other.write_bytes(other.read_bytes().partition(b"\n")[0] + b"\n" + answers)
    resumed, _, notices = run("nesterov", other)
    assert difference(run("nesterov", None)[0], resumed) == ""
    assert len(notices) == 1


def test_the_seconds_before_the_kill_count(path: Path) -> None:
    killed("gd", path, 20, wait=0.01)
    began = time.perf_counter()
    resumed, _, _ = run("gd", path)
    wall = time.perf_counter() - began
    assert resumed.spent.seconds > 0.18
    assert resumed.spent.seconds - wall > 0.1
    seconds = [moment.seconds for moment in resumed.improvements]
    assert all(before <= after for before, after in pairwise(seconds))


def test_the_time_limit_is_of_the_whole_run(path: Path) -> None:
    killed("gd", path, 30, wait=0.01, seconds=0.4)
    resumed, computed, _ = run("gd", path, wait=0.01, seconds=0.4)
    assert resumed.ending == "timeout"
    assert computed <= 12


def test_what_the_referee_looks_at_is_off_the_clock_when_it_is_read_too(path: Path) -> None:
    """Nesterov's iterates are not where it asks: half of its journal are the referee's looks."""
    killed("nesterov", path, 41, wait=0.01, calls=25)
    resumed, _, _ = run("nesterov", path, calls=25)
    assert 0.2 < resumed.spent.seconds < 0.3


def test_a_folder_that_cannot_be_made_is_one_line_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done, _, (notice,) = run("gd", tmp_path / "file" / "key.journal")
    assert difference(run("gd", None)[0], done) == ""
    assert notice.startswith("no checkpoints in ")
    assert notice.endswith("; the run goes on without")


def test_a_disk_that_fills_up_ends_the_journal_and_not_the_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append, written = Journal._append, count()

    def full(self: Journal, record: bytes) -> None:
        if next(written) > 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, record)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "_append", full)
        done, calls, notices = run("gd", path)
    assert len(notices) == 1
    assert difference(run("gd", None)[0], done) == ""
    resumed, computed, _ = run("gd", path)
    assert difference(done, resumed) == ""
    assert computed == calls - 10


def test_the_folder_goes_with_its_last_journal(tmp_path: Path) -> None:
    kept = Checkpoints.beside(tmp_path / "s.sqlite")
    for key in ("a", "b"):
        killed("gd", kept.path(key), 2)
    assert kept.keys() == {"a", "b"}
    kept.forget("a")
    assert kept.keys() == {"b"}
    kept.forget("b")
    kept.forget("b")
    assert not kept.folder.exists()


def slow_and_fast(path: Path | None, last: float = float("inf"), **options: Any) -> tuple[int, int, list[str]]:
    """Twenty calls of which every third is slow: how many were slow, how many were read, and the notices."""
    calls = count(1)
    notices: list[str] = []
    times: list[float] = []
    plain = problem.find("sphere-2")

    def value(x: Array) -> float:
        number = next(calls)
        if number > last:
            raise Power
        times.append(0.01 if x[0] % 3 == 0 else 0.0)
        time.sleep(times[-1])
        return plain.value(x)

    with Journal(path, "k", notices.append, slow=0.005, **options) as journal:
        kept = journal.over(replace(plain, value=value))
        for k in range(20):
            assert kept.value(np.array([k, 1.0])) == plain.value(np.array([k, 1.0]))
    return sum(seconds > 0 for seconds in times), journal.replayed, notices


def test_only_slow_calls_are_kept_and_the_fast_ones_between_them_computed_again(path: Path) -> None:
    with pytest.raises(Power):
        slow_and_fast(path, last=11)
    slow, read, notices = slow_and_fast(path)
    assert (slow, read, notices) == (3, 4, [])
    assert slow_and_fast(path) == (0, 7, [])


def test_answers_wait_until_they_took_long_enough_to_be_written(path: Path) -> None:
    with Journal(path, "k", slow=0.0, unwritten=0.03) as journal:
        kept = journal.over(Asked(problem.find("sphere-2"), wait=0.01).problem)
        kept.value(np.zeros(2))
        assert not path.exists()
        for k in range(4):
            kept.value(np.full(2, float(k)))
        assert path.exists()


def test_what_waits_is_written_when_the_run_is_interrupted(path: Path) -> None:
    with pytest.raises(Power):
        slow_and_fast(path, last=11, unwritten=1000.0)
    assert slow_and_fast(path)[1] == 4


def test_a_run_of_fast_calls_writes_nothing(path: Path) -> None:
    with Journal(path, "k", slow=1000.0) as journal:
        kept = journal.over(problem.find("sphere-2"))
        assert np.isfinite(kept.value(np.ones(2)))
    assert not path.parent.exists()


def test_which_runs_have_a_journal(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)

    def journal(name: str, terms: int, checkpoints: Checkpoints | None = kept) -> Journal | None:
        task = replace(problem.find("cities-6"), terms=terms, ours=":" not in name)
        return journal_of(Cell(name, "gd", "published", Limits()), task, checkpoints, lambda _: None)

    assert journal("cities-6", 15) is None
    assert journal("cities-6", 10**6) is not None
    assert journal(f"{ZOO}/problems.py:good", 1) is not None
    assert journal(f"{ZOO}/problems.py:good", 1, None) is None
    assert journal("cities-6", 10**8, None) is not None


def test_a_failed_run_keeps_its_checkpoint(tmp_path: Path) -> None:
    kept = Checkpoints.beside(tmp_path / "s.sqlite")
    killed("gd", kept.path("a"), 2)
    kept.settle("a", Ending.KILLED)
    assert kept.keys() == {"a"}
    kept.settle("a", Ending.BUDGET)
    assert kept.keys() == set()
