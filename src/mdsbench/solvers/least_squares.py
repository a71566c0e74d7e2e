"""Solvers for sums of squares, which use the residuals."""

import numpy as np
from scipy import optimize

from mdsbench.oracle.oracle import ResidualOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import solver


@solver(
    "least-squares",
    uses="residuals",
    reference="Branch, Coleman & Li 1999 (trf); Moré 1978 (lm); code: SciPy",
)
def least_squares(
    oracle: ResidualOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    method: str = "trf",
    tol: float = 1e-8,
) -> str:
    """Gauss-Newton: the residuals are linearised, and the step is within a trust region.

    `method` is trf (SciPy's default), dogbox, or lm (MINPACK's Levenberg-Marquardt). `tol` is used for all three of
    SciPy's tolerances. The solver returns if the relative change of the loss or the position, or the gradient, is less.
    SciPy evaluates the Jacobian only at iterates, so each such evaluation records an iterate. The Jacobian is dense:
    561 by 68 for 34 cities.
    """

    def jacobian(at: Array) -> Array:
        if not np.array_equal(at, x):
            oracle.iterate(at)
        return oracle.jacobian(at)

    result = optimize.least_squares(
        oracle.residuals, x, jacobian, method=method, ftol=tol, xtol=tol, gtol=tol, max_nfev=2**31 - 1
    )
    return str(result.message)
