"""The solvers as functions: `minimize("adam", problem, x0, budget=1000)`, with SciPy's names for what comes back."""

import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import Bounds, OptimizeResult

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.problems import problem as problems
from mdsbench.problems.edge import ProblemError, guarded, position
from mdsbench.problems.from_functions import NO_GRADIENT, box_of, from_functions
from mdsbench.problems.own_functions import declared, is_declared
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.registry import SOLVERS, Entry, nearest
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import asks, execute_on
from mdsbench.runs.run import Interrupted, Run

# What SciPy's users know as options, and where it is here.
ELSEWHERE = {
    "maxiter": "maxiter=",
    "maxfev": "budget=",
    "maxfun": "budget=",
    "disp": "callback=",
    "workers": "one core",
}


def minimize(
    solver: str | Callable[..., Any],
    problem: str | Problem | Callable[..., Any],
    x0: ArrayLike,
    *,
    budget: int,
    args: tuple[Any, ...] = (),
    jac: Callable[..., Any] | bool | None = None,
    hess: Callable[..., Any] | None = None,
    hessp: Callable[..., Any] | None = None,
    residuals: Callable[..., Any] | None = None,
    jacobian: Callable[..., Any] | None = None,
    smoothness: float | None = None,
    best_known: float | None = None,
    bounds: Bounds | Sequence[Any] | None = None,
    options: Mapping[str, Any] | None = None,
    callback: Callable[..., object] | None = None,
    seed: int = 0,
    target: float | None = None,
    maxiter: int | None = None,
    seconds: float | None = None,
    ftol: float | None = None,
    xtol: float | None = None,
    gtol: float | None = None,
    look: bool | None = None,
) -> OptimizeResult:
    """Minimise a function with any solver, and charge every evaluation.

    Parameters
    ----------
    solver : str or callable
        A name from `mdsbench list solvers`, with options and a gradient source if wanted:
        ``"adam[central-difference](step=0.05)"``. A solver of your own is ``"path.py:name"`` or ``"module:name"``, or
        the function itself, also a plain callable ``solve(fun, x0)`` that returns its position.
    problem : str, Problem or callable
        A name from `mdsbench list problems`, a Problem, or a function of x, shape (dimension,), that returns a number.
        What `mdsbench.problem` declares of a function holds, unless `args` or derivatives are given here.
        Every function is given a copy of x. What it returns is copied and checked.
    x0 : array_like
        The start, shape (dimension,).
    budget : int
        The largest number of calls: values, gradients and Hessian-vector products together.
    args : tuple, optional
        Further arguments of `problem`, if it is a function, and of the functions below.
    jac : callable or True, optional
        The gradient of a `problem` that is a function; ``jac(x)`` has the shape of x. If True, the function returns the
        value and the gradient.
    hess, hessp : callable, optional
        The Hessian ``hess(x)``, shape (dimension, dimension), or its product with a vector, ``hessp(x, v)``.
    residuals, jacobian : callable, optional
        The residuals whose sum of squares the function is, shape (residuals,), and their derivatives, shape
        (residuals, dimension).
    smoothness : float, optional
        L, the Lipschitz constant of the gradient, for the step 1/L. Without it, that step is searched for.
    best_known : float, optional
        The lowest value known, for Polyak's step.
    bounds : sequence of pairs or scipy.optimize.Bounds, optional
        The lowest and the highest value of each variable. A start outside is moved to them.
    options : mapping, optional
        Options of the solver, as in its name or, such as an initial simplex, as values that a name cannot hold.
    callback : callable, optional
        Called at every iterate: ``callback(x)``, or ``callback(intermediate_result)`` with `x` and the lowest value so
        far, `fun`. If it raises StopIteration, the run ends.
    seed : int, optional
        The seed of a solver that draws at random.
    target : float, optional
        The run ends at the evaluation that reaches this value.
    maxiter : int, optional
        The largest number of iterations.
    seconds : float, optional
        The run ends after this time.
    ftol, xtol, gtol : float, optional
        The run ends if an iteration changes the value or the position by less, or if the gradient is shorter.
    look : bool, optional
        Whether the function is evaluated at iterates where the solver does not ask, so that `path` has a value for each
        of them. Such calls are counted in `looks` and not charged. The default is False for a function of your own.

    Returns
    -------
    scipy.optimize.OptimizeResult
        It has x, fun, nit, nfev, njev, nhev, success, status and message, as SciPy's, and the numbers of `comparisons`
        and of `directional_derivatives`. `ending` is one of target, budget, converged, gave-up (the solver says that it
        has failed), interrupted, diverged, timeout, memory and error. `success` is true for the first and the third.
        `trace` is a frame with the account at every new lowest value. `path` is a frame with the account and the
        position `x` along the iterates.

    Raises
    ------
    UsageError
        If a name or an option does not exist, or x0 does not fit the problem.
    KeyboardInterrupt
        If the run is interrupted. Its attribute `result` is what the run had reached.

    Examples
    --------
    >>> import mdsbench
    >>> result = mdsbench.minimize("nelder-mead", lambda x: (x[0] - 2) ** 2 + x[1] ** 2, [0.0, 5.0], budget=500)
    >>> result.ending
    'converged'
    >>> result.x.round(3) + 0.0
    array([2., 0.])
    """
    spec, entry = _solver(solver)
    calls, iterations = _whole("budget", budget, "calls"), maxiter and _whole("maxiter", maxiter, "iterations")
    try:
        start = position(np.ravel(np.asarray(x0)), np.size(x0), "start x0")
        task = guarded(
            _problem(problem, len(start), args, jac, hess, hessp, residuals, jacobian, smoothness, best_known)
        )
    except (ProblemError, ValueError) as error:
        raise UsageError(str(error)) from None
    if start.shape != (task.dimension,):
        raise UsageError(f"x0 has {len(start)} variables, {task.name} has {task.dimension}")
    spec, beyond = _with_options(spec, entry, options or {})
    uses = asks(str(spec)) if spec.source or "solver" in entry.options else entry.uses
    if not task.has_gradient and uses in ("directional", "gradient", "hessian"):
        raise UsageError(NO_GRADIENT)
    if bounds is None and task.bounds is not None and not task.ours:
        bounds = Bounds(*task.bounds)
    moved = ""
    if bounds is not None:
        task, start, moved = _within(task, start, bounds, entry)
    limits = Limits(calls=calls, iterations=iterations, seconds=seconds, target=target, ftol=ftol, xtol=xtol, gtol=gtol)
    number = operator.index(seed)
    try:
        run = execute_on(
            task,
            start,
            Cell.as_stored(task.name, str(spec), "given", limits, number, key="", versions=()),
            number,
            look=look,
            callback=callback and _in_scipys_style(callback),
            solver=entry,
            options=beyond,
        )
    except Interrupted as interrupted:
        interrupted.result = _result(interrupted.run, moved)
        raise
    return _result(run, moved)


def _solver(solver: Any) -> tuple[Spec, Entry]:
    """What is meant, and its entry; raises UsageError."""
    if isinstance(solver, str):
        spec = parse(solver)
        return spec, SOLVERS.find(spec.name)
    if not callable(solver):
        raise UsageError(f"{solver!r:.60} is no solver: give a name, path.py:name, module:name or a function")
    entry = SOLVERS.entry_of(solver)
    return Spec(entry.name), entry


def _problem(problem: Any, dimension: int, args: tuple[Any, ...], *functions: Any) -> Problem:
    """The problem that is meant."""
    jac, hess, hessp, residuals, jacobian, smoothness, best_known = functions
    if isinstance(problem, str | Problem):
        if args or any(function is not None for function in (jac, hess, hessp, residuals, jacobian)):
            raise UsageError("args and derivatives belong to a function of your own; a problem brings its own")
        found = problems.find(problem) if isinstance(problem, str) else problem
        given = {"smoothness": smoothness, "best_known": best_known}
        return replace(found, **{name: value for name, value in given.items() if value is not None})
    if not args and all(said is None for said in functions) and is_declared(problem):
        return declared(problem, {"dimension": dimension})
    return from_functions(
        problem,
        dimension,
        args=args if isinstance(args, tuple) else (args,),
        jac=jac,
        hess=hess,
        hessp=hessp,
        residuals=residuals,
        jacobian=jacobian,
        smoothness=smoothness,
        best_known=nan if best_known is None else best_known,
    )


def _whole(name: str, number: Any, unit: str) -> int:
    """A whole number of Python's or NumPy's, 1 or more; raises UsageError."""
    try:
        found = operator.index(number)
    except TypeError:
        found = 0
    if found < 1 or isinstance(number, bool):
        raise UsageError(f"{name}={number!r}: it is a whole number of {unit}, 1 or more")
    return found


def _with_options(spec: Spec, entry: Entry, options: Mapping[str, Any]) -> tuple[Spec, dict[str, Any]]:
    """The solver with those options that its name can hold, and the others."""
    if not options:
        return spec, {}
    known = entry.options
    for name in options:
        if name not in known:
            hint = f": give {ELSEWHERE[name]}" if name in ELSEWHERE else nearest(name, known)
            raise UsageError(f"{spec.name} has no option {name!r}{hint}")
    said = {name: value for name, value in options.items() if isinstance(value, bool | int | float | str)}
    beyond = {name: value for name, value in options.items() if name not in said}
    return parse(str(replace(spec, options=tuple(sorted({**dict(spec.options), **said}.items()))))), beyond


def _within(task: Problem, start: Array, bounds: Any, entry: Entry) -> tuple[Problem, Array, str]:
    """The problem with bounds, the start within them, and what is to be said of it."""
    if not entry.bounds:
        able = ", ".join(sorted(name for name, known in SOLVERS.items() if known.bounds))
        raise UsageError(f"{entry.name} takes no bounds; these do: {able}")
    low, high = box_of(bounds, task.dimension)
    inside = np.clip(start, low, high)
    moved = "" if np.array_equal(inside, start) else "the start was outside the bounds and is moved to them"
    return replace(task, bounds=(low, high)), inside, moved


def _in_scipys_style(callback: Callable[..., object]) -> Callable[[Array, float], object]:
    """A callback of x, or of an intermediate result if its parameter has that name."""
    try:
        wants_result = set(inspect.signature(callback).parameters) == {"intermediate_result"}
    except (TypeError, ValueError):  # what is written in C has no signature
        wants_result = False
    if wants_result:
        return lambda x, fun: callback(intermediate_result=OptimizeResult(x=x, fun=fun))
    return lambda x, _: callback(x)


def _result(run: Run, remark: str) -> OptimizeResult:
    """The run with SciPy's names."""
    success = run.ending in (Ending.TARGET, Ending.CONVERGED) and isfinite(run.final_loss)
    return OptimizeResult(
        x=run.final_x,
        fun=run.final_loss,
        nit=run.spent.iterations,
        nfev=run.spent.evaluations,
        njev=run.spent.gradients,
        nhev=run.spent.hessian_vectors,
        comparisons=run.spent.comparisons,
        directional_derivatives=run.spent.directional_derivatives,
        looks=run.looks,
        success=success,
        status=0 if success else 1,
        message=f"{run.message}; {remark}" if remark else run.message,
        ending=str(run.ending),
        trace=pd.DataFrame(run.improvements, columns=list(Moment._fields)),
        path=pd.DataFrame([{**moment._asdict(), "x": x.copy()} for moment, x in run.path]),
    )
