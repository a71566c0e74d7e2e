"""Direct search: solvers that only compare function values."""

from collections.abc import Generator
from itertools import count
from typing import Any

import numpy as np
from scipy.optimize import minimize

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.solvers.scipy_wrappers import by_values, within


@solver("nelder-mead", uses="value", reference="Nelder & Mead 1965; adaptive: Gao & Han 2012; code: SciPy", bounds=True)
def nelder_mead(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    adaptive: bool = False,
    xatol: float = 1e-4,
    fatol: float = 1e-4,
    initial_simplex: Array | None = None,
) -> str:
    """Nelder and Mead's simplex, by SciPy, with SciPy's options.

    An iterate is the best vertex. SciPy's limit of 200 evaluations per variable is removed, because the oracle ends the
    run. The solver returns if the simplex is smaller than xatol and flatter than fatol. `initial_simplex` is an array
    of shape (n + 1, n), which can be given from Python only; it replaces the start.
    """
    options: dict[str, Any] = {
        "adaptive": adaptive,
        "xatol": xatol,
        "fatol": fatol,
        "maxiter": np.inf,
        "maxfev": np.inf,
    }
    if initial_simplex is not None:
        options["initial_simplex"] = _simplex(initial_simplex, oracle.dimension)
    return by_values(oracle, x, "Nelder-Mead", options)


@solver("restarted-nelder-mead", uses="value", reference="fmin.xyz 2024, notebook MDS.ipynb; code: SciPy", bounds=True)
def restarted_nelder_mead(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
) -> Generator[Array, None, None]:
    """Nelder-Mead as in the original: iterate k is the end of a new run of k iterations from iterate k-1.

    Each of these runs builds a new simplex, so k iterates cost k(k+1)/2 iterations of Nelder-Mead.
    """
    for k in count(1):
        x = minimize(oracle.value, x, method="Nelder-Mead", bounds=within(oracle), options={"maxiter": k}).x
        yield x


@solver("powell", uses="value", reference="Powell 1964; Press et al. 2007, section 10.7; code: SciPy", bounds=True)
def powell(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    xtol: float = 1e-4,
    ftol: float = 1e-4,
    direc: Array | None = None,
) -> str:
    """Powell's conjugate directions: a line search along each direction in turn, then along their sum.

    Options are SciPy's. An iterate is the end of a turn. The solver returns if a turn gains less than ftol of the
    value; xtol is the tolerance of the line searches. `direc` holds the first directions as rows, an array of shape
    (n, n), which can be given from Python only; by default they are the axes.
    """
    options: dict[str, Any] = {"xtol": xtol, "ftol": ftol, "maxiter": np.inf, "maxfev": np.inf}
    if direc is not None:
        options["direc"] = _matrix("powell(direc=...)", direc, (oracle.dimension, oracle.dimension))
    return by_values(oracle, x, "Powell", options)


def _simplex(vertices: Array, n: int) -> Array:
    """The vertices, shape (n + 1, n); raises UsageError if they are no simplex."""
    simplex = _matrix("nelder-mead(initial_simplex=...)", vertices, (n + 1, n))
    if np.linalg.matrix_rank(simplex[1:] - simplex[0]) < n:
        raise UsageError(
            "nelder-mead(initial_simplex=...): its vertices lie in one plane; give a simplex with a volume"
        )
    return simplex


def _matrix(what: str, given: Array, shape: tuple[int, int]) -> Array:
    """A copy of finite numbers of that shape; raises UsageError."""
    try:
        matrix = np.array(given, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"{what} is an array of numbers, shape {shape}; give it from Python") from None
    if matrix.shape != shape or not np.isfinite(matrix).all():
        raise UsageError(
            f"{what} is an array of finite numbers, shape {shape}, not {matrix.shape}; give it from Python"
        )
    return matrix
