"""Solvers for sums of squares, which use the residuals."""

import numpy as np
from scipy import optimize

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import ResidualOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.solvers.scipy_wrappers import Moves, one_of, options_of, within


@solver(
    "least-squares",
    uses="residuals",
    reference="Branch, Coleman & Li 1999 (trf); Moré 1978 (lm); code: SciPy",
    bounds=True,
)
def least_squares(
    oracle: ResidualOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    method: str = "trf",
    ftol: float = 1e-8,
    xtol: float = 1e-8,
    gtol: float = 1e-8,
    loss: str = "linear",
    f_scale: float = 1.0,
    x_scale: float | str = "",
) -> str:
    """Gauss-Newton: the residuals are linearised, and the step is within a trust region.

    Options are SciPy's. `method` is trf (SciPy's default), dogbox, or lm (MINPACK's Levenberg-Marquardt, which takes no
    bounds). The solver returns if the relative change of the loss is below `ftol`, that of the position below `xtol`,
    or the gradient below `gtol`. With a `loss` other than linear it minimises another function than the run records:
    large residuals, beyond `f_scale`, count less. `x_scale` is a number or jac; left empty it is SciPy's, 1, and jac
    with lm. SciPy evaluates the Jacobian only at iterates, so each such evaluation records an iterate. The Jacobian is
    dense: 561 by 68 for 34 cities.
    """
    one_of("least-squares", "method", method, ("trf", "dogbox", "lm"))
    one_of("least-squares", "loss", loss, ("linear", "soft_l1", "huber", "cauchy", "arctan"))
    if method == "lm" and (oracle.bounds is not None or loss != "linear"):
        raise UsageError("least-squares(method=lm) takes no bounds and the linear loss only: choose trf or dogbox")
    moves = Moves(oracle)

    def jacobian(at: Array) -> Array:
        if not np.array_equal(at, x):
            moves.to(at)
        return oracle.jacobian(at)

    with options_of("least-squares") as question:
        result = optimize.least_squares(
            question(oracle.residuals),
            x,
            question(jacobian),
            bounds=within(oracle) or (-np.inf, np.inf),
            method=method,
            ftol=ftol,
            xtol=xtol,
            gtol=gtol,
            loss=loss,
            f_scale=f_scale,
            max_nfev=2**31 - 1,
            **({"x_scale": x_scale} if x_scale else {}),  # SciPy's default depends on its version
        )
    return moves.end(result)
