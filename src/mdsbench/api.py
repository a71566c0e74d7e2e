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
from mdsbench.runs.execute import Cell, execute_on


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
    """Minimise with any solver, every call charged; `minimize("gd", "cities-34", x0, budget=200)`.

    `solver` is a name as `mdsbench list solvers` has them, with options and gradient source:
    `"adam[central-difference](step=0.05)"`. `problem` is a name, a Problem, or a function of x, shape (dimension,),
    whose gradient `jac(x)` has the same shape. `budget` bounds the calls: values, gradients, Hessian-vector products.
    The other limits are those of `mdsbench.oracle.account.Limits`.

    Returns SciPy's OptimizeResult with x, fun, nit, nfev, njev, nhev, success, status, message, and further `ending`,
    one of target, budget, converged, diverged, timeout, error; `trace`, a frame with the account at every new lowest
    loss; and `path`, a frame with the account and position `x` along the iterates.

    Raises UsageError where a name or option does not exist, or x0 does not fit.
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
        nit=run.iterations,
        nfev=run.evaluations,
        njev=run.gradients,
        nhev=run.hessian_vectors,
        success=run.ending in ("target", "converged"),
        status=0 if run.ending in ("target", "converged") else 1,
        message=run.message,
        ending=run.ending,
        trace=pd.DataFrame(run.improvements, columns=list(Moment._fields)),
        path=pd.DataFrame([{**moment._asdict(), "x": x} for moment, x in run.path]),
    )


def _given(function: Callable[[Array], float], jac: Callable[[Array], Array] | None, dimension: int) -> Problem:
    """A problem made of somebody's function."""

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
