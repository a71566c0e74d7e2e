"""Starts: each takes a problem and returns a position, shape (dimension,).

The cost of a start is not charged, so compare only runs from the same start. Some starts use the distances of a map.
They raise UsageError if the problem is not a map, or if they need all distances and these are not in memory. Lengths
are in units of the longest distance.
"""

import numpy as np
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.mds import initial_maps
from mdsbench.mds.distances import Stored, Targets
from mdsbench.problems import checks
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.decorators import start
from mdsbench.system import memory


@start("published", reference="fmin.xyz 2024, notebook MDS.ipynb")
def published(problem: Problem) -> Array:
    """The start of the original: uniform in the unit cube, NumPy's legacy generator, seed 42.

    A problem that brings a start has that one. In a problem with bounds the unit cube is scaled to them.
    """
    if problem.x0 is not None:
        return x0(problem)
    return scaled(np.random.RandomState(42).uniform(size=problem.dimension), problem)


@start("uniform", reference="the original's distribution, from NumPy's present generator")
def uniform(problem: Problem, *, seed: int = 0) -> Array:
    """Uniform in the unit cube, or within the bounds where the problem has them."""
    return scaled(_generator(seed).uniform(size=problem.dimension), problem)


@start("x0", reference="the problem itself")
def x0(problem: Problem, *, seed: int = 0) -> Array:
    """The start that the problem brings: `seed` is its number where there are several, from 0."""
    points = problem.x0
    if points is None:
        raise UsageError(f"{problem.name} brings no start: declare x0=..., or take uniform, for one")
    if not 0 <= seed < len(points):
        few = "one start" if len(points) == 1 else f"{len(points)} starts"
        raise UsageError(f"{problem.name} brings {few}, numbered from 0: there is no x0(seed={seed})")
    return np.array(points[seed])


@start("around-x0", reference="for several runs from one start")
def around_x0(problem: Problem, *, radius: float = 0.1, seed: int = 0) -> Array:
    """The start that the problem brings, with normal noise, and within the bounds where the problem has them.

    The standard deviation is `radius` times the largest |x_i|, at the least `radius`.
    """
    if not radius >= 0:
        raise UsageError(f"around-x0: radius={radius:g}: it is 0 or more")
    at = x0(problem)
    moved = at + radius * max(1.0, float(np.abs(at).max())) * _generator(seed).normal(size=at.size)
    position: Array = moved if problem.bounds is None else np.clip(moved, *problem.bounds)
    return position


@start("latin-hypercube", reference="McKay, Beckman & Conover 1979")
def latin_hypercube(problem: Problem, *, points: int = 10, seed: int = 0) -> Array:
    """Point number `seed` of a Latin hypercube of so many points in the unit cube, or within the bounds.

    Cut each variable's range into `points` equal parts: each part holds one point. Point number `points` is the first
    of another hypercube.
    """
    if points < 1:
        raise UsageError(f"latin-hypercube: points={points}: it takes 1 or more")
    size = problem.dimension
    memory.require(8 * 4 * points * size, f"{points:,} points of {size:,} variables", "take fewer points")
    from scipy.stats import qmc  # it takes a second to load

    _generator(seed)  # refuses a negative one
    design, row = divmod(seed, points)
    drawn = qmc.LatinHypercube(size, seed=np.random.default_rng([design, points])).random(points)[row]
    return scaled(drawn, problem)


def scaled(unit: Array, problem: Problem) -> Array:
    """A position in the unit cube, moved into the bounds of a problem that has them; raises UsageError."""
    if problem.bounds is None:
        return unit
    low, high = problem.bounds
    open_sides = np.flatnonzero(~np.isfinite(high - low))
    if len(open_sides):
        k = int(open_sides[0])
        raise UsageError(
            f"{problem.name}: variable {k} goes from {low[k]:g} to {high[k]:g}, which is no box to draw from: "
            "give finite bounds, or x0"
        )
    position: Array = np.clip(low + unit * (high - low), low, high)  # rounding may lead out of them
    return position


@start("zeros", reference="a point to avoid, for a map")
def zeros(problem: Problem) -> Array:
    """Every variable 0. In a map all cities are in one place, where stress has no gradient.

    Every pair is coincident, so the gradient is zero by definition (`mdsbench.mds.stress`). A gradient solver stays
    there, or converges there. Function values show that every direction leads down, so most solvers that compare values
    leave it. SciPy's Nelder-Mead does not: its first simplex is 0.00025 wide around a zero and is soon flat enough to
    stop.
    """
    return np.zeros(problem.dimension)


@start("small", reference="the way out of zeros")
def small(problem: Problem, *, scale: float = 0.01, seed: int = 0) -> Array:
    """Almost all in one place: normal around 0 with standard deviation `scale`, a hundredth of the longest distance."""
    return scale * _generator(seed).normal(size=problem.dimension)


@start("torgerson", reference="Torgerson 1952; Borg & Groenen 2005, section 12.1; missing: Kruskal & Seery 1980")
def torgerson(problem: Problem) -> Array:
    """Classical scaling: exact for distances in a plane. Missing distances are replaced by shortest paths."""
    return initial_maps.classical(_kept(problem, "torgerson"))


@start("landmarks", reference="landmark MDS: de Silva & Tenenbaum 2004")
def landmarks(problem: Problem, *, number: int = 500, seed: int = 0) -> Array:
    """Torgerson's map of some points drawn at random; all others are placed by their distances to these.

    For n points it uses `number` n distances, which suits maps whose distances are not in memory. With 500 landmarks
    the stress is a few per cent above that of Torgerson's map of all points. If there are fewer points, all are
    landmarks. The paper can also choose landmarks that are far apart. On `places-N` random landmarks do better, because
    that choice favours the edges.
    """
    targets = _targets(problem)
    if number < 4:
        raise UsageError(f"landmarks: number={number}: it takes 4 landmarks or more")
    drawn = _drawn(targets.points, number, seed)
    return initial_maps.from_landmarks(targets, drawn)


@start("subsample", reference="landmarks: de Silva & Tenenbaum 2004")
def subsample(problem: Problem, *, share: float = 0.5, seed: int = 0) -> Array:
    """A warm start: a random share of the cities, at least 4, is solved, and the others are placed by distances."""
    targets = _targets(problem)
    n = targets.points
    if not 0 < share <= 1:
        raise UsageError(f"subsample: share={share:g} is above 0 and at most 1")
    drawn = _drawn(n, max(4, round(share * n)), seed)
    return initial_maps.from_landmarks(targets, drawn, initial_maps.solved)


@start("near", reference="for a comparison of last steps")
def near(problem: Problem, *, radius: float = 0.05, seed: int = 0) -> Array:
    """The minimum that is reached from Torgerson's map, with normal noise of standard deviation `radius`.

    For 6, 15 and 34 cities with all distances, that minimum is the best known one.
    """
    x = initial_maps.solved(_kept(problem, "near"))
    return x + radius * _generator(seed).normal(size=x.size)


@start("far", reference="for a comparison of first steps")
def far(problem: Problem, *, shift: float = 10.0, seed: int = 0) -> Array:
    """The minimum that is reached from Torgerson's map, with each city moved by `shift` in a random direction."""
    x = initial_maps.solved(_kept(problem, "far"))
    angle = _generator(seed).uniform(0, 2 * np.pi, size=x.size // 2)
    return x + shift * np.column_stack([np.cos(angle), np.sin(angle)]).ravel()


@start("glorot", reference="Glorot & Bengio 2010, equation 16; code: torch.nn.init.xavier_uniform_")
def glorot(problem: Problem, *, seed: int = 0) -> Array:
    """Small random weights for a model that is made of layers; its biases are 0.

    The weights of a layer are uniform within +- sqrt(6 / (inputs + outputs)). The signals and the gradients then have
    about the same size in all layers.
    """
    if not problem.layers:
        raise UsageError(f"{problem.name} has no layers of weights: take the start small, for one")
    rng = _generator(seed)
    parts = []
    for inputs, outputs in problem.layers:
        largest = (6 / (inputs + outputs)) ** 0.5
        parts += [rng.uniform(-largest, largest, inputs * outputs), np.zeros(outputs)]
    return np.concatenate(parts)


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(checks.seed(seed))


def _drawn(n: int, number: int, seed: int) -> NDArray[np.intp]:
    """At most `number` of n points; raises UsageError if their rows of distances do not fit into memory."""
    number = min(n, number)
    memory.require(
        2 * 8 * number * n, f"a table of the distances from {number:,} to {n:,} points", "take fewer landmarks"
    )
    return _generator(seed).choice(n, size=number, replace=False)


def _targets(problem: Problem) -> Targets:
    if problem.targets is None:
        raise UsageError(f"{problem.name} is no map: a start made from distances does not fit; take uniform, for one")
    return problem.targets


def _kept(problem: Problem, start: str) -> Array:
    """The distances of all pairs, condensed; raises UsageError if they are not in memory."""
    targets = _targets(problem)
    if not isinstance(targets, Stored):
        raise UsageError(f"{start} needs all distances, and {problem.name} keeps none in memory: take landmarks")
    return targets.condensed()
