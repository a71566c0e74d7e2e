"""Solvers that ask only which of two points is lower. Their path is the same under any increasing function of f.

They keep to bounds by moving each trial point to the nearest point inside.
"""

from collections.abc import Generator
from functools import cmp_to_key

import numpy as np

from mdsbench.oracle.comparisons import ComparisonOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.solvers.scipy_wrappers import inside, positive


@solver(
    "comparison-nelder-mead",
    uses="comparison",
    reference="Nelder & Mead 1965; Lagarias, Reeds, Wright & Wright 1998, section 2",
    bounds=True,
)
def comparison_nelder_mead(
    oracle: ComparisonOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    xatol: float = 1e-4,
) -> Generator[Array, None, str]:
    """Nelder and Mead's simplex on comparisons alone: the same path as `nelder-mead`, which receives values.

    With c the mean of all vertices but the worst, the worst w is replaced by the best of

        c + (c - w),    c + 2 (c - w),    c + (c - w) / 2,    c - (c - w) / 2

    that the method tries (reflection, expansion, contraction outside and inside), or all vertices move halfway to the
    best one. The first simplex is SciPy's: each variable in turn is 5 % larger, or 0.00025 where it is 0. A new vertex
    finds its rank by bisection. An iterate is the best vertex. The solver returns if no vertex is farther than `xatol`
    from the best one in any variable; SciPy also asks for values that agree, which are not to be had here.
    """
    n = len(x)

    def moved(t: float) -> Array:
        return inside(oracle, (1 + t) * c - t * worst)

    simplex = _sorted(oracle, _corners(oracle, x))
    while np.abs(simplex[1:] - simplex[0]).max() > xatol:
        best, worst, others = simplex[0], simplex[-1], simplex[:-1]
        c = np.add.reduce(others) / n
        new, reflected = None, moved(1.0)
        if oracle.below(reflected, best):
            expanded = moved(2.0)
            new = expanded if oracle.below(expanded, reflected) else reflected
        elif oracle.below(reflected, others[-1]):
            new = reflected
        elif oracle.below(reflected, worst):
            outside = moved(0.5)
            new = None if oracle.below(reflected, outside) else outside
        else:
            within = inside(oracle, 0.5 * c + 0.5 * worst)
            new = within if oracle.below(within, worst) else None
        if new is None:
            simplex = _sorted(oracle, [best, *(inside(oracle, best + 0.5 * (v - best)) for v in simplex[1:])])
        else:
            simplex = np.insert(others, _rank(oracle, new, others), new, axis=0)
        yield simplex[0]
    return "the simplex is small"


def _corners(oracle: ComparisonOracle, x: Array) -> list[Array]:
    """The start, and for each variable a point that is farther along it: within bounds, back from the upper one."""
    corners = [x]
    for k in range(len(x)):
        corner = x.copy()
        corner[k] = 1.05 * x[k] if x[k] else 0.00025
        if oracle.bounds is not None and corner[k] > oracle.bounds[1][k]:
            corner[k] = 2 * oracle.bounds[1][k] - corner[k]
        corners.append(inside(oracle, corner))
    return corners


def _sorted(oracle: ComparisonOracle, points: list[Array]) -> Array:
    """The points as rows, the lowest first; equal ones in their order."""

    def order(x: Array, y: Array) -> int:
        return -1 if oracle.below(x, y) else 1

    return np.array(sorted(points, key=cmp_to_key(order)))


def _rank(oracle: ComparisonOracle, x: Array, points: Array) -> int:
    """The place of x among rows that are sorted, behind equal ones."""
    low, high = 0, len(points)
    while low < high:
        middle = (low + high) // 2
        if oracle.below(x, points[middle]):
            high = middle
        else:
            low = middle + 1
    return low


@solver(
    "one-plus-one-es",
    uses="comparison",
    reference="Rechenberg 1973; Hansen, Arnold & Auger 2015, Evolution Strategies, section 3.1",
    bounds=True,
)
def one_plus_one_es(
    oracle: ComparisonOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    sigma: float = 0.3,
    tolx: float = 1e-11,
) -> Generator[Array, None, str]:
    """The (1+1) evolution strategy: one parent, one child, and a step that the 1/5th success rule adapts.

        y = x + sigma N(0, I),    success: f(y) <= f(x)
        sigma <- sigma exp((success - 1/5) / d),    d = sqrt(n + 1)

    A child that succeeds is the next parent, so every question compares one new point with a known one, and costs one
    evaluation. A child that is its parent, as in a corner of the bounds, is no success. `sigma` is the first step, as
    in `cma-es`. An iterate is the parent. The solver returns if sigma is below `tolx`.
    """
    positive("one-plus-one-es", sigma=sigma)
    d = np.sqrt(len(x) + 1)
    while sigma > tolx:
        y = inside(oracle, x + sigma * rng.standard_normal(len(x)))
        success = not (np.array_equal(x, y) or oracle.below(x, y))
        if success:
            x = y
        sigma *= np.exp((success - 0.2) / d)
        yield x
    return "the step is small"


@solver("pattern-search", uses="comparison", reference="Hooke & Jeeves 1961; convergence: Torczon 1997", bounds=True)
def pattern_search(
    oracle: ComparisonOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: float = 0.25,
    tolx: float = 1e-8,
) -> Generator[Array, None, str]:
    """Hooke and Jeeves's pattern search: look along each axis, and repeat a move that has paid.

    An exploration about a point tries each variable in turn, `step` up and then down, and keeps what is lower. If it
    finds a point lower than the base x, that is the new base x', and the next exploration is about the pattern
    x' + (x' - x). If that finds nothing lower than x', it is about x' itself, and if this finds nothing either, the
    step is halved. The paper leaves the first step to the user; a quarter of the longest distance is ours. All trial
    points are on a grid of the step, as Torczon's proof of convergence needs. An iterate is a base. The solver returns
    if the step is below `tolx`.
    """
    positive("pattern-search", step=step)
    base = x
    while step > tolx:
        found = _explored(oracle, base, step)
        if not oracle.below(found, base):
            step /= 2
            continue
        while oracle.below(found, base):
            base, last = found, base
            yield base
            found = _explored(oracle, inside(oracle, base + (base - last)), step)
    return "the step is small"


def _explored(oracle: ComparisonOracle, x: Array, step: float) -> Array:
    """The lowest point of an exploration about x."""
    for k in range(len(x)):
        for move in (step, -step):
            y = x.copy()
            y[k] += move
            y = inside(oracle, y)
            if oracle.below(y, x):
                x = y
                break
    return x
