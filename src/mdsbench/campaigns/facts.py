"""What a plan needs to know of a problem."""

from dataclasses import dataclass

from mdsbench.errors import UsageError
from mdsbench.execution import pool
from mdsbench.execution.outcomes import record
from mdsbench.problems import problem
from mdsbench.registry.registry import PROBLEMS

SECONDS = 60.0  # that a user's problem may take until it is built


@record
@dataclass(frozen=True)
class Facts:
    """A problem's name, dimension, and lowest known value, NaN if none is known."""

    name: str
    dimension: int
    best_known: float


def facts(name: str) -> Facts:
    """The facts of the problem of that name.

    A problem from a user's file or module is built in a process of its own, because it may exit or hang. Raises
    UsageError if the problem does not exist or cannot be built.
    """
    if not _is_users(problem.spelled_out(name).name):
        return _facts(name)
    (found,) = pool.apply(_attempt, [name], 1, limit=lambda _: SECONDS, lost=_lost)
    if isinstance(found, Facts):
        return found
    raise UsageError(found)


def _is_users(name: str) -> bool:
    """Whether the name stands for code of a user's file, module or entry point, not for a registered problem."""
    return ":" in name or (name not in PROBLEMS and name in PROBLEMS.points())


def _attempt(name: str) -> Facts | str:
    """The facts, or why the request makes no sense."""
    try:
        return _facts(name)
    except UsageError as error:
        return str(error)


def _facts(name: str) -> Facts:
    found = problem.find(name)
    return Facts(found.name, int(found.dimension), float(found.best_known))


def _lost(name: str, ending: str, message: str, _: float) -> Facts | str:
    how = f"it was not ready after {SECONDS:g} s" if ending == "timeout" else message.partition("\n")[0]
    return f"the problem {name} cannot be built: {how}"
