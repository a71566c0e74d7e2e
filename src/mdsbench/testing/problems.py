"""What every problem promises, one check a promise; each raises Broken and says what to mend.

Checks are made at the published start and at random points near it, within the bounds where the problem has them.
Derivatives are compared with central differences: in each direction the best of several step sizes counts, because no
single one suits every function. The tolerances allow for the round-off of the values. Where a problem declares noise,
its values may differ by six standard deviations, and its derivatives by what that makes of the longest step.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import isfinite, isnan
from time import perf_counter
from typing import Any

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.problems.obstacles import start_that_works
from mdsbench.problems.problem import Array, Problem, find
from mdsbench.problems.starts import published, scaled
from mdsbench.registry.registry import PROBLEMS
from mdsbench.registry.spec import parse
from mdsbench.testing import promises
from mdsbench.testing.promises import Broken, Promises

PROBLEM_CHECKS: Promises[Problem] = Promises()
promise = PROBLEM_CHECKS.promise

POINTS = 3
STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)  # of differences; short ones for kinks, long ones for round-off
DERIVATIVE = 1e-5  # relative error of a derivative, against differences
SAME = 1e-9  # relative error of a value that is computed in two ways
SUM = 1e-6  # the same of a sum that may be made in another precision
EVERY_COORDINATE = 100  # dimension up to which the gradient is compared in every coordinate
DIRECTIONS = 20  # random ones, above that
SECONDS = 10.0  # that one comparison of derivatives of a slow function may take, by fewer directions
REPEATS = 10  # of a value that differs from call to call
WIDTHS = 6.0  # standard deviations that noise may be away from its mean


@promise("has a positive dimension, and values that are finite numbers")
def has_values(problem: Problem) -> None:
    if not (isinstance(problem.dimension, int) and problem.dimension > 0):
        raise Broken(f"its dimension is {problem.dimension!r}: it is a positive whole number")
    for x in _points(problem):
        value = problem.value(x)
        if not isinstance(value, float) or not isfinite(value):
            raise Broken(f"its value is {value!r}: it is a finite float")


def _gives_more_than_values(problem: Problem) -> bool:
    more = (problem.hessian_vector, problem.directional_derivative, problem.residuals, problem.guttman)
    return problem.has_gradient or any(more) or problem.batch_gradient is not None


@promise("gives derivatives of the right shapes, in double precision", _gives_more_than_values)
def has_shapes(problem: Problem) -> None:
    n = problem.dimension
    for x in _points(problem)[:1]:
        if problem.has_gradient:
            _expect("gradient", problem.value_and_gradient(x)[1], (n,))
        if problem.hessian_vector:
            _expect("Hessian-vector product", problem.hessian_vector(x, np.ones(n)), (n,))
        if problem.directional_derivative:
            _expect_two_numbers(problem.directional_derivative(x, np.ones(n)))
        if problem.residuals:
            residuals = problem.residuals(x)
            _expect("array of residuals", residuals, (np.size(residuals),))
            if problem.jacobian:
                _expect("Jacobian", problem.jacobian(x), (np.size(residuals), n))
        if problem.guttman:
            _expect("Guttman transform", problem.guttman(x)[1], (n,))
        if problem.batch_gradient:
            _expect("gradient of a batch", problem.batch_gradient(x, np.arange(problem.terms)), (n,))


@promise("gives one value, whichever method computes it", _gives_more_than_values)
def agrees_on_the_value(problem: Problem) -> None:
    same = max(SAME, 8 * _round_off(problem))
    for x in _points(problem):
        value = problem.value(x)
        if problem.has_gradient:
            found = problem.value_and_gradient(x)[0]
            _compare("value of value_and_gradient", found, value, "value", same, noise=_noise(problem))
        if problem.directional_derivative:
            found = problem.directional_derivative(x, _directions(problem)[0])[0]
            _compare("value of directional_derivative", found, value, "value", same, noise=_noise(problem))
        if problem.guttman:
            _compare("value of guttman", problem.guttman(x)[0], value, "value", same)
        if problem.residuals:
            squares = float(np.sum(problem.residuals(x) ** 2))
            _compare("sum of the squared residuals", squares, value, "value", SUM, noise=_noise(problem))


@promise("has the gradient that differences of the value have", lambda problem: problem.has_gradient)
def gradient_is_right(problem: Problem) -> None:
    for x in _points(problem):
        value, gradient = problem.value_and_gradient(x)
        scale = max(float(np.abs(gradient).max()), 1e-8 * abs(value))
        for v in _directions(problem):
            _differentiate("gradient", problem, problem.value, x, v, gradient @ v, scale)


@promise(
    "has the directional derivative that differences of the value have",
    lambda problem: problem.directional_derivative is not None,
)
def directional_derivative_is_right(problem: Problem) -> None:
    directional = problem.directional_derivative
    assert directional
    for x in _points(problem):
        slopes = [(v, directional(x, v)[1]) for v in _directions(problem)]
        scale = max(*(abs(slope) for _, slope in slopes), 1e-8 * abs(problem.value(x)))
        for v, slope in slopes:
            _differentiate("directional derivative", problem, problem.value, x, v, slope, scale)
            twice = directional(x, 2 * v)[1]
            if not abs(twice - 2 * slope) <= SUM * scale + _noise(problem):
                raise Broken("its directional derivative along 2 v is not twice that along v")


@promise(
    "has the Hessian-vector product that differences of the gradient have",
    lambda problem: problem.hessian_vector is not None and problem.has_gradient,
)
def hessian_vector_is_right(problem: Problem) -> None:
    assert problem.hessian_vector
    for x in _points(problem):
        for v in _directions(problem)[:POINTS]:
            product = problem.hessian_vector(x, v)
            scale = max(_norm(product), 1e-8 * _norm(problem.value_and_gradient(x)[1]))
            gradient = _second(problem.value_and_gradient)
            _differentiate("Hessian-vector product", problem, gradient, x, v, product, scale)


@promise(
    "has the Jacobian that differences of the residuals have",
    lambda problem: problem.residuals is not None and problem.jacobian is not None,
)
def jacobian_is_right(problem: Problem) -> None:
    assert problem.residuals
    assert problem.jacobian
    for x in _points(problem):
        jacobian, residuals = problem.jacobian(x), problem.residuals
        for v in _directions(problem)[: 2 * POINTS]:
            scale = max(_norm(jacobian @ v), 1e-8 * _norm(residuals(x)))
            _differentiate("Jacobian", problem, residuals, x, v, jacobian @ v, scale)


@promise(
    "has a batch gradient that is the gradient when the batch is everything",
    lambda problem: problem.batch_gradient is not None and problem.has_gradient,
)
def batch_is_right(problem: Problem) -> None:
    assert problem.batch_gradient
    for x in _points(problem):
        gradient = problem.value_and_gradient(x)[1]
        batch = problem.batch_gradient(x, np.arange(problem.terms))
        _compare("gradient of all terms", batch, gradient, "gradient", SUM)


@promise("gives the same bits for the same x, or declares its noise")
def repeatable(problem: Problem) -> None:
    x = _points(problem)[0]
    if problem.repeats:
        spread = measured_noise(problem, x)
        if not problem.noise / 3 < spread < problem.noise * 3:
            raise Broken(f"it declares noise={problem.noise:g}, and its values at one x differ by {spread:.2g}")
        return
    for name, method in _methods(problem).items():
        for x in _points(problem):
            if _bits(method(x.copy())) != _bits(method(x.copy())):
                spread = measured_noise(problem, x)
                advice = "noise belongs into observe" if problem.ours else "fix its seed, or declare noise=..."
                if spread and not problem.ours:
                    advice += f"; the standard deviation of {REPEATS} values is {spread:.2g}"
                raise Broken(f"two calls of {name} at one x differ: {advice}")


@promise("leaves x as it is")
def leaves_x(problem: Problem) -> None:
    for name, method in _methods(problem).items():
        for x in _points(problem):
            given = x.copy()
            method(given)
            if not np.array_equal(given, x):
                raise Broken(f"{name} changed the x that it was given: work on a copy")


@promise(
    "has a best known value that no tested point is below",
    lambda problem: problem.best_known == problem.best_known,  # not NaN
)
def best_known_is_low(problem: Problem) -> None:
    for x in _points(problem):
        value = problem.value(x)
        if value < problem.best_known - SAME * abs(problem.best_known) - _noise(problem):
            raise Broken(f"its value is {value:g} at a random point, below the best known, {problem.best_known:g}")


def check_problem(problem: str | Problem, *, seconds: float = 60.0) -> None:
    """Check every promise of a problem.

    Parameters
    ----------
    problem : str or Problem
        A name, such as `cities-6` or `mine.py:name`, or the problem itself. A problem that is named is checked in
        another process. A problem that is given as an object is checked in this process, without a time limit.
    seconds : float, optional
        The time limit of each check of a problem that is named.

    Raises
    ------
    AssertionError
        If the problem breaks a promise. The message lists all faults.
    UsageError
        If there is no such problem.

    Examples
    --------
    >>> from mdsbench.testing import check_problem
    >>> check_problem("sphere-3")  # doctest: +SKIP

    """
    if isinstance(problem, str):
        promises.require(examine_problem(problem, seconds=seconds), problem)
    else:
        concerning = PROBLEM_CHECKS.concerning(problem)
        promises.require(((words, _fault_of(words, problem)) for words in concerning), problem.name)


def examine_problem(name: str, *, seconds: float = 60.0) -> Iterator[tuple[str, str]]:
    """Yield each promise and its fault in words, which is empty if the problem keeps the promise.

    A promise about something that the problem does not give, such as a gradient, is left out.

    Every check may take `seconds` in a process that is then killed. A problem that was registered in this session, not
    in a file, is checked in this process without a time limit. Raises UsageError if there is no such problem.
    """
    if promises.is_only_here(PROBLEMS, re.sub(r"-\d+$", "", parse(name).name)):
        yield from ((words, _fault((words, name))) for words in PROBLEM_CHECKS.concerning(find(name)))
        return
    concerning = promises.ask(_concerning, name, seconds)
    if isinstance(concerning, str):
        raise UsageError(concerning)
    yield from promises.examine(_fault, concerning, name, seconds)


def _concerning(name: str) -> list[str] | str:
    """The promises that concern the problem, or why there is no such problem."""
    try:
        return PROBLEM_CHECKS.concerning(find(name))
    except UsageError as error:
        return str(error)


def _fault(question: promises.Question) -> str:
    words, name = question
    return _fault_of(words, find(name))


def _fault_of(words: str, problem: Problem) -> str:
    problem.prepare()
    with np.errstate(all="ignore"):
        return PROBLEM_CHECKS.fault(words, problem)


def _points(problem: Problem) -> list[Array]:
    """The published start and random points near it: all in the unit cube, or inside the bounds; none fails."""
    start, rng = _inside(published(problem), problem), np.random.default_rng(0)
    drawn = [rng.uniform(size=len(start)) for _ in range(POINTS - 1)]
    near = [0.8 * start + 0.2 * (scaled(unit, problem) if _is_boxed(problem) else unit) for unit in drawn]
    return [start_that_works(x, problem.fails) for x in (start, *(_inside(x, problem) for x in near))]


def _is_boxed(problem: Problem) -> bool:
    return problem.bounds is not None and bool(np.isfinite(problem.bounds).all())


def _inside(x: Array, problem: Problem) -> Array:
    """The position, moved a little from the bounds that it is at, so that there is room for differences."""
    if problem.bounds is None:
        return x
    low, high = problem.bounds
    room = np.minimum(0.01, 0.1 * (high - low))
    inside: Array = np.clip(x, low + room, high - room)
    return inside


def _directions(problem: Problem) -> Array:
    """Random directions of length 1 and, if there are not too many, every coordinate; shape (directions, dimension).

    If the function is slow there are fewer.
    """
    n = problem.dimension
    drawn = np.random.default_rng(1).normal(size=(DIRECTIONS, n))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    directions = np.concatenate([drawn, np.eye(n)]) if n <= EVERY_COORDINATE else drawn
    if problem.ours:
        return directions
    return directions[: max(POINTS, int(SECONDS / (4 * len(STEPS) * POINTS * seconds_of_a_value(problem))))]


@lru_cache(8)
def seconds_of_a_value(problem: Problem) -> float:
    """What a value takes, in seconds."""
    return clocked(problem.value, _points(problem)[0])


def clocked(function: Callable[[Array], Any], x: Array) -> float:
    """What a call takes, in seconds: the second of two calls at the same x."""
    function(x.copy())
    began = perf_counter()
    function(x.copy())
    return max(1e-7, perf_counter() - began)


def measured_noise(problem: Problem, x: Array) -> float:
    """The standard deviation of ten values at one x, exactly 0 if all are the same."""
    values = [problem.value(x.copy()) for _ in range(REPEATS)]
    return float(np.std(values, ddof=1)) if len(set(values)) > 1 else 0.0


@lru_cache(8)
def _round_off(problem: Problem) -> float:
    """The relative round-off of values: single precision of a user's function whose values all have it."""
    single = not problem.ours and all(
        float(np.float32(value)) == value for value in map(problem.value, _points(problem))
    )
    return 2.0**-24 if single else problem.round_off


def _noise(problem: Problem) -> float:
    """How far two values at one x may be apart, of a function that declares its noise."""
    return WIDTHS * problem.noise if problem.repeats else 0.0


def _methods(problem: Problem) -> dict[str, Callable[[Array], Any]]:
    """What the problem computes at an x."""
    methods: dict[str, Callable[[Array], Any] | None] = {
        "value": problem.value,
        "value_and_gradient": problem.value_and_gradient if problem.has_gradient else None,
        "residuals": problem.residuals,
        "jacobian": problem.jacobian,
        "guttman": problem.guttman,
    }
    hessian_vector, batch_gradient = problem.hessian_vector, problem.batch_gradient
    directional = problem.directional_derivative
    v = _directions(problem)[0]
    if hessian_vector:
        methods["hessian_vector"] = lambda x: hessian_vector(x, v)
    if directional:
        methods["directional_derivative"] = lambda x: directional(x, v)
    if batch_gradient:
        methods["batch_gradient"] = lambda x: batch_gradient(x, np.arange(problem.terms))
    return {name: method for name, method in methods.items() if method}


def _second(pair: Callable[[Array], tuple[float, Array]]) -> Callable[[Array], Array]:
    return lambda x: pair(x)[1]


def _expect(what: str, array: Any, shape: tuple[int, ...]) -> None:
    """Raise Broken unless this is an array of doubles of that shape."""
    if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != np.float64:
        found = f"shape {array.shape}, {array.dtype}" if isinstance(array, np.ndarray) else repr(array)[:60]
        raise Broken(f"its {what} is {found}: it is an array of shape {shape}, float64")


def _expect_two_numbers(pair: Any) -> None:
    """Raise Broken unless this is what a directional derivative returns."""
    if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(number, float) for number in pair):
        raise Broken(
            f"its directional_derivative returned {pair!r:.60}: it is the value and the derivative, two floats"
        )


def _compare(what: str, found: Any, wanted: Any, name: str, tolerance: float, noise: float = 0.0) -> None:
    """Raise Broken unless two numbers or arrays agree to a relative tolerance, or within the noise."""
    difference = _norm(np.subtract(found, wanted))
    error = difference / max(_norm(wanted), 1e-300)
    if not error <= tolerance and difference > max(1e-14, noise):
        raise Broken(f"its {what} differs from its {name} by {error:.1e} of it")


def _differentiate(
    what: str, problem: Problem, function: Callable[[Array], Any], x: Array, v: Array, expected: Any, scale: float
) -> None:
    """Raise Broken unless central differences of the function along v are as expected."""
    steps = _steps(problem, x, v)
    measured = [(function(x + step * v) - function(x - step * v)) / (2 * step) for step in steps]

    def best(wanted: Any) -> tuple[float, Any]:
        """The least relative error of the differences, and the differences that have it."""
        errors = [(_norm(one - wanted) / max(scale, 1e-300), one) for one in measured]
        return min(errors, key=lambda pair: (isnan(pair[0]), pair[0]))

    error, nearest = best(expected)
    allowed = max(DERIVATIVE, 30 * _round_off(problem) ** (2 / 3)) + _noise(problem) / (max(steps) * max(scale, 1e-300))
    if error <= allowed:
        return
    if best(-expected)[0] <= allowed:
        raise Broken(f"its {what} has the wrong sign: central differences are its negative")
    told = f", {float(expected):.6g} where they are {float(nearest):.6g}" if np.ndim(expected) == 0 else ""
    raise Broken(f"its {what} differs from central differences by {error:.1e} of its size{told}")


def _steps(problem: Problem, x: Array, v: Array) -> list[float]:
    """The steps of differences along v that stay within the bounds.

    They suit the largest variable and, of those that move, the smallest that is not zero, which may be far smaller.
    """
    moves = np.abs(v) > 0
    least = float(np.abs(x[moves & (x != 0)]).min(initial=1.0))
    sizes = {1.0} if problem.ours else {max(1.0, float(np.abs(x).max())), least}
    steps = [size * step for size in sorted(sizes, reverse=True) for step in STEPS]
    if problem.bounds is None:
        return steps
    low, high = problem.bounds
    room = float((np.minimum(high - x, x - low)[moves] / np.abs(v)[moves]).min())
    return [step for step in steps if step <= room] or [room]


def _norm(array: Any) -> float:
    return float(np.linalg.norm(np.atleast_1d(np.asarray(array, dtype=float))))


def _bits(answer: Any) -> list[bytes]:
    parts = answer if isinstance(answer, tuple) else (answer,)
    return [np.asarray(part, dtype=float).tobytes() for part in parts]
