"""What a plan needs to know of a problem."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.execution import pool
from mdsbench.execution.outcomes import record
from mdsbench.problems import problem
from mdsbench.problems.edge import ProblemError, position
from mdsbench.problems.own_functions import outside
from mdsbench.problems.problem import Problem
from mdsbench.registry.registry import PROBLEMS, SOLVERS, STARTS
from mdsbench.registry.spec import parse
from mdsbench.runs.execute import asks

SECONDS = 60.0  # that a user's problem may take until it is built

MADE_OF = {"comparison": "value", "directional": "gradient"}  # what an answer is made of where it is not offered
LACKS = {
    "gradient": "a gradient, which {} does not give: write {}[forward-difference], or declare jac=...",
    "hessian": "Hessian-vector products, which {} does not give: take another solver, or declare hessp=... or hess=...",
    "residuals": "residuals and their Jacobian, which {} does not give: take another solver, or declare residuals=... "
    "and jacobian=...",
}  # what is declared belongs to a function of the user's


@record
@dataclass(frozen=True)
class Facts:
    """A problem's name, dimension, and lowest known value, NaN if none is known.

    `offers` are the words for what the function gives, of "value", "gradient", "hessian" and "residuals", with spaces
    between. `bounded` is whether its variables have bounds, `boxed` whether all of these are finite. `starts` is the
    number of starts that it brings.
    """

    name: str
    dimension: int
    best_known: float
    offers: str = "value gradient hessian residuals"
    bounded: bool = False
    boxed: bool = False
    starts: int = 0


def facts(name: str, starts: Sequence[str] = ()) -> Facts:
    """The facts of the problem of that name, from which runs begin at these starts.

    A problem from a user's file or module is built in a process of its own, because it may exit or hang; no function of
    it is called. Raises UsageError if the problem does not exist or cannot be built, or if a start does not fit it.
    """
    if not is_users(name):
        return _facts(name)
    ours = tuple(start for start in starts if STARTS.is_ours(parse(start).name))
    (found,) = pool.apply(_attempt, [(name, *ours)], 1, limit=lambda _: SECONDS, lost=_lost)
    if isinstance(found, Facts):
        return found
    raise UsageError(found)


def is_users(name: str) -> bool:
    """Whether the name stands for code of a user's file, module or entry point, not for a registered problem."""
    name = problem.spelled_out(name).name
    return ":" in name or (name not in PROBLEMS and name in PROBLEMS.points())


def why_not(solver: str, task: Facts) -> str:
    """Why a solver cannot minimise a problem, in words; empty if it can. Raises UsageError."""
    spec = parse(solver)
    uses = MADE_OF.get(asks(solver), asks(solver))
    if uses not in task.offers.split():
        return f"{solver} asks for {LACKS[uses].format(task.name, spec.name)}"
    if task.bounded and not SOLVERS.find(spec.name).bounds:
        able = sorted(name for name, entry in SOLVERS.items() if entry.bounds and entry.is_ours and not entry.floor)
        return f"{task.name} has bounds, which {spec.name} does not keep; these solvers do: {', '.join(able)}"
    return ""


def _attempt(question: tuple[str, ...]) -> Facts | str:
    """The facts, or why the request makes no sense."""
    name, *starts = question
    try:
        task = problem.find(name)
        for start in starts:
            _check_start(task, start)
        return _of(task)
    except (UsageError, ProblemError) as error:
        return str(error)


def _check_start(task: Problem, start: str) -> None:
    x = position(STARTS.bind(parse(start))(task), task.dimension, f"start {start}")
    if why := outside(x, task.bounds):
        raise UsageError(f"{task.name}: the start {start} {why}; take published, uniform or latin-hypercube, for one")


def _facts(name: str) -> Facts:
    return _of(problem.find(name))


def _of(task: Problem) -> Facts:
    offers = {
        "value": True,
        "gradient": task.has_gradient,
        "hessian": task.has_gradient and task.hessian_vector is not None,
        "residuals": task.residuals is not None and task.jacobian is not None,
    }
    return Facts(
        task.name,
        int(task.dimension),
        float(task.best_known),
        " ".join(word for word, given in offers.items() if given),
        task.bounds is not None,
        task.bounds is not None and bool(np.isfinite(task.bounds).all()),
        0 if task.x0 is None else len(task.x0),
    )


def _lost(question: tuple[str, ...], ending: str, message: str, _: float) -> Facts | str:
    how = f"it was not ready after {SECONDS:g} s" if ending == "timeout" else message.partition("\n")[0]
    return f"the problem {question[0]} cannot be built: {how}"
