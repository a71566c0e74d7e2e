"""Results are made of stored runs alone: the code of a solver that is not registered here is not needed."""

from dataclasses import replace
from pathlib import Path

import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run, lost
from mdsbench.statistics.results import derivative_free, map_of


def stored(solver: str, problem: str = "cities-6", gradients: int = 0) -> Run:
    cell = Cell.as_stored(problem, solver, "published", Limits(), 0, key="0" * 16, versions=[1])
    run = lost(cell, Ending.BUDGET, "")
    return replace(run, spent=Moment(1, 1, gradients, 0, 1, 0.0, 1.0))


@pytest.mark.parametrize(
    ("solver", "gradients", "expected"),
    [
        ("gd", 0, False),
        ("nelder-mead", 0, True),
        ("gd[central-difference]", 0, True),
        ("gone.py:s", 0, True),
        ("gone.py:s", 3, False),
        ("multistart(solver=gone.py:s)", 3, False),
        ("gd[gone.py:source]", 0, True),
    ],
)
def test_a_solver_that_is_not_here_is_judged_by_its_account(solver: str, gradients: int, expected: bool) -> None:
    assert derivative_free(stored(solver, gradients=gradients)) is expected


def test_a_problem_of_a_users_file_is_not_loaded_to_read_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("open('trace', 'w')\n")
    with pytest.raises(UsageError, match="a problem of a user's file or module, which is not loaded to read a store"):
        map_of(stored("gd", "mine.py:p"))
    assert not Path("trace").exists()
