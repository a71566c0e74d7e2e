"""The solvers. Importing this package registers them all."""

from mdsbench.solvers import (
    direct,
    first_order,
    least_squares,
    model_based,
    quasi_newton,
    restarts,
    sampling,
)

__all__ = ["direct", "first_order", "least_squares", "model_based", "quasi_newton", "restarts", "sampling"]
