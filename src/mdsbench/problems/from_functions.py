"""A problem made of a user's functions, with the arguments that SciPy's minimize takes for them."""

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

import numpy as np
from scipy.optimize import Bounds

from mdsbench.errors import UsageError
from mdsbench.problems.edge import ProblemError, array
from mdsbench.problems.problem import Array, Problem

NO_GRADIENT = "this solver uses a gradient: give jac=, or a source such as gd[central-difference]"


def from_functions(
    function: Callable[..., Any],
    dimension: int,
    *,
    args: tuple[Any, ...] = (),
    jac: Callable[..., Any] | bool | None = None,
    hess: Callable[..., Any] | None = None,
    hessp: Callable[..., Any] | None = None,
    residuals: Callable[..., Any] | None = None,
    jacobian: Callable[..., Any] | None = None,
    smoothness: float | None = None,
    best_known: float = nan,
) -> Problem:
    """The problem of minimising `function(x, *args)`; every function is given `args` after its own arguments.

    If `jac` is True, `function` returns the value and the gradient. `hess(x)` is the Hessian, or `hessp(x, v)` its
    product with v. `residuals(x)` are the residuals whose sum of squares the function is, `jacobian(x)` their
    derivatives. Raises UsageError for what is no function.
    """
    given = {"jac": jac, "hess": hess, "hessp": hessp, "residuals": residuals, "jacobian": jacobian}
    for name, thing in given.items():
        if thing is not None and not callable(thing) and not (name == "jac" and isinstance(thing, bool)):
            raise UsageError(f"{name}={thing!r:.60}: it is a function of x")
    if not callable(function):
        raise UsageError(f"{function!r:.60} is nothing to minimise: give a function, a Problem or a problem's name")

    def with_args(call: Callable[..., Any] | None) -> Callable[..., Any] | None:
        return call and (lambda *where: call(*where, *args))

    def both(x: Array) -> Any:
        if jac is True:
            return function(x, *args)
        if not callable(jac):
            raise UsageError(NO_GRADIENT)
        return function(x.copy(), *args), jac(x, *args)

    def product(x: Array, v: Array) -> Any:
        assert hess is not None
        return array(hess(x, *args), (dimension, dimension), "Hessian") @ v

    return Problem(
        name=getattr(function, "__name__", "function"),
        dimension=dimension,
        value=(lambda x: both(x)[0]) if jac is True else (lambda x: function(x, *args)),
        value_and_gradient=both,
        hessian_vector=with_args(hessp) or (product if hess is not None else None),
        residuals=with_args(residuals),
        jacobian=with_args(jacobian),
        has_gradient=bool(jac),
        smoothness=smoothness,
        best_known=best_known,
        provenance="given" if best_known == best_known else "unknown",
    )


def box_of(bounds: Bounds | Sequence[Any], dimension: int) -> tuple[Array, Array]:
    """Lowest and highest values of x, shape (dimension,) each, from SciPy's forms of bounds.

    These are `scipy.optimize.Bounds` and pairs (lowest, highest), one for each variable, with None for no bound. Raises
    UsageError for anything else.
    """
    try:
        if isinstance(bounds, Bounds):
            low, high = (np.array(np.broadcast_to(side, (dimension,)), dtype=float) for side in (bounds.lb, bounds.ub))
        else:
            pairs = [(-np.inf if low is None else low, np.inf if high is None else high) for low, high in bounds]
            low, high = array(pairs, (dimension, 2), "array of bounds").T.copy()
    except (TypeError, ValueError, ProblemError):
        raise UsageError(f"bounds: give {dimension} pairs (lowest, highest), or a scipy.optimize.Bounds") from None
    if not (low <= high).all():
        k = int(np.argmin(low <= high))
        raise UsageError(f"bounds[{k}]: the lowest value {low[k]:g} is not below the highest, {high[k]:g}")
    return low, high
