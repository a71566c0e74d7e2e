"""Where to begin: each start takes a problem and gives a position, shape (dimension,).

What a start costs is charged to nobody: compare runs from one start with one another. The starts that are made from a
map's distances raise UsageError for a problem that has none, or that keeps none in memory where all are needed; lengths
are in units of the longest distance.
"""

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.mds import initial_maps
from mdsbench.mds.distances import Stored, Targets
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.registry import start


@start("published", reference="fmin.xyz 2024, notebook MDS.ipynb")
def published(problem: Problem) -> Array:
    """The original's: uniform in the unit cube, NumPy's legacy generator, seed 42."""
    return np.random.RandomState(42).uniform(size=problem.dimension)


@start("uniform", reference="the original's distribution, from NumPy's present generator")
def uniform(problem: Problem, *, seed: int = 0) -> Array:
    """Uniform in the unit cube."""
    return np.random.default_rng(seed).uniform(size=problem.dimension)


@start("zeros", reference="a point to avoid, for a map")
def zeros(problem: Problem) -> Array:
    """Every variable 0: of a map, all cities in one place, where stress has no gradient.

    Every pair is coincident, so the gradient is zero by definition (`mdsbench.mds.stress`). A gradient solver stays
    there, or converges there. Function values show that every direction leads down, so most solvers that compare values
    leave it. SciPy's Nelder-Mead does not: its first simplex is 0.00025 wide around a zero and is soon flat enough to
    stop.
    """
    return np.zeros(problem.dimension)


@start("small", reference="the way out of zeros")
def small(problem: Problem, *, scale: float = 0.01, seed: int = 0) -> Array:
    """Almost all in one place: normal around 0 with standard deviation `scale`, a hundredth of the longest distance."""
    return scale * np.random.default_rng(seed).normal(size=problem.dimension)


@start("torgerson", reference="Torgerson 1952; Borg & Groenen 2005, section 12.1; missing: Kruskal & Seery 1980")
def torgerson(problem: Problem) -> Array:
    """Classical scaling: exact if the distances were those of a plane; missing ones are taken along shortest paths."""
    return initial_maps.classical(_kept(problem, "torgerson"))


@start("landmarks", reference="landmark MDS: de Silva & Tenenbaum 2004")
def landmarks(problem: Problem, *, number: int = 500, seed: int = 0) -> Array:
    """Torgerson's map of some points drawn at random, all others placed by their distances to these.

    Of n points it looks at `number` n distances, which suits maps whose distances are not kept. 500 landmarks lose a
    few per cent against Torgerson's map of all; where there are fewer points, all are landmarks. On `places-N` drawing
    them at random does better than choosing them far apart, the paper's other way, which favours the edges.
    """
    targets = _targets(problem)
    if number < 4:
        raise UsageError(f"landmarks: number={number}: it takes 4 landmarks or more")
    drawn = np.random.default_rng(seed).choice(targets.points, size=min(targets.points, number), replace=False)
    return initial_maps.from_landmarks(targets, drawn)


@start("subsample", reference="landmarks: de Silva & Tenenbaum 2004")
def subsample(problem: Problem, *, share: float = 0.5, seed: int = 0) -> Array:
    """Warm: a random share of the cities, 4 at least, solved alone, the others placed by their distances to these."""
    targets = _targets(problem)
    n = targets.points
    if not 0 < share <= 1:
        raise UsageError(f"subsample: share={share:g} is above 0 and at most 1")
    drawn = np.random.default_rng(seed).choice(n, size=min(n, max(4, round(share * n))), replace=False)
    return initial_maps.from_landmarks(targets, drawn, initial_maps.solved)


@start("near", reference="for a comparison of last steps")
def near(problem: Problem, *, radius: float = 0.05, seed: int = 0) -> Array:
    """Close by: the map of least stress that Torgerson's leads to, with normal noise of size `radius` on it.

    Of 6, 15 and 34 cities, all distances known, that map is the best known.
    """
    x = initial_maps.solved(_kept(problem, "near"))
    return x + radius * np.random.default_rng(seed).normal(size=x.size)


@start("far", reference="for a comparison of first steps")
def far(problem: Problem, *, shift: float = 10.0, seed: int = 0) -> Array:
    """Far off: the same map, each city moved by `shift` in a direction of its own: stress does not see a common one."""
    x = initial_maps.solved(_kept(problem, "far"))
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, size=x.size // 2)
    return x + shift * np.column_stack([np.cos(angle), np.sin(angle)]).ravel()


def _targets(problem: Problem) -> Targets:
    if problem.targets is None:
        raise UsageError(f"{problem.name} is no map: a start made from distances does not fit; take uniform, for one")
    return problem.targets


def _kept(problem: Problem, start: str) -> Array:
    """The distances of all pairs, condensed, where they are in memory."""
    targets = _targets(problem)
    if not isinstance(targets, Stored):
        raise UsageError(f"{start} needs all distances, and {problem.name} keeps none in memory: take landmarks")
    return targets.condensed()
