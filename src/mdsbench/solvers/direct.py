"""Direct search: solvers that compare function values and need nothing else."""

from collections.abc import Generator
from itertools import count

import numpy as np
from scipy.optimize import minimize

from mdsbench.oracle import Oracle
from mdsbench.problem import Array
from mdsbench.registry import solver


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
    result = minimize(
        oracle.value,
        x,
        method="Nelder-Mead",
        callback=oracle.iterate,
        options={
            "adaptive": adaptive,
            "xatol": xatol,
            "fatol": fatol,
            "maxiter": np.inf,
            "maxfev": np.inf,
        },
    )
    yield from ()  # its iterates went to the oracle through the callback
    return str(result.message)


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
