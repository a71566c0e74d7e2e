"""The solvers as functions: `minimize("adam", problem, x0, budget=1000)`, with SciPy's names for what comes back."""

from collections.abc import Callable
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import OptimizeResult

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, Moment
from mdsbench.problems import problem as problems
from mdsbench.problems.problem import Array, Problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute_on


def minimize(
    solver: str,
    problem: str | Problem | Callable[[Array], float],
    x0: ArrayLike,
    *,
    budget: int,
    jac: Callable[[Array], Array] | None = None,
    seed: int = 0,
    target: float | None = None,
    seconds: float | None = None,
    ftol: float | None = None,
    xtol: float | None = None,
    gtol: float | None = None,
) -> OptimizeResult:
    """Minimise a function with any solver, and charge every evaluation.

    Parameters
    ----------
    solver : str
        A name from `mdsbench list solvers`, with options and a gradient source if wanted:
        ``"adam[central-difference](step=0.05)"``. A solver of your own is ``"path.py:name"`` or ``"module:name"``.
    problem : str, Problem or callable
        A name from `mdsbench list problems`, a Problem, or a function of x, shape (dimension,), that returns a number.
    x0 : array_like
        The start, shape (dimension,).
    budget : int
        The largest number of calls: values, gradients and Hessian-vector products together.
    jac : callable, optional
        The gradient of a `problem` that is a function; ``jac(x)`` has the shape of x.
    seed : int, optional
        The seed of a solver that draws at random.
    target : float, optional
        The run ends at the evaluation that reaches this value.
    seconds : float, optional
        The run ends after this time.
    ftol, xtol, gtol : float, optional
        The run ends if an iteration changes the value or the position by less, or if the gradient is shorter.

    Returns
    -------
    scipy.optimize.OptimizeResult
        It has x, fun, nit, nfev, njev, nhev, success, status and message, as SciPy's. `ending` is one of target,
        budget, converged, diverged, timeout, memory and error. `trace` is a frame with the account at every new lowest
        value. `path` is a frame with the account and the position `x` along the iterates.

    Raises
    ------
    UsageError
        If a name or an option does not exist, or x0 does not fit the problem.

    Examples
    --------
    >>> import mdsbench
    >>> result = mdsbench.minimize("nelder-mead", lambda x: (x[0] - 2) ** 2 + x[1] ** 2, [0.0, 5.0], budget=500)
    >>> result.ending
    'converged'
    >>> result.x.round(3) + 0.0
    array([2., 0.])
    """
    if not isinstance(solver, str):
        raise UsageError("give the solver by its name; yours as path.py:name or module:name")
    if isinstance(budget, bool) or not isinstance(budget, int) or budget < 1:
        raise UsageError(f"budget={budget!r}: the budget is a whole number of calls, 1 or more")
    if jac is not None and not callable(jac):
        raise UsageError(f"jac={jac!r}: give the gradient as a function of its own, jac(x)")
    try:
        start = np.array(x0, dtype=float).ravel()
    except (TypeError, ValueError):
        raise UsageError(f"x0 is no array of numbers: {x0!r:.60}") from None
    if isinstance(problem, str):
        problem = problems.find(problem)
    elif not isinstance(problem, Problem):
        problem = _given(problem, jac, len(start))
    if start.shape != (problem.dimension,):
        raise UsageError(f"x0 has {len(start)} variables, {problem.name} has {problem.dimension}")
    if not np.isfinite(start).all():
        raise UsageError("x0 holds something that is not a finite number")
    limits = Limits(calls=budget, seconds=seconds, target=target, ftol=ftol, xtol=xtol, gtol=gtol)
    run = execute_on(problem, start, Cell(problem.name, solver, "given", limits, seed), seed)
    return OptimizeResult(
        x=run.final_x,
        fun=run.final_loss,
        nit=run.spent.iterations,
        nfev=run.spent.evaluations,
        njev=run.spent.gradients,
        nhev=run.spent.hessian_vectors,
        success=run.ending in ("target", "converged"),
        status=0 if run.ending in ("target", "converged") else 1,
        message=run.message,
        ending=str(run.ending),
        trace=pd.DataFrame(run.improvements, columns=list(Moment._fields)),
        path=pd.DataFrame([{**moment._asdict(), "x": x} for moment, x in run.path]),
    )


def _given(function: Callable[[Array], float], jac: Callable[[Array], Array] | None, dimension: int) -> Problem:
    """A problem made of a user's function."""

    def value(x: Array) -> float:
        return float(function(x))

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        if jac is None:
            raise UsageError("this solver uses a gradient: give jac=, or a source such as gd[central-difference]")
        return value(x), np.asarray(jac(x), dtype=float)

    return Problem(
        name=getattr(function, "__name__", "function"),
        dimension=dimension,
        value=value,
        value_and_gradient=value_and_gradient,
        best_known=nan,
        provenance="unknown",
    )
