"""Solvers made of solvers: a solver that returns is started again."""

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

    `solver` is any solver that returns, with its options: `multistart(solver=nelder-mead(adaptive=true))`. A solver
    that does not return uses the whole budget. Multistart may evaluate what `solver` may evaluate, and all runs share
    one budget. `radius` is half the width of the box, see `mdsbench.solvers.scipy_wrappers.box`.
    """
    low, high = box(x, radius)
    spec = parse(str(solver))
    if spec.name == "multistart":
        raise UsageError("multistart of multistart: the first of them would never end")
    if spec.source:
        raise UsageError(f"the source is multistart's: write multistart[{spec.source}](solver={spec.name})")
    while True:
        iterates = SOLVERS.bind(spec)(oracle, x, rng)
        if isinstance(iterates, Generator):
            yield from iterates
        x = rng.uniform(low, high)
