"""Differences whose steps suit the noise of a function: the noise and the curvature are estimated first.

The noise is the standard deviation of a value at x. ECnoise (Moré & Wild 2011) estimates it from a table of differences
of a few values along a line: the differences of a smooth function fall with their order, those of noise do not. The
step of a forward difference with the least expected error is (Moré & Wild 2012)

    h = 8^(1/4) (noise / |f''|)^(1/2)

and their heuristic estimates |f''| from two or four values on both sides of x.
"""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

import numpy as np

from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array

POINTS = 7  # in a table; the paper recommends that for stochastic functions
FIRST, FACTOR, TRIES = 1e-6, 100.0, 5  # the spacing of the first table, and its change from one to the next
LONGEST = 1.0  # the longest spacing, and the longest step, in sizes of the variables
ALIKE = 4.0  # estimates of three successive orders within this factor are reliable
MANY, FEW = 100.0, 0.1  # the second difference in noises, and the change of the value, where |f''| is reliable
_EPS = float(np.finfo(float).eps)


class Verdict(Enum):
    """What a table says of its spacing."""

    FOUND = "found"
    SHORT = "too short: half of the values are the same"
    LONG = "too long: the function itself changes"


class Noise(NamedTuple):
    """An estimate of the noise and what the table says; each order's estimate, from the first."""

    noise: float
    verdict: Verdict
    levels: Array


def ecnoise(values: Array) -> Noise:
    """Estimate the noise from values at points of equal spacing on a line, shape (4 or more,).

    Order k of the table has the estimate sqrt(g_k mean(D_k^2)), with g_k = (k!)^2 / (2k)!. The noise is the first
    estimate that agrees with the next two within the factor 4, if the differences of that order change sign. The
    paper's other condition, that the values differ by at most a tenth, is left out: strong noise does not meet it.

    Examples
    --------
    >>> found = ecnoise(np.array([1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0]))
    >>> found.verdict.name, found.levels.round(3).tolist()
    ('FOUND', [0.707, 0.816, 0.894, 0.956, 1.008, 1.053])
    """
    differences, gamma = values, 1.0
    levels, changes = [], []
    for k in range(1, len(values)):
        differences = np.diff(differences)
        if k == 1 and np.count_nonzero(differences == 0) >= len(values) / 2:
            return Noise(0.0, Verdict.SHORT, np.zeros(len(values) - 1))
        gamma *= k / (2 * (2 * k - 1))
        levels.append(float(np.sqrt(gamma * np.mean(differences**2))))
        changes.append(bool(differences.min() < 0 < differences.max()))
    for k in range(len(levels) - 2):
        three = levels[k : k + 3]
        if changes[k] and max(three) <= ALIKE * min(three):
            return Noise(levels[k], Verdict.FOUND, np.array(levels))
    return Noise(levels[-1], Verdict.LONG, np.array(levels))


def noise_of(value: Callable[[float], float], here: float) -> float:
    """The noise of a function of one variable at 0, where its value is `here`; at least the rounding of that value.

    A table takes six more values, at 1 to 6 spacings. Where it says that they are too short or too long, the spacing is
    changed by a factor of 100, and between one that is too short and one that is too long the next is in the middle.
    After five tables without an answer, the noise is what the last one shows.
    """
    spacing, found, ends = FIRST, 0.0, dict[Verdict, float]()
    for _ in range(TRIES):
        table = np.array([here, *(value(k * spacing) for k in range(1, POINTS))])
        noise, verdict, _ = ecnoise(table)
        found = noise or found
        if verdict == Verdict.FOUND:
            break
        ends[verdict] = spacing
        if len(ends) == 2:
            spacing = float(np.sqrt(ends[Verdict.SHORT] * ends[Verdict.LONG]))
        else:
            spacing = min(LONGEST, spacing * FACTOR) if verdict == Verdict.SHORT else spacing / FACTOR
    return max(found, _EPS * abs(here))


def curvature_of(value: Callable[[float], float], here: float, noise: float) -> float:
    """|f''(0)| of a function of one variable whose value at 0 is `here`, from two or four values.

    With D(h) = f(h) - 2 f(0) + f(-h), the estimate |D(h)| / h^2 is reliable if |D(h)| is at least 100 noises and both
    values differ from f(0) by at most a tenth of the larger of the two. The first h is that of the paper for the
    guess |f''| = |f(0)|, the second the same for the first estimate. 0 if the function is linear as far as can be seen.
    """
    guess = max(abs(here), noise)
    first, is_reliable = _second_difference(value, here, noise, (noise / guess) ** 0.25)
    if is_reliable or not first:
        return first
    second, _ = _second_difference(value, here, noise, min((noise / first) ** 0.25, LONGEST))
    return second or first


def _second_difference(value: Callable[[float], float], here: float, noise: float, h: float) -> tuple[float, bool]:
    """|D(h)| / h^2, and whether it is reliable."""
    sides = value(h), value(-h)
    difference = abs(sides[0] - 2 * here + sides[1])
    is_near = all(abs(side - here) <= FEW * max(abs(side), abs(here)) for side in sides)
    return difference / h**2, is_near and difference >= MANY * noise


def best_step(noise: float, curvature: float) -> float:
    """The step of a forward difference with the least bound of its expected error, at most LONGEST.

    Examples
    --------
    >>> round(best_step(1e-4, 2.0), 5)
    0.01189
    """
    return min(LONGEST, float(8**0.25 * np.sqrt(noise / curvature))) if curvature else LONGEST


class NoiseAwareSteps:
    """Forward differences of an oracle's function along the axes, with estimated steps.

    A variable's size is |x_i| where the first gradient is taken; one that is 0 there has the size of the largest, and
    if all are 0 the size is 1. The noise is estimated along a random direction, and |f''| along each axis, at the first
    gradient and again after every `renew` gradients (0 is never). `noise` is the present estimate.
    """

    def __init__(self, oracle: Oracle, rng: np.random.Generator, renew: int) -> None:
        self._oracle, self._rng, self._renew = oracle, rng, renew
        self._low: Array = np.full(oracle.dimension, -np.inf) if oracle.bounds is None else oracle.bounds[0]
        self._high: Array = np.full(oracle.dimension, np.inf) if oracle.bounds is None else oracle.bounds[1]
        self._sizes: Array | None = None
        self._steps: Array = np.zeros(oracle.dimension)
        self._taken = 0
        self.noise = 0.0

    def gradient(self, x: Array) -> tuple[float, Array]:
        """The value at x and the gradient, shape (dimension,)."""
        here = self._oracle.value(x)
        if self._sizes is None:
            self._sizes = np.abs(x)
            self._sizes[self._sizes == 0] = self._sizes.max() or 1.0
        if not self._taken or (self._renew and self._taken % self._renew == 0):
            self._estimate(x, here)
        self._taken += 1
        return here, np.array([self._slope(x, i, here) for i in range(x.size)])

    def _estimate(self, x: Array, here: float) -> None:
        """Estimate the noise, and choose the steps."""
        assert self._sizes is not None
        p = self._rng.standard_normal(x.size)
        p *= self._sizes / np.linalg.norm(p)
        self.noise = noise_of(lambda t: self._oracle.value(self._inside(x + t * p)), here)
        for i in range(x.size):
            self._steps[i] = self._sizes[i] * best_step(self.noise, self._curvature(x, i, here))

    def _curvature(self, x: Array, i: int, here: float) -> float:
        """The second derivative at x along variable i, in units of its size."""
        assert self._sizes is not None
        size = float(self._sizes[i])
        return curvature_of(lambda t: self._moved(x, i, t * size), here, self.noise)

    def _slope(self, x: Array, i: int, here: float) -> float:
        """The slope at x along variable i: to the other side if there is no room, 0 where both bounds are the same."""
        step = self._steps[i] if x[i] + self._steps[i] <= self._high[i] else -self._steps[i]
        there = self._inside_of(i, float(x[i] + step))
        return (self._moved(x, i, there - float(x[i])) - here) / (there - float(x[i])) if there != x[i] else 0.0

    def _moved(self, x: Array, i: int, by: float) -> float:
        """The value where variable i is changed, within its bounds."""
        there = x.copy()
        there[i] = self._inside_of(i, float(x[i] + by))
        return self._oracle.value(there)

    def _inside_of(self, i: int, at: float) -> float:
        return float(min(max(at, self._low[i]), self._high[i]))

    def _inside(self, x: Array) -> Array:
        return np.clip(x, self._low, self._high)
