"""Direct search: solvers that compare function values and need nothing else."""

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
) -> Generator[Array, None, str]:
    """Nelder and Mead's simplex, SciPy's; every option as SciPy has it.

    An iterate is the best vertex. SciPy's own limit of 200 evaluations a variable is lifted: the oracle ends the
    run. It stops by itself where the simplex is smaller than xatol and flatter than fatol.
    """
    options = {"adaptive": adaptive, "xatol": xatol, "fatol": fatol, "maxiter": np.inf, "maxfev": np.inf}
    yield from ()  # its iterates go to the oracle through the callback
    return by_values(oracle, x, "Nelder-Mead", options)


@solver("restarted-nelder-mead", uses="value", reference="fmin.xyz 2024, notebook MDS.ipynb; code: SciPy")
def restarted_nelder_mead(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
) -> Generator[Array, None, None]:
    """Nelder-Mead as the original ran it: iterate k is the end of a whole new run of k iterations from iterate k-1.

    Each of these runs builds a fresh simplex, so k iterates cost k(k+1)/2 iterations of Nelder-Mead.
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
) -> Generator[Array, None, str]:
    """Powell's conjugate directions: a line search along each direction in turn, then along what they add up to.

    Options as SciPy has them. An iterate is the end of a turn. It stops by itself where a turn gains less than ftol of
    the value; xtol is the line searches'.
    """
    yield from ()
    options = {"xtol": xtol, "ftol": ftol, "maxiter": np.inf, "maxfev": np.inf}
    return by_values(oracle, x, "Powell", options)
