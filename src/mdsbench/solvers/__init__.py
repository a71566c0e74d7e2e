"""The solvers. Importing this package registers them all."""

from mdsbench.solvers import (
    adaptive,
    direct,
    first_order,
    least_squares,
    majorize,
    model_based,
    momentum,
    quasi_newton,
    restarts,
    sampling,
)

__all__ = [
    "adaptive",
    "direct",
    "first_order",
    "least_squares",
    "majorize",
    "model_based",
    "momentum",
    "quasi_newton",
    "restarts",
    "sampling",
]
