"""Powell's family: derivative-free solvers that minimise a model, built from values, within a trust region."""

from math import inf, isfinite

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.account import GaveUp
from mdsbench.oracle.claims import Claims
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.registry.registry import SOLVERS
from mdsbench.solvers.scipy_wrappers import FOREVER, by_values, no_fixed_variable, optional, options_of


@solver("cobyla", uses="value", reference="Powell 1994; code: SciPy", bounds=True)
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


@solver("cobyqa", uses="value", reference="Ragonneau 2022, thesis; Ragonneau & Zhang's code in SciPy", bounds=True)
def cobyqa(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    initial_radius: float = 1.0,
    final_radius: float = 1e-6,
    scale: bool = False,
) -> str:
    """Quadratic models of least change through 2n + 1 points, and a step within a trust region, after Powell.

    Options are SciPy's. The radius of the region begins at `initial_radius` (SciPy's initial_tr_radius), and the solver
    returns when it is `final_radius` (final_tr_radius). With `scale`, variables with finite bounds are scaled to them.
    An iterate is the best point so far, recorded after every evaluation.
    """
    options = {
        "initial_tr_radius": initial_radius,
        "final_tr_radius": final_radius,
        "scale": scale,
        "maxfev": FOREVER,
        "maxiter": FOREVER,
    }
    return by_values(oracle, x, "COBYQA", options)


@solver("newuoa", uses="value", reference="Powell 2006; bounds and code: NLopt", bounds=True, needs=("nlopt", "nlopt"))
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
    precision. With bounds it is NLopt's NEWUOA_BOUND. NLopt has no callback, so an iterate is each new best point. A
    value that is not finite reaches NLopt as one far above the finite ones so far, because its models add values.
    """
    nlopt = optional(oracle, "newuoa", SOLVERS)
    if oracle.dimension < 2:
        raise UsageError("newuoa takes two or more variables")
    no_fixed_variable(oracle, "newuoa")
    lowest, highest = inf, -inf

    def value(at: Array, _: Array) -> float:
        nonlocal lowest, highest
        loss = oracle.value(at)
        if loss < lowest:
            lowest = loss
            oracle.iterate(at)
        if isfinite(loss):
            highest = max(highest, loss)
            return loss
        return highest + 100 * (highest - lowest) if isfinite(highest) else 0.0

    search = nlopt.opt(nlopt.LN_NEWUOA if oracle.bounds is None else nlopt.LN_NEWUOA_BOUND, oracle.dimension)
    if oracle.bounds is not None:
        search.set_lower_bounds(oracle.bounds[0])
        search.set_upper_bounds(oracle.bounds[1])
    search.set_initial_step(step)
    search.set_xtol_abs(xtol)
    with options_of("NLopt") as question:
        search.set_min_objective(question(value))
        try:
            search.optimize(x)
        except (RuntimeError, nlopt.RoundoffLimited):
            if search.last_optimize_result() not in _FAILURES:
                raise
    oracle.claims = Claims("NLopt", search.get_numevals())
    code = search.last_optimize_result()
    if code in _FAILURES:
        raise GaveUp(f"NLopt's code {code}: {_FAILURES[code]}")
    return f"NLopt's code {code}"


_FAILURES = {-1: "generic failure", -3: "out of memory", -4: "roundoff errors limit the progress"}
