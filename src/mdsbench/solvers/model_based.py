"""Derivative-free solvers that build a quadratic model from values and trust it in a region: Powell's family."""

from collections.abc import Generator
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
) -> Generator[Array, None, str]:
    """Powell's linear models: a simplex's values interpolated, and a step within a trust region.

    Options as SciPy has them; lengths are in units of the problem. It stops by itself where the region, `rhobeg` at
    first, has shrunk to `tol`. An iterate is where the region is centred after each iteration.
    """
    yield from ()  # its iterates go to the oracle through the callback
    return by_values(oracle, x, "COBYLA", {"rhobeg": rhobeg, "tol": tol, "maxiter": 2**31 - 1})


@solver("cobyqa", uses="value", reference="Ragonneau 2022, thesis; Ragonneau & Zhang's code in SciPy")
def cobyqa(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    initial_radius: float = 1.0,
    final_radius: float = 1e-6,
) -> Generator[Array, None, str]:
    """Quadratic models of least change through 2n + 1 points, and a step within a trust region, by Powell's heirs.

    Options as SciPy has them. It stops by itself where the region, `initial_radius` at first, has shrunk to
    `final_radius`. An iterate is the best point so far, told after every evaluation.
    """
    yield from ()
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
) -> Generator[Array, None, str]:
    """Powell's quadratic models of least change through 2n + 1 points, and a step within a trust region.

    The library is the extra `nlopt`: of those that have Powell's solvers, it alone has wheels for every platform and
    a licence like ours, and lets an exception through. `step` is the first radius, as in COBYLA and COBYQA: NLopt's
    own is each coordinate's distance from 0, which depends on where a map lies. `xtol` ends it where the last step
    changed no coordinate by more: NLopt has no tolerance of its own, and 1e-8 is the root of the machine precision.
    NLopt has no callback: an iterate is each new best point, as told.
    """
    nlopt = optional(oracle, "nlopt", "nlopt")
    lowest = inf

    def value(at: Array, _: Array) -> float:
        nonlocal lowest
        told = oracle.value(at)
        if told < lowest:
            lowest = told
            oracle.iterate(at)
        return told

    search = nlopt.opt(nlopt.LN_NEWUOA, oracle.dimension)
    search.set_min_objective(value)
    search.set_initial_step(step)
    search.set_xtol_abs(xtol)
    yield from ()
    search.optimize(x)
    return f"NLopt's code {search.last_optimize_result()}"
