"""The loss as an error of a distance, and cost in the original's floating-point operations."""

import numpy as np
from numpy.typing import ArrayLike

from mdsbench.problems.problem import Array, MapInfo


def typical_error(loss: ArrayLike, info: MapInfo) -> Array:
    """The root mean square error of a distance over all pairs of points that a stress stands for, in the map's unit."""
    n = info.points
    error: Array = np.sqrt(np.maximum(loss, 0.0) / (n * (n - 1))) * info.unit_length
    return error


def loss_at(error: ArrayLike, info: MapInfo) -> Array:
    """The stress at which the typical error is `error`."""
    n = info.points
    loss: Array = n * (n - 1) * (np.asarray(error, dtype=float) / info.unit_length) ** 2
    return loss


def flops(evaluations: int, gradients: int, points: int) -> int:
    """The floating-point operations of evaluations as the original estimated them."""
    return (8 * evaluations + 13 * gradients) * points**2
