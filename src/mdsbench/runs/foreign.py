"""Whether a cell runs code that this package does not register, and which therefore may do anything to its process."""

from functools import lru_cache

from mdsbench.problems import problem
from mdsbench.registry.origin import is_foreign
from mdsbench.registry.registry import PROBLEMS, SOLVERS, STARTS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell


def runs_foreign_code(cell: Cell) -> bool:
    """Whether its problem, solver or start is foreign, or anything that they name in brackets or options."""
    return _foreign_problem(cell.problem) or _foreign_solver(cell.solver) or _foreign_start(cell.start)


# A campaign has many cells of few names.
@lru_cache(10_000)
def _foreign_problem(text: str) -> bool:
    return is_foreign(PROBLEMS, problem.spelled_out(text))


@lru_cache(10_000)
def _foreign_solver(text: str) -> bool:
    return is_foreign(SOLVERS, parse(text))


@lru_cache(10_000)
def _foreign_start(text: str) -> bool:
    return is_foreign(STARTS, parse(text))
