"""Direct search: solvers that only compare function values."""

from collections.abc import Generator
from itertools import count

import numpy as np
from scipy.optimize import minimize

from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import solver
from mdsbench.solvers.scipy_wrappers import by_values


@solver("nelder-mead", uses="value", reference="Nelder & Mead 1965; adaptive: Gao & Han 2012; code: SciPy")
def nelder_mead(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    adaptive: bool = False,
    xatol: float = 1e-4,
    fatol: float = 1e-4,
) -> str:
    """Nelder and Mead's simplex, by SciPy, with SciPy's options.

    An iterate is the best vertex. SciPy's limit of 200 evaluations per variable is removed, because the oracle ends the
    run. The solver returns if the simplex is smaller than xatol and flatter than fatol.
    """
    options = {"adaptive": adaptive, "xatol": xatol, "fatol": fatol, "maxiter": np.inf, "maxfev": np.inf}
    return by_values(oracle, x, "Nelder-Mead", options)


@solver("restarted-nelder-mead", uses="value", reference="fmin.xyz 2024, notebook MDS.ipynb; code: SciPy")
def restarted_nelder_mead(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
) -> Generator[Array, None, None]:
    """Nelder-Mead as in the original: iterate k is the end of a new run of k iterations from iterate k-1.

    Each of these runs builds a new simplex, so k iterates cost k(k+1)/2 iterations of Nelder-Mead.
    """
    for k in count(1):
        x = minimize(oracle.value, x, method="Nelder-Mead", options={"maxiter": k}).x
        yield x


@solver("powell", uses="value", reference="Powell 1964; Press et al. 2007, section 10.7; code: SciPy")
def powell(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    xtol: float = 1e-4,
    ftol: float = 1e-4,
) -> str:
    """Powell's conjugate directions: a line search along each direction in turn, then along their sum.

    Options are SciPy's. An iterate is the end of a turn. The solver returns if a turn gains less than ftol of the
    value; xtol is the tolerance of the line searches.
    """
    options = {"xtol": xtol, "ftol": ftol, "maxiter": np.inf, "maxfev": np.inf}
    return by_values(oracle, x, "Powell", options)
