"""Solvers that draw points at random and learn from their values, and two floors that every solver must beat."""

from collections.abc import Generator
from itertools import count, product

import numpy as np
from scipy import optimize

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import solver
from mdsbench.solvers.scipy_wrappers import FOREVER, box


@solver("cma-es", uses="value", reference="Hansen & Ostermeier 2001; Hansen 2016, tutorial; code: cma")
def cma_es(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    sigma: float = 0.3,
    popsize: int = 0,
) -> Generator[Array, None, str]:
    """Draws from a normal distribution whose mean and covariance adapt to the ranks of the values.

    `sigma` is the first standard deviation: 0.3, a third of the unit square, as the tutorial advises. `popsize` is the
    number of points per generation, or 0 for the library's 4 + 3 ln n. An iterate is the mean. The solver returns by
    the library's rules, of which `tolfun` (1e-11) applies first.
    """
    with oracle.off_the_clock():
        import cma  # takes a second, because it loads its plotting libraries
    options = {
        "randn": lambda *shape: rng.standard_normal(shape),
        "seed": np.nan,  # do not change NumPy's global generator
        "maxiter": np.inf,
        "verbose": -9,
        **({"popsize": popsize} if popsize else {}),
    }
    search = cma.CMAEvolutionStrategy(x, sigma, options)
    while not search.stop():
        drawn = search.ask()
        search.tell(drawn, [oracle.value(point) for point in drawn])
        yield search.mean
    return f"cma: {search.stop()}"


@solver("differential-evolution", uses="value", reference="Storn & Price 1997; code: SciPy")
def differential_evolution(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
    popsize: int = 3,
    polish: bool = True,
) -> str:
    """A population whose members try differences of other members as steps.

    The solver searches a box around the start, see `mdsbench.solvers.scipy_wrappers.box`; the start is a member.
    `popsize` is the number of members per variable: 3. With SciPy's 15, the members gather in many rotated and mirrored
    copies of one map, and their differences are useless as steps. This was measured on 5, 7 and 9 cities, which no
    report shows: data/tune_differential_evolution.csv. `polish` ends with L-BFGS-B by finite differences, charged. An
    iterate is the best member of a generation. The solver returns if the members' values are within 1 % of one another.
    """
    result = optimize.differential_evolution(
        oracle.value,
        list(zip(*box(x, radius), strict=True)),
        x0=x,
        rng=rng,
        popsize=popsize,
        polish=polish,
        maxiter=FOREVER,
        callback=lambda best, convergence: oracle.iterate(best),  # noqa: ARG005 - SciPy passes it by name
    )
    return str(result.message)


@solver("dual-annealing", uses="value", reference="Xiang, Sun, Fan & Gong 1997; code: SciPy")
def dual_annealing(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
    local_search: bool = True,
) -> str:
    """Generalised simulated annealing with heavy-tailed jumps, and a local search after them.

    Options are SciPy's. The solver searches a box around the start, see `mdsbench.solvers.scipy_wrappers.box`.
    `local_search` is L-BFGS-B by finite differences, charged. Without it none of six seeds reached a gap of 1e-6 at six
    cities in 24,000 calls. An iterate is each new best point. The solver does not return by itself.
    """
    result = optimize.dual_annealing(
        oracle.value,
        list(zip(*box(x, radius), strict=True)),
        x0=x,
        rng=rng,
        no_local_search=not local_search,
        maxiter=FOREVER,
        maxfun=FOREVER,
        callback=lambda found, *_: oracle.iterate(found),
    )
    return str(result.message)


@solver("random-search", uses="value", reference="Brooks 1958", floor=True)
def random_search(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
) -> Generator[Array, None, None]:
    """Points uniform in a box around the start: a floor, because it does not use past values.

    An iterate is the best point so far. `radius` is half the width of the box, see
    `mdsbench.solvers.scipy_wrappers.box`.
    """
    low, high = box(x, radius)
    lowest = oracle.value(x)
    while True:
        drawn = rng.uniform(low, high)
        loss = oracle.value(drawn)
        if loss < lowest:
            lowest, x = loss, drawn
        yield x


@solver("grid", uses="value", reference="the oldest of them all", floor=True)
def grid(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
) -> Generator[Array, None, None]:
    """Every point of ever finer grids over a box around the start, for one or two variables: a floor.

    It does not use past values. The number of points grows exponentially with the number of variables, so more than two
    are refused. Each grid halves the spacing of the last one and evaluates only its new points. An iterate is the best
    point so far. `radius` is half the width of the box, see `mdsbench.solvers.scipy_wrappers.box`.
    """
    if oracle.dimension > 2:
        raise UsageError(f"grid takes one or two variables, not {oracle.dimension}: its points are too many")
    low, high = box(x, radius)
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
