"""Solvers in SciPy's style: a plain callable `solve(fun, x0)` or `solve(fun, x0, jac)` that returns its position."""

import inspect
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from mdsbench.oracle.account import GaveUp, SolverError
from mdsbench.oracle.claims import claims_of
from mdsbench.problems.problem import Array
from mdsbench.registry.plugins import takes_gradient, why_not_plain
from mdsbench.registry.registry import SOLVERS

Iterates = Generator[Any, None, str | None]
_WANTED = "return x, or a result with an x"


@SOLVERS.adapter(why_not_plain)
def adapt(function: Callable[..., Any]) -> Callable[..., Iterates]:
    """Make a solver from a plain callable.

    It is given the function and a copy of the start and, if it has a parameter `jac`, the gradient. It returns its
    position: an array or a list of numbers, a result that has an `x`, a dictionary with one, or a tuple that begins
    with it, such as (x, f). A generator yields positions. A result whose `success` is false ends the run as `gave-up`.
    """

    def solver(oracle: Any, x: Any, rng: Any) -> Iterates:
        def fun(x: Any) -> Any:
            return oracle.value(np.atleast_1d(np.asarray(x, dtype=float)))

        def jac(x: Any) -> Any:
            return oracle.gradient(np.atleast_1d(np.asarray(x, dtype=float)))

        answer = function(fun, x.copy(), **({"jac": jac} if takes_gradient(function) else {}))
        if inspect.isgenerator(answer):
            answer = yield from _yielded(answer, len(x))
            if answer is None or isinstance(answer, str):
                return answer
        oracle.claims = claims_of(answer)
        position = _position(answer, len(x))
        if position is not None:
            yield position
        said = str(_part(answer, "message") or "")
        if not _succeeded(answer):
            raise GaveUp(said or "its result says that it did not succeed")
        return said or None

    solver.__doc__ = function.__doc__
    return solver


def _yielded(positions: Generator[Any, Any, Any], n: int) -> Generator[Any, None, Any]:
    """The positions of a generator; returns what the generator returns."""
    while True:
        try:
            answer = next(positions)
        except StopIteration as end:
            return end.value
        yield _position(answer, n)


def _position(answer: Any, n: int) -> Array | None:
    """The position of n variables in an answer; None in a result that failed without one. Raises SolverError."""
    if inspect.iscoroutine(answer):
        answer.close()
        raise SolverError(f"it returned a coroutine: write a plain def, without async; {_WANTED}")
    if answer is None:
        raise SolverError(f"it returned nothing: {_WANTED}")
    for candidate in (answer, _part(answer, "x"), _first(answer)):
        x = _numbers(candidate)
        if x is not None and x.size == n:
            return x.reshape(n)
    if not _succeeded(answer) and _part(answer, "x") is None:
        return None
    inner = _part(answer, "x")
    raise SolverError(f"it returned {_described(answer if inner is None else inner)}: {_WANTED}, of {n} variables")


def _part(answer: Any, name: str) -> Any:
    """An attribute or an item of a result; None if it has none."""
    if isinstance(answer, dict):
        return answer.get(name)
    return None if isinstance(answer, np.ndarray | list | tuple) else getattr(answer, name, None)


def _first(answer: Any) -> Any:
    return answer[0] if isinstance(answer, tuple | list) and answer else None


def _numbers(value: Any) -> Array | None:
    """The value as an array of real numbers; None if it is none."""
    if value is None or isinstance(value, str | bytes | dict):
        return None
    try:
        array = np.asarray(value)
        return None if array.dtype.kind not in "buif" else array.astype(float)
    except Exception:  # whatever an object of another library raises
        return None


def _succeeded(answer: Any) -> bool:
    success = _part(answer, "success")
    return success is None or bool(success)


def _described(value: Any) -> str:
    numbers = _numbers(value)
    return f"{' '.join(repr(value).split()):.60}" if numbers is None else f"an array of shape {numbers.shape}"
