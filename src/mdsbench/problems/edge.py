"""The edge between a run and functions that others wrote: what they are given and return is copied and checked.

A function receives a copy of x, so it may work in place. A value is a real number, by SciPy's rules: an array of one
element is one. An array is copied and has the shape that it must have. What is no answer raises `ProblemError`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mdsbench.problems.problem import Array, Problem


class ProblemError(Exception):
    """A function returns what is no answer; the message says what it should return."""


def guarded(problem: Problem) -> Problem:
    """The problem with every function behind the edge; raises ProblemError if the problem itself makes no sense."""
    if not isinstance(problem, Problem):
        raise ProblemError(f"{_shown(problem)} is no problem: return a mdsbench.Problem")
    n = problem.dimension
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise ProblemError(f"{problem.name}: dimension={_shown(n)}: it is a whole number, 1 or more")
    shape = (int(n),)

    def pair(what: str, function: Callable[[Array], Any]) -> Callable[[Array], tuple[float, Array]]:
        def value_and_array(x: Array) -> tuple[float, Array]:
            answer = function(x.copy())
            if not isinstance(answer, tuple | list) or len(answer) != 2:
                raise ProblemError(f"the {what} returned {_shown(answer)}: return the value and the gradient")
            return number(answer[0], "value"), array(answer[1], shape, "gradient")

        return value_and_array

    def product(x: Array, v: Array) -> Array:
        assert problem.hessian_vector
        return array(problem.hessian_vector(x.copy(), v.copy()), shape, "Hessian-vector product")

    def slope(x: Array, v: Array) -> tuple[float, float]:
        assert problem.directional_derivative
        answer = problem.directional_derivative(x.copy(), v.copy())
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise ProblemError(f"directional_derivative returned {_shown(answer)}: return the value and the derivative")
        return number(answer[0], "value"), number(answer[1], "directional derivative")

    def residuals(x: Array) -> Array:
        assert problem.residuals
        found = array(problem.residuals(x.copy()), None, "array of residuals")
        if found.ndim != 1:
            raise ProblemError(f"the array of residuals has the shape {found.shape}: it has one axis")
        return found

    def jacobian(x: Array) -> Array:
        assert problem.jacobian
        found = array(problem.jacobian(x.copy()), None, "Jacobian")
        if found.ndim != 2 or found.shape[1] != n:
            raise ProblemError(f"the Jacobian has the shape {found.shape}, not (residuals, {n})")
        return found

    def batch_gradient(x: Array, terms: Any) -> Array:
        assert problem.batch_gradient
        return array(problem.batch_gradient(x.copy(), terms), shape, "gradient of a batch")

    return replace(
        problem,
        dimension=int(n),
        value=lambda x: number(problem.value(x.copy()), "value"),
        value_and_gradient=pair("function value_and_gradient", problem.value_and_gradient),
        hessian_vector=problem.hessian_vector and product,
        directional_derivative=problem.directional_derivative and slope,
        residuals=problem.residuals and residuals,
        jacobian=problem.jacobian and jacobian,
        guttman=problem.guttman and pair("Guttman transform", problem.guttman),
        batch_gradient=problem.batch_gradient and batch_gradient,
    )


def number(answer: Any, what: str) -> float:
    """A real number, which may be infinite or NaN, from what a function returned; raises ProblemError."""
    if type(answer) is float:
        return answer
    found = _numbers(answer, what, "a number")
    if found.size != 1:
        raise ProblemError(f"the {what} has the shape {found.shape}: return a number")
    return float(found.item())


def array(answer: Any, shape: tuple[int, ...] | None, what: str) -> Array:
    """A copy of the array that a function returned, of that shape if one is given; raises ProblemError.

    A number is an array of one variable.
    """
    found = np.array(_numbers(answer, what, "an array of numbers"), dtype=float)
    if found.shape == () and shape == (1,):
        found = found.reshape(1)
    if shape is not None and found.shape != shape:
        raise ProblemError(f"the {what} has the shape {found.shape}, x has the shape {shape}")
    return found


def position(answer: Any, dimension: int, what: str) -> Array:
    """A copy of a position, shape (dimension,), finite; raises ProblemError."""
    found = array(answer, None, what)
    if found.shape != (dimension,):
        raise ProblemError(f"the {what} has the shape {found.shape}, the problem takes ({dimension},)")
    if not np.isfinite(found).all():
        raise ProblemError(f"the {what} holds something that is not a finite number")
    return found


def _numbers(answer: Any, what: str, wanted: str) -> Any:
    """The answer as a real array of any shape."""
    refused = f"the {what} is {_shown(answer)}: return {wanted}"
    if answer is None or isinstance(answer, str | bytes | dict | set):
        raise ProblemError(refused)
    if isinstance(answer, np.ma.MaskedArray) and np.ma.is_masked(answer):
        raise ProblemError(f"the {what} has masked elements: return {wanted}")
    try:
        found = np.asarray(answer)
        if np.iscomplexobj(found):
            raise ProblemError(f"the {what} is complex: return {wanted}")
        return found.astype(float, copy=False)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise ProblemError(refused) from None


def _shown(thing: Any) -> str:
    """A thing in one short line."""
    try:
        text = " ".join(repr(thing).split())
    except Exception:
        text = f"a {type(thing).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
