"""Quantiles for intervals, by `scipy.special`: `scipy.stats` takes a second to load."""

import numpy as np
from scipy import special

from mdsbench.problems.problem import Array


def student(level: float, freedom: float | Array) -> Array:
    """The bound b for which |t| <= b has that probability, with Student's t of so many degrees of freedom.

    Examples
    --------
    >>> round(float(student(0.95, 3)), 6)
    3.182446
    """
    return np.asarray(special.stdtrit(freedom, (1 + level) / 2), float)


def student_tail(t: float, freedom: int) -> float:
    """The probability that Student's t is greater than `t`.

    Examples
    --------
    >>> round(student_tail(3.182446, 3), 6)
    0.025
    """
    return float(special.stdtr(freedom, -t))


def normal(level: float) -> float:
    """The bound b for which |z| <= b has that probability, with z of the normal distribution.

    Examples
    --------
    >>> round(normal(0.95), 6)
    1.959964
    """
    return float(special.ndtri((1 + level) / 2))
