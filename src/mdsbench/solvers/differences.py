"""The step of a difference: how far from x a function is evaluated to estimate its slope there.

    h_i = h max(|x_i|, s_i)

s_i is the size of variable i, as in Dennis & Schnabel 1996 (their typx), so that a step suits variables of any unit.
They ask the user for it. Here it is |x_i| where the first gradient is taken, mostly the start. A variable that is 0
there has the size of the largest one, and if all are 0, the size is 1.

Two sizes are guesses that a look at the function can refute. A variable that is not 0, but below 1e-10 of the largest,
may be in another unit, or may be a rounding error of 0. If all variables are 0, the size 1 may be too small. In these
two cases, if the step changes the value by no more than rounding, larger sizes are tried, each for the price of one
evaluation, at the first gradient only: the size of the largest variable, or 1e4 and 1e8.
"""

import numpy as np
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array

_EPS = float(np.finfo(float).eps)


class Axes:
    """The axes of an oracle's function: values where one variable is moved within its bounds, and the sizes of all."""

    def __init__(self, oracle: Oracle) -> None:
        self.low: Array = np.full(oracle.dimension, -np.inf) if oracle.bounds is None else oracle.bounds[0]
        self.high: Array = np.full(oracle.dimension, np.inf) if oracle.bounds is None else oracle.bounds[1]
        self._oracle = oracle

    def moved(self, x: Array, i: int, to: float) -> float:
        """The value where variable i is `to` instead; the distance to x is then a number that x + h can represent."""
        there = x.copy()
        there[i] = to
        return self._oracle.value(there)

    def one_side(self, x: Array, i: int, h: float) -> float:
        """Where variable i goes: up, or down if there is no room for the step, but more than above."""
        if x[i] + h <= self.high[i]:
            return float(x[i] + h)
        if x[i] - h >= self.low[i]:
            return float(x[i] - h)
        return float(max(self.low[i], self.high[i], key=lambda end: abs(end - x[i])))

    def slope(self, x: Array, i: int, h: float, here: float) -> float:
        """The slope at x, where the value is `here`, from one side; 0 where both bounds are the same."""
        to = self.one_side(x, i, h)
        return (self.moved(x, i, to) - here) / (to - float(x[i])) if to != x[i] else 0.0

    def tried(self, x: Array, here: float, h: float, noise: float) -> Array:
        """The sizes of the variables, those that are guesses after a look at the function.

        `h` is the step in sizes, and a value that changes by more than `noise` and rounding shows that a size is right.
        """
        sizes, guessed = sizes_at(x)
        largest = float(np.abs(x).max())
        for i in map(int, np.flatnonzero(guessed)):
            longer = [float(sizes[i]), *([largest] if largest else [1e4, 1e8])]
            sizes[i] = self._first_that_matters(x, i, here, h, longer, noise)
        return sizes

    def _first_that_matters(self, x: Array, i: int, here: float, h: float, sizes: list[float], noise: float) -> float:
        """The first of the sizes whose step changes the value by more than rounding and noise.

        If there is none, the variable hardly matters: its size is the largest variable's, or 1.
        """
        for size in sizes:
            change = self.moved(x, i, self.one_side(x, i, h * size)) - here
            if not abs(change) <= 4 * _EPS * abs(here) + noise:
                return size
        return sizes[-1] if len(sizes) == 2 else sizes[0]


def sizes_at(x: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The sizes of the variables by the numbers in x, shape (dimension,), and which of them are guesses."""
    sizes, largest = np.abs(x), float(np.abs(x).max())
    guessed = np.full(x.size, largest == 0) | ((sizes > 0) & (sizes < 1e-10 * largest))
    sizes[sizes == 0] = largest or 1.0
    return sizes, guessed


class Steps:
    """Slopes of an oracle's function along the axes, from differences of order 1 (one side) or 2 (two sides)."""

    def __init__(self, oracle: Oracle, h: float, order: int) -> None:
        if not 0 <= h < np.inf:
            raise UsageError(f"h={h:g}: it is a positive number, or 0 for the rule")
        self._oracle, self._h, self._order = oracle, h, order
        self._axes = Axes(oracle)
        self._sizes: Array | None = None

    def slope(self, x: Array, i: int, here: float | None = None) -> float:
        """The slope at x along variable i; `here` is the value at x, which one side needs."""
        if self._sizes is None:
            self._sizes = self._first_sizes(x, here)
        h = self._h * float(max(abs(x[i]), self._sizes[i]))
        axes = self._axes
        if self._order == 1:
            assert here is not None
            return axes.slope(x, i, h, here)
        above, below = float(min(x[i] + h, axes.high[i])), float(max(x[i] - h, axes.low[i]))
        if above == below:
            return 0.0
        return (axes.moved(x, i, above) - axes.moved(x, i, below)) / (above - below)

    def _first_sizes(self, x: Array, here: float | None) -> Array:
        """The sizes of the variables at the first gradient; sets the default of h."""
        sizes, guessed = sizes_at(x)
        noise = self._oracle.noise if not self._h else 0.0
        if here is None and (noise or guessed.any()):
            here = self._oracle.value(x)
        self._h = self._h or _relative_step(self._order, noise, abs(here or 0.0))
        if not guessed.any():
            return sizes
        assert here is not None
        return self._axes.tried(x, here, self._h, self._oracle.noise)


def _relative_step(order: int, noise: float, value: float) -> float:
    """The default of h: for rounding errors, or for noise of that standard deviation in values of that size."""
    rounding = float(_EPS ** (1 / (order + 1)))
    if not noise:
        return rounding
    ratio = noise / value if value > noise else 1.0
    return max(rounding, float(8**0.25 * ratio**0.5 if order == 1 else (3 * ratio) ** (1 / 3)))
