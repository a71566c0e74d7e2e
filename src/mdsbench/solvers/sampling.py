"""Solvers that draw points at random and learn from their values, and two floors that every solver must beat."""

from collections.abc import Generator
from itertools import count, product

import numpy as np
from scipy import optimize

from mdsbench.errors import UsageError
from mdsbench.oracle.account import GaveUp
from mdsbench.oracle.claims import Claims
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.solvers.scipy_wrappers import FOREVER, Moves, box, no_fixed_variable, one_of, options_of, positive


@solver("cma-es", uses="value", reference="Hansen & Ostermeier 2001; Hansen 2016, tutorial; code: cma", bounds=True)
def cma_es(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    sigma: float = 0.3,
    popsize: int = 0,
    tolfun: float = 1e-11,
    tolfunhist: float = 1e-12,
    tolfunrel: float = 0.0,
    tolx: float = 1e-11,
    tolstagnation: int = 0,
    tolfacupx: float = 1e3,
    tolconditioncov: float = 1e14,
) -> Generator[Array, None, str]:
    """Draws from a normal distribution whose mean and covariance adapt to the ranks of the values.

    `sigma` is the first standard deviation: 0.3, a third of the unit square, as the tutorial advises. `popsize` is the
    number of points per generation, or 0 for the library's 4 + 3 ln n. An iterate is the mean. The solver returns by
    the library's rules and options, of which `tolfun` applies first; `tolstagnation` 0 is the library's formula. A rule
    that is no convergence, such as `tolfacupx` or `tolconditioncov`, is the ending gave-up.
    """
    no_fixed_variable(oracle, "cma-es")
    positive("cma-es", sigma=sigma)
    with oracle.off_the_clock():
        import cma  # takes a second, because it loads its plotting libraries
    options = {
        "randn": lambda *shape: rng.standard_normal(shape),
        "seed": np.nan,  # do not change NumPy's global generator
        "maxiter": np.inf,
        "verbose": -9,
        "tolfun": tolfun,
        "tolfunhist": tolfunhist,
        "tolfunrel": tolfunrel,
        "tolx": tolx,
        "tolfacupx": tolfacupx,
        "tolconditioncov": tolconditioncov,
        **({"popsize": popsize} if popsize else {}),
        **({"tolstagnation": tolstagnation} if tolstagnation else {}),
        **({} if oracle.bounds is None else {"bounds": [list(bound) for bound in oracle.bounds]}),
    }
    with options_of("cma"):
        search = cma.CMAEvolutionStrategy(x, sigma, options)
    while not search.stop():
        drawn = search.ask()
        search.tell(drawn, [oracle.value(point) for point in drawn])
        yield search.mean if oracle.bounds is None else search.result.xfavorite
    oracle.claims = Claims("cma", search.countevals)
    reasons = search.stop()
    if not _CONVERGED.intersection(reasons):
        raise GaveUp(f"cma: {reasons}")
    return f"cma: {reasons}"


_CONVERGED = frozenset({"tolfun", "tolfunhist", "tolfunrel", "tolx", "tolxstagnation", "ftarget"})

_STRATEGIES = tuple(
    f"{base}{crossing}"
    for crossing in ("bin", "exp")
    for base in ("best1", "best2", "rand1", "rand2", "randtobest1", "currenttobest1")
)


@solver("differential-evolution", uses="value", reference="Storn & Price 1997; code: SciPy", version=2, bounds=True)
def differential_evolution(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
    popsize: int = 3,
    polish: bool = True,
    strategy: str = "best1bin",
    mutation: float | str = "0.5, 1",
    recombination: float = 0.7,
    tol: float = 0.01,
    atol: float = 0.0,
    init: str = "latinhypercube",
    updating: str = "immediate",
) -> str:
    """A population whose members try differences of other members as steps.

    The solver searches the bounds or a box around the start, see `mdsbench.solvers.scipy_wrappers.box`; the start is a
    member. `popsize` is the number of members per variable: 3. With SciPy's 15, the members gather in many rotated and
    mirrored copies of one map, and their differences are useless as steps. This was measured on 5, 7 and 9 cities,
    which no report shows: data/tune_differential_evolution.csv. All other options are SciPy's. `mutation` is a number,
    or two numbers between which it is drawn anew for each generation: "0.5, 1". `polish` ends with L-BFGS-B by finite
    differences, charged. An iterate is the best member of a generation, and at last the polished one. The solver
    returns if the members' values are within `tol` of one another, relative to their mean, plus `atol`.
    """
    low, high = box(oracle, x, radius)
    positive("differential-evolution", popsize=popsize)
    moves = Moves(oracle)
    with options_of("differential-evolution") as question:
        result = optimize.differential_evolution(
            question(oracle.value),
            list(zip(low, high, strict=True)),
            x0=x,
            rng=rng,
            popsize=popsize,
            polish=polish,
            strategy=one_of("differential-evolution", "strategy", strategy, _STRATEGIES),
            mutation=_mutation(mutation),
            recombination=recombination,
            tol=tol,
            atol=atol,
            init=one_of("differential-evolution", "init", init, ("latinhypercube", "sobol", "halton", "random")),
            updating=one_of("differential-evolution", "updating", updating, ("immediate", "deferred")),
            maxiter=FOREVER,
            callback=lambda best, convergence: moves.to(best),  # noqa: ARG005 - SciPy passes it by name
        )
    return moves.end(result)


def _mutation(given: float | str) -> float | tuple[float, ...]:
    """A number, or the two that a word such as `0.5, 1` names; raises UsageError."""
    if isinstance(given, float):
        return given
    try:
        low, high = map(float, str(given).strip("()").split(","))
    except ValueError:
        raise UsageError(f'differential-evolution(mutation={given}): give a number, or two as in "0.5, 1"') from None
    return low, high


@solver("dual-annealing", uses="value", reference="Xiang, Sun, Fan & Gong 1997; code: SciPy", bounds=True)
def dual_annealing(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
    local_search: bool = True,
    initial_temp: float = 5230.0,
    restart_temp_ratio: float = 2e-5,
    visit: float = 2.62,
    accept: float = -5.0,
) -> str:
    """Generalised simulated annealing with heavy-tailed jumps, and a local search after them.

    Options are SciPy's. The solver searches the bounds or a box around the start, see
    `mdsbench.solvers.scipy_wrappers.box`. `local_search` is L-BFGS-B by finite differences, charged. Without it none of
    six seeds reached a gap of 1e-6 at six cities in 24,000 calls. An iterate is each new best point. The solver does
    not return by itself.
    """
    low, high = box(oracle, x, radius)
    no_fixed_variable(oracle, "dual-annealing")
    if not (1 < visit <= 3 and -1e4 < accept <= -5):
        raise UsageError(f"dual-annealing(visit={visit:g}, accept={accept:g}): they are in (1, 3] and (-10000, -5]")
    moves = Moves(oracle)
    with options_of("dual-annealing") as question:
        result = optimize.dual_annealing(
            question(oracle.value),
            list(zip(low, high, strict=True)),
            x0=x,
            rng=rng,
            no_local_search=not local_search,
            initial_temp=initial_temp,
            restart_temp_ratio=restart_temp_ratio,
            visit=visit,
            accept=accept,
            maxiter=FOREVER,
            maxfun=FOREVER,
            callback=lambda found, *_: moves.to(found),
        )
    return moves.end(result)


@solver("random-search", uses="value", reference="Brooks 1958", floor=True, bounds=True)
def random_search(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
) -> Generator[Array, None, None]:
    """Points uniform in the bounds or a box around the start: a floor, because it does not use past values.

    An iterate is the best point so far. `radius` is half the width of the box, see
    `mdsbench.solvers.scipy_wrappers.box`.
    """
    low, high = box(oracle, x, radius)
    lowest = oracle.value(x)
    while True:
        drawn = rng.uniform(low, high)
        loss = oracle.value(drawn)
        if loss < lowest:
            lowest, x = loss, drawn
        yield x


@solver("grid", uses="value", reference="the oldest of them all", floor=True, bounds=True)
def grid(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
) -> Generator[Array, None, None]:
    """Every point of ever finer grids over the bounds or a box around the start, for one or two variables: a floor.

    It does not use past values. The number of points grows exponentially with the number of variables, so more than two
    are refused. Each grid halves the spacing of the last one and evaluates only its new points. An iterate is the best
    point so far. `radius` is half the width of the box, see `mdsbench.solvers.scipy_wrappers.box`.
    """
    if oracle.dimension > 2:
        raise UsageError(f"grid takes one or two variables, not {oracle.dimension}: its points are too many")
    low, high = box(oracle, x, radius)
    lowest = oracle.value(x)
    for halvings in count(1):
        ticks = range(2**halvings + 1)
        for point in product(ticks, repeat=oracle.dimension):
            if halvings > 1 and not any(tick % 2 for tick in point):
                continue  # a point of the last grid
            asked = low + (high - low) * np.array(point) / 2**halvings
            loss = oracle.value(asked)
            if loss < lowest:
                lowest, x = loss, asked
            yield x
