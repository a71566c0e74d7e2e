"""The loss in kilometres, and cost in the original's floating-point operations."""

import numpy as np
from numpy.typing import ArrayLike

from mdsbench.problems import europe
from mdsbench.problems.problem import Array


def typical_error_km(loss: ArrayLike, n: int) -> Array:
    """The root mean square error of a distance, in km, over all pairs of n cities, that a stress stands for."""
    error: Array = np.sqrt(np.maximum(loss, 0.0) / (n * (n - 1))) * europe.unit_km(n)
    return error


def loss_at(error_km: ArrayLike, n: int) -> Array:
    """The stress at which the typical error is `error_km`."""
    loss: Array = n * (n - 1) * (np.asarray(error_km, dtype=float) / europe.unit_km(n)) ** 2
    return loss


def flops(evaluations: int, gradients: int, n: int) -> int:
    """What calls cost in floating-point operations as the original estimated it, for n cities."""
    return (8 * evaluations + 13 * gradients) * n**2
