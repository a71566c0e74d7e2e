"""Solvers that know the function to be a sum of squares and ask for what is squared."""

from collections.abc import Generator

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
) -> Generator[Array, None, str]:
    """Gauss and Newton's: the residuals linearised, and a step within a trust region.

    `method` is trf, SciPy's own choice, dogbox, or lm, MINPACK's Levenberg-Marquardt. `tol` is all three of SciPy's
    tolerances: it stops by itself where the loss or the position changes by less (relatively), or the gradient is less.
    The Jacobian is asked for at iterates alone, so that is how they are told. It is dense: 561 by 68 for 34 cities.
    """

    def jacobian(at: Array) -> Array:
        if not np.array_equal(at, x):
            oracle.iterate(at)
        return oracle.jacobian(at)

    yield from ()
    result = optimize.least_squares(
        oracle.residuals, x, jacobian, method=method, ftol=tol, xtol=tol, gtol=tol, max_nfev=2**31 - 1
    )
    return str(result.message)
