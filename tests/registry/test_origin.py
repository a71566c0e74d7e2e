"""Whose code a name stands for, told by the name."""

import pytest

from mdsbench.oracle.account import Limits
from mdsbench.registry.registry import solver
from mdsbench.runs.cell import Cell
from mdsbench.runs.foreign import runs_foreign_code


def cell(problem: str = "cities-6", solver: str = "gd", start: str = "published") -> Cell:
    return Cell(problem, solver, start, Limits())


@pytest.mark.parametrize(
    "ours",
    [
        cell(),
        cell(solver="adam[central-difference](step=0.1)"),
        cell(solver="gd(step=armijo)"),
        cell(solver="multistart(solver=nelder-mead)"),
        cell(problem="sphere-2", start="uniform(seed=3)"),
    ],
)
def test_what_this_package_registers_is_ours(ours: Cell) -> None:
    assert not runs_foreign_code(ours)


@pytest.mark.parametrize(
    "foreign",
    [
        cell(problem="mine.py:bowl"),
        cell(start="mine.py:corner"),
        cell(solver="mine.py:solve"),
        cell(solver="package.module:solve"),
        cell(solver="adam[mine.py:source]"),
        cell(solver="gd(step=mine.py:rule)"),
        cell(solver="gd(step=mine.py:rule(ratio=0.5))"),
        cell(solver="multistart(solver=mine.py:solve)"),
        cell(solver="multistart(solver=gd(step=mine.py:rule))"),
        cell(solver="unknown-to-all"),
    ],
)
def test_everything_else_is_foreign_at_any_depth(foreign: Cell) -> None:
    assert runs_foreign_code(foreign)


def test_what_a_session_registers_is_foreign(restored_registries: None) -> None:
    @solver("of-a-session", reference="a test")
    def of_a_session(oracle: object, x: object, rng: object) -> None:
        """Nothing."""

    assert runs_foreign_code(cell(solver="of-a-session"))
