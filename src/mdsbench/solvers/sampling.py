"""Solvers that draw points at random and learn from their values; and two floors that everything must beat."""

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
    """Draws from a normal distribution whose mean and covariance learn from the ranks of the values.

    `sigma` is the first standard deviation: 0.3, a third of the unit square, as the tutorial advises. `popsize` is how
    many are drawn at a time, 0 for the library's 4 + 3 ln n. An iterate is the mean. It stops by itself by the
    library's rules, of which `tolfun` (1e-11) comes first.
    """
    with oracle.off_the_clock():
        import cma  # takes a second, for it loads all that it may draw with
    options = {
        "randn": lambda *shape: rng.standard_normal(shape),
        "seed": np.nan,  # leave NumPy's global generator alone
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
) -> Generator[Array, None, str]:
    """A population whose members try one another's differences as steps.

    It searches a box around the start, see `library.box`, and the start is a member. `popsize` is the members for each
    variable: 3, for SciPy's 15 gather in many copies of one map, turned and mirrored, whose differences lead nowhere
    (measured on 5, 7 and 9 cities, which no report shows: data/tune_differential_evolution.csv). `polish` ends with
    L-BFGS-B by finite differences, charged. An iterate is the best member of a generation. It stops by itself where
    the members' values have come within 1 % of one another.
    """
    yield from ()
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
) -> Generator[Array, None, str]:
    """Generalised simulated annealing with heavy-tailed jumps, and a local search from where they lead.

    Options as SciPy has them. It searches a box around the start, see `library.box`. `local_search` is L-BFGS-B by
    finite differences, charged; without it none of six seeds came to a gap of 1e-6 at six cities in 24,000 calls. An
    iterate is each new best point. It never stops by itself.
    """
    yield from ()
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
    """Points uniform in a box around the start: a floor, for it learns nothing from what it has seen.

    An iterate is the best point so far. `radius` is the box's half-width, see `library.box`.
    """
    low, high = box(x, radius)
    lowest = oracle.value(x)
    while True:
        drawn = rng.uniform(low, high)
        told = oracle.value(drawn)
        if told < lowest:
            lowest, x = told, drawn
        yield x


@solver("grid", uses="value", reference="the oldest of them all", floor=True)
def grid(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    radius: float = 1.0,
) -> Generator[Array, None, None]:
    """Every point of a full grid over a box around the start, ever finer, for one or two variables: a floor.

    It learns nothing, and its points multiply with every variable: hence no more than two. Each grid halves the last
    one's spacing and asks only at its new points. An iterate is the best point so far. `radius` is the box's
    half-width, see `library.box`.
    """
    if oracle.dimension > 2:
        raise UsageError(f"grid takes one or two variables, not {oracle.dimension}: its points are too many")
    low, high = box(x, radius)
    lowest = oracle.value(x)
    for halvings in count(1):
        ticks = range(2**halvings + 1)
        for point in product(ticks, repeat=oracle.dimension):
            if halvings > 1 and not any(tick % 2 for tick in point):
                continue  # the last grid had it
            asked = low + (high - low) * np.array(point) / 2**halvings
            told = oracle.value(asked)
            if told < lowest:
                lowest, x = told, asked
            yield x
