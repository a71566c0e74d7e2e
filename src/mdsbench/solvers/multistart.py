"""Solvers made of solvers: one that stops by itself, begun again."""

from collections.abc import Generator

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import SOLVERS, solver
from mdsbench.registry.spec import parse
from mdsbench.solvers.scipy_wrappers import box


@solver("multistart", uses="gradient", reference="Rinnooy Kan & Timmer 1987, pure multistart")
def multistart(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    solver: str = "l-bfgs-b",
    radius: float = 1.0,
) -> Generator[Array, None, None]:
    """Another solver from the start, then from random points of a box around it, until the budget ends.

    `solver` is any that stops by itself, with its options: `multistart(solver=nelder-mead(adaptive=true))`; one that
    never does has the budget to itself. It asks what that solver asks, and every call of every run is charged to the
    one budget. `radius` is the box's half-width, see `library.box`.
    """
    low, high = box(x, radius)
    spec = parse(str(solver))
    if spec.name == "multistart":
        raise UsageError("multistart of multistart: the first of them would never end")
    if spec.source:
        raise UsageError(f"the source is multistart's: write multistart[{spec.source}](solver={spec.name})")
    while True:
        yield from SOLVERS.bind(spec)(oracle, x, rng)
        x = rng.uniform(low, high)
