"""Powell's family: derivative-free solvers that minimise a model, built from values, within a trust region."""

from math import inf

import numpy as np

from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import solver
from mdsbench.solvers.scipy_wrappers import FOREVER, by_values, optional


@solver("cobyla", uses="value", reference="Powell 1994; code: SciPy")
def cobyla(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    rhobeg: float = 1.0,
    tol: float = 1e-4,
) -> str:
    """Powell's linear models: they interpolate the values of a simplex, and the step is within a trust region.

    Options are SciPy's; lengths are in units of the problem. The radius of the region begins at `rhobeg`, and the
    solver returns when it is `tol`. An iterate is the centre of the region after an iteration.
    """
    return by_values(oracle, x, "COBYLA", {"rhobeg": rhobeg, "tol": tol, "maxiter": 2**31 - 1})


@solver("cobyqa", uses="value", reference="Ragonneau 2022, thesis; Ragonneau & Zhang's code in SciPy")
def cobyqa(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    initial_radius: float = 1.0,
    final_radius: float = 1e-6,
) -> str:
    """Quadratic models of least change through 2n + 1 points, and a step within a trust region, after Powell.

    Options are SciPy's. The radius of the region begins at `initial_radius`, and the solver returns when it is
    `final_radius`. An iterate is the best point so far, recorded after every evaluation.
    """
    options = {
        "initial_tr_radius": initial_radius,
        "final_tr_radius": final_radius,
        "maxfev": FOREVER,
        "maxiter": FOREVER,
    }
    return by_values(oracle, x, "COBYQA", options)


@solver("newuoa", uses="value", reference="Powell 2006; code: NLopt")
def newuoa(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: float = 1.0,
    xtol: float = 1e-8,
) -> str:
    """Powell's quadratic models of least change through 2n + 1 points, and a step within a trust region.

    The library is the extra `nlopt`. Of the libraries with Powell's solvers, only NLopt has wheels for every platform,
    a permissive licence, and lets exceptions through. `step` is the first radius, as in COBYLA and COBYQA. NLopt's
    default is each coordinate's distance from 0, which depends on the position of a map. The solver returns if the last
    step changed no coordinate by more than `xtol`. NLopt has no default for it, and 1e-8 is the root of the machine
    precision. NLopt has no callback, so an iterate is each new best point.
    """
    nlopt = optional(oracle, "nlopt", "nlopt")
    lowest = inf

    def value(at: Array, _: Array) -> float:
        nonlocal lowest
        loss = oracle.value(at)
        if loss < lowest:
            lowest = loss
            oracle.iterate(at)
        return loss

    search = nlopt.opt(nlopt.LN_NEWUOA, oracle.dimension)
    search.set_min_objective(value)
    search.set_initial_step(step)
    search.set_xtol_abs(xtol)
    search.optimize(x)
    return f"NLopt's code {search.last_optimize_result()}"
