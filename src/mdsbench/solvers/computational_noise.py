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
from mdsbench.solvers.differences import Axes, sizes_at

POINTS = 7  # in a table; the paper recommends that for stochastic functions
FIRST, FACTOR, TRIES = 1e-6, 100.0, 5  # the spacing of the first table, and its change from one to the next
LONGEST = 1.0  # the longest spacing, and the longest step, in sizes of the variables
ALIKE = 4.0  # estimates of three successive orders within this factor are reliable
MANY, FEW = 100.0, 0.1  # the second difference in noises, and the change of the value, where |f''| is reliable
FEW_NOISES = 4.0  # by which two values differ by chance
_STEPS_OF_ROUNDING = 8.0  # machine precisions of x, below which a step is rounded away
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


def curvature_of(
    value: Callable[[float], float], here: float, noise: float, room: tuple[float, float] = (np.inf, np.inf)
) -> float:
    """|f''| near 0 of a function of one variable whose value at 0 is `here`, from two or four values.

    With D(h) = f(h) - 2 f(0) + f(-h), the estimate |D(h)| / h^2 is reliable if |D(h)| is at least 100 noises and both
    values differ from f(0) by at most a tenth of the larger of the two. The first h is that of the paper for the
    guess |f''| = |f(0)|, the second the same for the first estimate. The paper gives up if the second estimate is not
    confirmed; a gradient has to go on, and takes it. 0 if the function is linear as far as can be seen.

    `room` is how far the function goes below and above 0. Where it ends, the centre of D moves inside by h, and h is no
    longer than there is room for.
    """
    guess = max(abs(here), noise)
    if not guess:
        return 0.0
    first, is_reliable = _second_difference(value, here, noise, (noise / guess) ** 0.25, room)
    if is_reliable or not first:
        return first
    second, _ = _second_difference(value, here, noise, min((noise / first) ** 0.25, LONGEST), room)
    return second or first


def _second_difference(
    value: Callable[[float], float], here: float, noise: float, h: float, room: tuple[float, float]
) -> tuple[float, bool]:
    """|D(h)| / h^2, and whether it is reliable."""
    centre, h = _centre(h, *room)
    if not h:
        return 0.0, False
    at = [centre + h, centre, centre - h]
    values = [here if t == 0 else value(t) for t in at]
    difference = abs(values[0] - 2 * values[1] + values[2])
    is_near = all(abs(side - here) <= FEW * max(abs(side), abs(here)) for side in values)
    return difference / h**2, is_near and difference >= MANY * noise


def _centre(h: float, below: float, above: float) -> tuple[float, float]:
    """The centre of a second difference that has 0 as one of its three points, and its h, at most the given one."""
    widest = {0.0: min(below, above), 1.0: above / 2, -1.0: below / 2}
    side = max(widest, key=lambda side: min(h, widest[side]))  # the first one, if all have room
    h = min(h, widest[side])
    return side * h, h


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

    The sizes of the variables are those of `mdsbench.solvers.differences`, where the first gradient is taken. The noise
    is estimated along a random direction, and |f''| along each axis, at the first gradient and again after every
    `renew` gradients (0 is never). `noise` is the present estimate.
    """

    def __init__(self, oracle: Oracle, rng: np.random.Generator, renew: int) -> None:
        self._oracle, self._rng, self._renew = oracle, rng, renew
        self._axes = Axes(oracle)
        self._sizes: Array | None = None
        self._steps: Array = np.zeros(oracle.dimension)
        self._taken = 0
        self.noise = 0.0

    def gradient(self, x: Array) -> tuple[float, Array]:
        """The value at x and the gradient, shape (dimension,)."""
        here = self._oracle.value(x)
        if not self._taken or (self._renew and self._taken % self._renew == 0):
            self._estimate(x, here)
        self._taken += 1
        steps = np.maximum(self._steps, _STEPS_OF_ROUNDING * _EPS * np.abs(x))
        return here, np.array([self._axes.slope(x, i, float(steps[i]), here) for i in range(x.size)])

    def _estimate(self, x: Array, here: float) -> None:
        """Estimate the noise, and choose the steps."""
        sizes = sizes_at(x)[0] if self._sizes is None else self._sizes
        p = self._rng.standard_normal(x.size)
        p *= sizes / np.linalg.norm(p)
        self.noise = noise_of(lambda t: self._oracle.value(np.clip(x + t * p, self._axes.low, self._axes.high)), here)
        if self._sizes is None:
            h = (self.noise / max(abs(here), self.noise)) ** 0.25 if self.noise else LONGEST
            self._sizes = self._axes.tried(x, here, h, FEW_NOISES * self.noise)
        for i in range(x.size):
            self._steps[i] = self._sizes[i] * best_step(self.noise, self._curvature(x, i, here))

    def _curvature(self, x: Array, i: int, here: float) -> float:
        """The second derivative at x along variable i, in units of its size."""
        assert self._sizes is not None
        size, low, high = float(self._sizes[i]), self._axes.low[i], self._axes.high[i]

        def value(t: float) -> float:
            return self._axes.moved(x, i, float(min(max(x[i] + t * size, low), high)))  # against rounding

        return curvature_of(value, here, self.noise, (float(x[i] - low) / size, float(high - x[i]) / size))
