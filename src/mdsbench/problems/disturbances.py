"""Disturbances of the values that a solver receives: noise and rounding. What is recorded is not disturbed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mdsbench.problems.problem import Array, Problem

Observe = Callable[[Any, np.random.Generator], Any]


def disturbed(problem: Problem, observe: Observe, deviation: float) -> Problem:
    """The problem whose values and derivatives are disturbed by `observe` after every other disturbance.

    `deviation` is the standard deviation of this disturbance of a value. There is no Guttman transform, because that is
    neither a value nor a derivative.
    """
    earlier = problem.observe

    def both(number: Any, rng: np.random.Generator) -> Any:
        return observe(number if earlier is None else earlier(number, rng), rng)

    return replace(problem, observe=both, noise=float(np.hypot(problem.noise, deviation)), guttman=None)


def normal_noise(deviation: float) -> Observe:
    """Independent normal noise, the same for values, components of derivatives and residuals."""

    def observe(number: float | Array, rng: np.random.Generator) -> float | Array:
        noisy = number + deviation * rng.standard_normal(np.shape(number))
        return noisy if isinstance(number, np.ndarray) else float(noisy)

    return observe


def relative_noise(eps: float) -> Observe:
    """A number, or each number of an array, times 1 + eps u, where u is uniform between -1 and 1."""

    def observe(number: float | Array, rng: np.random.Generator) -> float | Array:
        noisy = number * (1 + eps * rng.uniform(-1, 1, size=np.shape(number)))
        return noisy if isinstance(number, np.ndarray) else float(noisy)

    return observe


def rounding(quantum: float) -> Observe:
    """The nearest multiple of `quantum`. A gradient is rounded like a value; it is not that of a staircase."""

    def observe(number: float | Array, _: np.random.Generator) -> float | Array:
        rounded = quantum * np.round(np.divide(number, quantum))
        return np.asarray(rounded) if isinstance(number, np.ndarray) else float(rounded)

    return observe
