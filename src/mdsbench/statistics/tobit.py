"""A straight line through numbers of which some are only known to be greater: censored regression (Tobin 1958).

The likelihood of normal errors is written in the parameters of Olsen 1978, in which it is concave: gamma = 1 / sigma
and delta = gamma (intercept, slope). Newton's method then finds its maximum from any start. All functions work on many
samples at once, along the leading axes.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mdsbench.problems.problem import Array
from mdsbench.statistics.quantiles import student

Flags = NDArray[np.bool_]

STEPS, HALVINGS, BISECTIONS, DOUBLINGS = 60, 30, 20, 24


class Line(NamedTuple):
    """The line of the greatest likelihood: its intercept, slope, standard deviation, and the log-likelihood."""

    intercept: Array
    slope: Array
    spread: Array
    likelihood: Array


def fit(x: Array, y: Array, exact: Flags) -> Line:
    """The line y = intercept + slope x + a normal error; where `exact` is false, y is a lower bound of the number.

    All have the shape (..., numbers). At least three numbers must be exact, not all at one x nor on one line.

    Examples
    --------
    >>> line = fit(np.array([0.0, 0, 1, 1]), np.array([0.0, 2, 4, 6]), np.array([True] * 4))
    >>> round(float(line.intercept), 6), round(float(line.slope), 6), round(float(line.spread), 6)
    (1.0, 4.0, 1.0)
    """
    theta, likelihood = _maximum(np.stack([np.ones_like(x), x], axis=-1), y, exact)
    return Line(theta[..., 0] / theta[..., 2], theta[..., 1] / theta[..., 2], 1 / theta[..., 2], likelihood)


def slope_interval(x: Array, y: Array, exact: Flags, line: Line, level: float = 0.95) -> tuple[Array, Array]:
    """The slopes that the ratio of likelihoods does not refuse.

    A slope is refused if twice the difference of the log-likelihoods exceeds N log(1 + t^2 / (N - 2)), with Student's t
    of N - 2 degrees of freedom for N numbers. Without censored numbers this is the exact interval of least squares.
    """
    numbers = x.shape[-1]
    quantile = student(level, numbers - 2)
    allowed = numbers * np.log1p(quantile**2 / (numbers - 2)) / 2

    def refused(slope: Array) -> Flags:
        _, likelihood = _maximum(np.ones((*x.shape, 1)), y - slope[..., None] * x, exact)
        return np.asarray(line.likelihood - likelihood > allowed)

    spread = np.sqrt(np.square(x - x.mean(axis=-1, keepdims=True)).sum(axis=-1))
    low, high = (_edge(line.slope, sign * line.spread / spread, refused) for sign in (-1.0, 1.0))
    return low, high


def _edge(inside: Array, step: Array, refused: Callable[[Array], Flags]) -> Array:
    """Where a slope begins to be refused, in the direction of the step; infinite if it never is."""
    step = np.array(step, float)
    beyond = refused(inside + step)
    for _ in range(DOUBLINGS):
        if beyond.all():
            break
        step = np.where(beyond, step, 2 * step)
        beyond = refused(inside + step)
    near, far = np.array(inside, float), inside + step
    for _ in range(BISECTIONS):
        middle = (near + far) / 2
        out = refused(middle)
        near, far = np.where(out, near, middle), np.where(out, middle, far)
    return np.where(beyond, (near + far) / 2, np.sign(step) * np.inf)


def _maximum(design: Array, y: Array, exact: Flags) -> tuple[Array, Array]:
    """The parameters (delta, gamma) of the greatest likelihood, shape (..., columns + 1), and its logarithm."""
    rows = np.concatenate([-design, y[..., None]], axis=-1)
    events = exact.sum(axis=-1)
    ridge = 1e-10 * np.eye(design.shape[-1])
    square = np.einsum("...ni,...nj->...ij", design, design) + ridge
    beta = np.linalg.solve(square, np.einsum("...ni,...n->...i", design, y)[..., None])[..., 0]
    rest = y - np.einsum("...ni,...i->...n", design, beta)
    gamma = 1 / np.sqrt(np.maximum(np.square(rest).mean(axis=-1), 1e-20))
    theta = np.concatenate([beta * gamma[..., None], gamma[..., None]], axis=-1)
    value = _likelihood(rows, theta, exact)
    for _ in range(STEPS):
        r = np.einsum("...ni,...i->...n", rows, theta)
        hazard = np.exp(-(r**2) / 2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(-r))
        first = np.where(exact, -r, -hazard)
        second = np.where(exact, 1.0, hazard * (hazard - r))
        gradient = np.einsum("...ni,...n->...i", rows, first)
        gradient[..., -1] += events / theta[..., -1]
        curvature = np.einsum("...ni,...n,...nj->...ij", rows, second, rows)
        curvature[..., -1, -1] += events / theta[..., -1] ** 2
        curvature += 1e-12 * np.eye(rows.shape[-1])
        step = np.linalg.solve(curvature, gradient[..., None])[..., 0]
        theta, value, gain = _uphill(rows, theta, step, value, exact)
        if np.max(gain) < 1e-11:
            break
    return theta, value


def _uphill(rows: Array, theta: Array, step: Array, value: Array, exact: Flags) -> tuple[Array, Array, Array]:
    """The parameters after the longest of step, step / 2, step / 4 ... that raises the likelihood."""
    length = np.ones(value.shape)
    for _ in range(HALVINGS):
        there = theta + length[..., None] * step
        found = np.where(there[..., -1] > 0, _likelihood(rows, there, exact), -np.inf)
        worse = ~(found >= value - 1e-12)
        if not worse.any():
            break
        length = np.where(worse, length / 2, length)
    return np.where(worse[..., None], theta, there), np.where(worse, value, found), np.where(worse, 0.0, found - value)


def _likelihood(rows: Array, theta: Array, exact: Flags) -> Array:
    r = np.einsum("...ni,...i->...n", rows, theta)
    gamma = np.maximum(theta[..., -1], 1e-300)[..., None]
    each: Array = np.where(exact, np.log(gamma) - r**2 / 2, special.log_ndtr(-r)).sum(axis=-1)
    return each
