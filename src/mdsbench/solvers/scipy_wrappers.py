"""Shared by solvers from libraries: calls of SciPy's minimize, bounds, a box to search, optional libraries."""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy.optimize import Bounds, OptimizeResult, minimize

from mdsbench.errors import UsageError
from mdsbench.oracle.account import GaveUp, SolverError
from mdsbench.oracle.claims import claims_of
from mdsbench.oracle.oracle import GradientOracle, Oracle
from mdsbench.oracle.referee import Referee
from mdsbench.problems.problem import Array
from mdsbench.registry import libraries
from mdsbench.registry.registry import Registry

FOREVER = sys.maxsize  # if a library requires a limit: the oracle ends the run


def by_values(oracle: Oracle, x: Array, method: str, options: dict[str, Any]) -> str:
    """Run one of SciPy's derivative-free minimisers within the bounds, with a callback for iterates.

    A method that steps out of the bounds on its way, as COBYLA does, is answered with the value at the nearest point
    inside. Returns why it stopped; raises GaveUp if SciPy reports no success.
    """

    def value(at: Array) -> float:
        return oracle.value(inside(oracle, at))

    moves = Moves(oracle)
    with options_of(method) as question:
        result = minimize(
            question(value), x, method=method, bounds=within(oracle), callback=moves.callback, options=options
        )
    return moves.end(result)


def by_gradients(
    oracle: GradientOracle, x: Array, method: str, options: dict[str, Any], bounds: Bounds | None = None
) -> str:
    """Run one of SciPy's minimisers that take a gradient, and Hessian-vector products if the oracle has them.

    Value and gradient come from one pass, so every trial of a line search costs one gradient. Returns why it stopped;
    raises GaveUp if SciPy reports no success.
    """

    def value_and_gradient(at: Array) -> tuple[float, Array]:
        gradient = oracle.gradient(at)
        return oracle.value_here(), gradient

    moves, product = Moves(oracle), getattr(oracle, "hessian_vector", None)
    with options_of(method) as question:
        result = minimize(
            question(value_and_gradient),
            x,
            method=method,
            jac=True,
            hessp=product and question(product),
            bounds=bounds,
            callback=moves.callback,
            options=options,
        )
    if result.success and not result.nit and np.any(result.jac) and options.get("gtol"):
        oracle.remarks.append(f"it stopped at its start, because gtol={options['gtol']:g} is absolute: gtol=0 goes on")
    return moves.end(result)


class Moves:
    """The iterates that a library reports, and at its end the one that it has not reported."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._last: Array | None = None

    def to(self, x: Array) -> None:
        """Report an iterate to the oracle. SciPy leaves fixed variables out of some."""
        bounds = self._oracle.bounds
        if bounds is not None and len(x) < len(bounds[0]):
            x, short = bounds[0].copy(), x
            x[bounds[0] < bounds[1]] = short
        self._last = inside(self._oracle, x).copy()
        self._oracle.iterate(self._last)

    def callback(self, intermediate_result: OptimizeResult | Array) -> None:
        """SciPy's callback.

        Because of its parameter's name, SciPy's newer minimisers pass their result so far and save a copy of x. Older
        ones pass x with any name.
        """
        self.to(intermediate_result if isinstance(intermediate_result, np.ndarray) else intermediate_result["x"])

    def end(self, result: OptimizeResult) -> str:
        """SciPy's message at its end; raises GaveUp if it reports no success."""
        self._oracle.claims = claims_of(result)
        x = inside(self._oracle, np.asarray(result.x, dtype=float).ravel())
        if self._last is not None and not np.array_equal(self._last, x):
            self.to(x)
        if not result.success:
            raise GaveUp(words(result.message))
        return words(result.message)


def words(message: Any) -> str:
    """A library's message in one line; some of SciPy's are lists or have line breaks."""
    text = " ".join(map(str, message)) if isinstance(message, list) else str(message)
    return " ".join(text.split()).rstrip(" :")


@contextmanager
def options_of(library: str) -> Iterator[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    """Tell apart what a library raises: before its first question it does not take its options, which is UsageError.

    Later it is the library's own failure, GaveUp. What the oracle raises passes. Gives the wrapper of the functions
    that the library asks.
    """
    asked = answering = False

    def question(function: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any) -> Any:
            nonlocal asked, answering
            asked = answering = True
            answer = function(*arguments)
            answering = False
            return answer

        return ask

    try:
        yield question
    except Exception as error:
        if answering or isinstance(error, UsageError | SolverError | MemoryError):  # of the oracle or the machine
            raise
        if not asked:
            raise UsageError(f"{library}: {words(error)}") from None
        if isinstance(error, ValueError | ArithmeticError | np.linalg.LinAlgError):
            raise GaveUp(f"{library} failed: {words(error)}") from error
        raise


def one_of(solver: str, option: str, value: str, known: tuple[str, ...]) -> str:
    """An option's word; raises UsageError if the library does not know it."""
    if value not in known:
        raise UsageError(f"{solver}({option}={value}): {option} is one of {', '.join(known)}")
    return value


def positive(solver: str, **options: float) -> None:
    """Raise UsageError if one of a solver's options is not a positive number, which its library would not notice."""
    for option, value in options.items():
        if not 0 < value < np.inf:
            raise UsageError(f"{solver}({option}={value:g}): it is a positive number")


def wolfe(solver: str, c1: float, c2: float) -> dict[str, float]:
    """The options of a Wolfe line search; raises UsageError if none can satisfy them."""
    if not 0 < c1 < c2 < 1:
        raise UsageError(f"{solver}(c1={c1:g}, c2={c2:g}): they satisfy 0 < c1 < c2 < 1")
    return {"c1": c1, "c2": c2}


def within(oracle: Oracle) -> Bounds | None:
    """The problem's bounds as SciPy takes them."""
    return None if oracle.bounds is None else Bounds(*oracle.bounds)


def inside(oracle: Referee, x: Array) -> Array:
    """The point within the bounds that is nearest to x: x itself if there are no bounds."""
    return x if oracle.bounds is None else np.clip(x, *oracle.bounds)


def no_fixed_variable(oracle: Oracle, solver: str) -> None:
    """Raise UsageError if a variable has only one value, for a library that has no word for that."""
    if oracle.bounds is not None and not (oracle.bounds[0] < oracle.bounds[1]).all():
        raise UsageError(f"{solver} takes no fixed variable: the upper bound of each is above the lower one")


def box(oracle: Oracle, x: Array, radius: float) -> tuple[Array, Array]:
    """Lowest and highest corner of the box that a global method searches.

    It is the problem's bounds if it has any, which are then all finite. Else it is the start, plus and minus `radius`.
    With a radius of 1, the longest distance, a box around any start in the unit square contains a best map.
    """
    if oracle.bounds is not None:
        low, high = oracle.bounds
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            raise UsageError("this solver searches the whole box of the bounds: give finite bounds for every variable")
        return low, high
    if not 0 < radius < np.inf:
        raise UsageError(f"radius={radius:g}: it is a positive number")
    return x - radius, x + radius


def optional(oracle: Oracle, solver: str, registry: Registry) -> Any:
    """Import the library that a registered name needs, off the clock; raises UsageError, which says what to install."""
    entry = registry.find(solver)
    assert entry.needs
    libraries.require(entry)
    with oracle.off_the_clock():
        return importlib.import_module(entry.needs[0])
