"""Where to begin: each start takes a problem and gives a position, shape (dimension,)."""

import numpy as np

from mdsbench.problem import Array, Problem
from mdsbench.registry import start


@start("published", reference="fmin.xyz 2024, notebook MDS.ipynb")
def published(problem: Problem) -> Array:
    """The original's: uniform in the unit cube, NumPy's legacy generator, seed 42."""
    return np.random.RandomState(42).uniform(size=problem.dimension)


@start("uniform", reference="the original's distribution, from NumPy's present generator")
def uniform(problem: Problem, *, seed: int = 0) -> Array:
    """Uniform in the unit cube."""
    return np.random.default_rng(seed).uniform(size=problem.dimension)
