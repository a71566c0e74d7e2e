"""Clouds of points of one shape: maps of any size with the same conditioning, whose best stress is 0.

The points are drawn uniformly from a shape in the plane, and their distances are exact. The rate at which the Guttman
step converges depends on the shape and hardly on the number of points (`mdsbench.mds.rate`).
"""

from functools import lru_cache
from math import hypot

import numpy as np
from scipy.spatial.distance import pdist

from mdsbench.errors import UsageError
from mdsbench.mds.distances import Stored
from mdsbench.problems import checks, maps
from mdsbench.problems.problem import Array, MapInfo, Problem
from mdsbench.registry.decorators import problem
from mdsbench.registry.registry import PROBLEMS
from mdsbench.registry.spec import unlike
from mdsbench.system import memory

SHAPES = ("square", "disc", "strip")
STRIP = 4.0  # length by width
MOST_ASPECT = 1000.0
STREAM = 1  # of random numbers: with the numbers of the start `uniform` every run would begin at the solution


@problem("cloud", reference="uniform points; rate of convergence: de Leeuw 1988; stress: Kruskal 1964")
@lru_cache(1)
def cloud(*, n: int, shape: str = "square", aspect: float = STRIP, seed: int = 0, precision: str = "double") -> Problem:
    """The stress of a map of n points drawn uniformly from a `square`, a `disc` or a `strip`, n from 4.

    The points of a smaller n are the first ones of a larger n. One unit is the longest distance that the shape has
    room for, so all n have the same unit. `aspect` is the length of the strip by its width, from 1 to 1,000. The
    distances are exact. The best stress is therefore 0, and Torgerson's map has it.
    """
    checks.choice("shape", shape, SHAPES)
    if n < maps.FEWEST:
        raise UsageError(f"cloud-{n}: the number of points is {maps.FEWEST} or more")
    checks.seed(seed)
    if not 1 <= aspect <= MOST_ASPECT:
        raise UsageError(f"aspect={aspect:g}: the length of a strip by its width goes from 1 to {MOST_ASPECT:g}")
    if shape != "strip" and aspect != STRIP:
        raise UsageError(f"shape={shape}, aspect={aspect:g}: only a strip has an aspect ratio; take shape=strip")
    memory.require(16 * n**2, f"the distances of {n:,} points", "take fewer points")
    X = points(n, shape, aspect, seed)
    D = pdist(X)
    D.flags.writeable = False
    return maps.of_targets(
        "cloud",
        Stored(D),
        precision=precision,
        info=MapInfo(points=n, unit="", unit_length=1.0, what=f"points of a {shape}"),
        best_known=0.0,
        provenance="by construction: the distances are exact",
        **unlike({"shape": shape, "aspect": aspect, "seed": seed}, PROBLEMS["cloud"].options),
    )


def points(n: int, shape: str, aspect: float = STRIP, seed: int = 0) -> Array:
    """The points of `cloud-N`, shape (n, 2), in units of the shape's longest distance; a minimum of its stress."""
    drawn = np.random.default_rng([seed, STREAM]).uniform(size=(n, 2))
    if shape == "disc":
        radius, angle = 0.5 * np.sqrt(drawn[:, 0]), 2.0 * np.pi * drawn[:, 1]
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    length = aspect if shape == "strip" else 1.0
    return drawn * [length, 1.0] / hypot(length, 1.0)
