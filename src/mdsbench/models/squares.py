"""The mean of squared residuals, the loss of a regression."""

import numpy as np
from numpy.typing import NDArray


def mean_square(residuals: NDArray[np.float64]) -> float:
    """1/m sum_i r_i^2 of residuals r, shape (m,)."""
    return float(residuals @ residuals) / len(residuals)
