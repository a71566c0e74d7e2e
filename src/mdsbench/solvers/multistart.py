"""Solvers made of solvers: a solver that returns, or gets no further, is started again."""

from collections.abc import Callable, Generator
from functools import partial
from math import inf
from typing import Any

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.account import GaveUp
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.registry.registry import DERIVATIVE_FREE, SOLVERS
from mdsbench.registry.spec import parse
from mdsbench.solvers.scipy_wrappers import box


@solver("multistart", uses="gradient", reference="Rinnooy Kan & Timmer 1987, pure multistart", version=2, bounds=True)
def multistart(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    solver: str = "l-bfgs-b",
    radius: float = 1.0,
    stall: int = 0,
) -> Generator[Array, None, None]:
    """Another solver from the start, then from random points of a box around it, until the budget ends.

    `solver` is any solver, with its options: `multistart(solver=nelder-mead(adaptive=true))`. It is started again if it
    returns, if it gives up, or if it stalls: if in `stall` calls its lowest value has not decreased by more than 1e-8
    of itself. `stall` is by default (0) the larger of 100 and 10 n for n variables, and ten times as many for a solver
    that uses values only. The rule is ours. Comparisons show no value: with a solver that compares, the lowest value of
    all its runs counts. A gradient source may not know the value where the gradient is; it is then evaluated ten times
    per `stall` calls, charged.

    Multistart may evaluate what `solver` may evaluate, and all runs share one budget. `radius` is half the width of the
    box, see `mdsbench.solvers.scipy_wrappers.box`. Where a function has hidden failures, a random point may be in one:
    a solver that compares goes on from there as it can, and the first gradient asked in one ends the run.
    """
    low, high = box(oracle, x, radius)
    spec = parse(str(solver))
    if spec.name == "multistart":
        raise UsageError("multistart of multistart: the first of them would never end")
    if spec.source:
        raise UsageError(f"the source is multistart's: write multistart[{spec.source}](solver={spec.name})")
    if stall < 0:
        raise UsageError(f"multistart(stall={stall}): it is a number of calls, or 0")
    if oracle.bounds is not None and not SOLVERS.find(spec.name).bounds:
        raise UsageError(f"multistart(solver={spec.name}): {spec.name} does not keep to bounds")
    start = SOLVERS.bind(spec)
    patience = stall or max(100, 10 * oracle.dimension) * (10 if SOLVERS.uses(spec) in DERIVATIVE_FREE else 1)
    while True:
        before = oracle.terms
        try:
            iterates = start(Watched(oracle, patience), x, rng)
            if isinstance(iterates, Generator):
                yield from iterates
        except (Stalled, GaveUp):
            pass
        if oracle.terms == before:
            raise GaveUp(f"{solver} evaluates nothing")
        x = rng.uniform(low, high)


class Stalled(BaseException):
    """Ends one of multistart's runs. Like Stop it is no Exception, so that no library swallows it."""


class Watched:
    """An oracle that ends a run if the lowest value has not decreased for so many calls.

    It has what the oracle has: of a value-only oracle no gradient.
    """

    def __init__(self, oracle: Any, patience: int) -> None:
        self._oracle, self._patience = oracle, patience * oracle.terms_per_pass
        self._lowest = inf
        self._since = self._looked = oracle.terms

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._oracle, name)
        return partial(self._watched, found, _SEEN[name]) if name in _SEEN else found

    def _watched(self, asked: Callable[..., Any], loss: Callable[["Watched", Any], float | None], *given: Any) -> Any:
        """The oracle's answer, after which the run may be over."""
        answer = asked(*given)
        self._learn(loss(self, answer))
        return answer

    def _learn(self, loss: float | None) -> None:
        """Note a value, if the answer has shown one; raises Stalled."""
        terms = self._oracle.terms
        if loss is not None and (loss < self._lowest - 1e-8 * abs(self._lowest) or loss < self._lowest == inf):
            self._lowest, self._since = loss, terms
        if terms - self._since > self._patience:
            raise Stalled

    def _here(self, _: Any) -> float | None:
        """The value where the gradient was taken: free where it is known, else charged now and then."""
        if not getattr(self._oracle, "knows_value_here", True):
            if self._oracle.terms - self._looked < self._patience / 10:
                return None
            self._looked = self._oracle.terms
        return float(self._oracle.value_here())


_SEEN: dict[str, Callable[[Watched, Any], float | None]] = {
    "value": lambda _, answer: float(answer),
    "residuals": lambda _, answer: float(answer @ answer),
    "below": lambda watched, _: float(watched._oracle.best_loss),
    "directional_derivative": Watched._here,
    "gradient": Watched._here,
    "guttman": Watched._here,
    "hessian_vector": lambda *_: None,
    "batch_gradient": lambda *_: None,
}
