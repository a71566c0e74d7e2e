"""Functions with obstacles for a gradient: plateaus, steps, and regions in which the function has no value.

Every obstacle is a fixed set for each number of variables n. A unit of length is the side of the cube from which the
starts `published` and `uniform` are drawn.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from mdsbench.problems.problem import Array, Problem
from mdsbench.problems.starts import published

HALF_SPACES = 10
SIDE = 0.1  # of the squares in which a function fails, in units of length
SAFE = 0.01  # the share of the height of the published start above f* below which nothing fails
MOST_TRIES = 10_000
STREAMS = {"half-spaces": 1, "plane": 2, "moves": 3}  # of random numbers


class Plateaus:
    """f at the nearest point of a lattice of spacing w: f(w round(x / w)), as a pair of the value and the gradient.

    The function is constant in each cube of side w, and its gradient there is 0.
    """

    def __init__(self, problem: Problem, width: float) -> None:
        self._value, self._width = problem.value, width

    def value(self, x: Array) -> float:
        """The value at the centre of the cube of x."""
        return self._value(self._width * np.round(x / self._width))

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """The value, and the gradient, which is 0 almost everywhere."""
        return self.value(x), np.zeros(x.shape)


class Steps:
    """f* + (f(x) - f*) (1 + h s(x)), where s(x) is how many of ten half-spaces contain x.

    Half-space k has a normal u_k of random direction and a random point p_k of the unit cube on its border: it is
    u_k (x - p_k) > 0. At its border the height above f* changes by h times f - f*. The minimum and its value stay.
    """

    def __init__(self, problem: Problem, height: float) -> None:
        rng = np.random.default_rng([problem.dimension, STREAMS["half-spaces"]])
        normals = rng.standard_normal((HALF_SPACES, problem.dimension))
        self.normals: Array = normals / np.linalg.norm(normals, axis=1, keepdims=True)
        self.offsets: Array = (self.normals * rng.uniform(size=normals.shape)).sum(axis=1)
        self._problem, self._height = problem, height

    def factor(self, x: Array) -> float:
        """1 + h s(x)."""
        return 1.0 + self._height * int(np.count_nonzero(self.normals @ x > self.offsets))

    def value(self, x: Array) -> float:
        """The value at x."""
        lowest = self._problem.best_known
        return lowest + self.factor(x) * (self._problem.value(x) - lowest)

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """The value, and the gradient between the borders."""
        lowest, factor = self._problem.best_known, self.factor(x)
        value, gradient = self._problem.value_and_gradient(x)
        return lowest + factor * (value - lowest), factor * gradient

    def hessian_vector(self, x: Array, v: Array) -> Array:
        """The Hessian between the borders times v."""
        assert self._problem.hessian_vector
        return self.factor(x) * self._problem.hessian_vector(x, v)


class Failures:
    """f, but NaN in a share of the space.

    The plane of two random directions u, v of length 1 is divided into squares of side 0.1, and x belongs to the square
    of (u x, v x). A square is one that fails with probability `share`, decided by a hash of its two indices. So in any
    direction a solver meets regions that fail, about 0.1 wide in this plane. Points whose height above f* is at
    most 0.01 of that of the published start do not fail, so the minimum is the same. If f* is unknown, every point of
    a square that fails does. The value at the published start is computed once, and `fails` computes one in a square
    that fails: no run is charged for these.
    """

    def __init__(self, problem: Problem, share: float) -> None:
        rng = np.random.default_rng([problem.dimension, STREAMS["plane"]])
        plane = rng.standard_normal((2, problem.dimension))
        plane[1] -= (plane[0] @ plane[1]) / (plane[0] @ plane[0]) * plane[0]
        lengths = np.linalg.norm(plane, axis=1, keepdims=True)
        self.plane: Array = plane / np.where(lengths > 0, lengths, 1.0)  # with one variable there is no second one
        self._problem, self._share = problem, share

    @cached_property
    def safe(self) -> float:
        """The value up to which no point fails; NaN, which is above no value, if f* is unknown."""
        lowest = self._problem.best_known
        return lowest + SAFE * (self._problem.value(published(self._problem)) - lowest)

    def is_in_failing_square(self, x: Array) -> bool:
        """Whether the square of x is one that fails."""
        i, j = np.floor(self.plane @ x / SIDE).tolist()
        return abs(i) < 2**52 and abs(j) < 2**52 and uniform_hash(int(i), int(j)) < self._share

    def fails(self, x: Array) -> bool:
        """Whether there is no value at x."""
        return self.is_in_failing_square(x) and not self._problem.value(x) <= self.safe

    def value(self, x: Array) -> float:
        """The value at x, or NaN."""
        value = self._problem.value(x)
        return np.nan if self.is_in_failing_square(x) and not value <= self.safe else value

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """The value and the gradient at x, or NaN."""
        value, gradient = self._problem.value_and_gradient(x)
        if self.is_in_failing_square(x) and not value <= self.safe:
            return np.nan, np.full(x.shape, np.nan)
        return value, gradient


def uniform_hash(i: int, j: int) -> float:
    """A number from 0 to 1 that looks random and depends on two whole numbers alone (the mixer of SplitMix64)."""
    bits = 2**64 - 1
    z = (i * 0x9E3779B97F4A7C15 + j * 0xBF58476D1CE4E5B9) & bits
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = ((z ^ (z >> shift)) * factor) & bits
    return float((z ^ (z >> 31)) >> 11) / 2**53


def start_that_works(x: Array, fails: Callable[[Array], bool] | None) -> Array:
    """The start x, or if the function fails there, the first x + 0.1 z_k where it does not.

    z_1, z_2, ... are fixed vectors of independent standard normal numbers. If there is none, x itself.
    """
    if fails is None or not fails(x):
        return x
    rng = np.random.default_rng(STREAMS["moves"])
    tried = (x + SIDE * rng.standard_normal(x.shape) for _ in range(MOST_TRIES))
    return next((there for there in tried if not fails(there)), x)
