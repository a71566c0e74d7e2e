"""Cost in one currency: function values, a gradient counting as so many of them.

A run's account keeps comparisons, function values, directional derivatives, gradients and Hessian-vector products
apart; what they are worth against each other is chosen when the report is made, and changes no run. A gradient may
count as any number of function values; as one for each variable, the price of differences; or as many as take the time
that it takes on this machine. A directional derivative counts as one function value: forward differentiation computes
it along with the value, for at most about 2.5 of them (Griewank & Walther 2008). A comparison costs the
evaluations that were made for it, which are function values, and its answer nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import inf
from statistics import median
from time import perf_counter

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Moment
from mdsbench.problems.problem import Problem
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import listed, plural

DIMENSION, MEASURED = "dimension", "measured"
ROUNDS, CALLS_A_ROUND = 201, 10  # of the clock: a tenth of a second a problem
LEAST_ROUNDS, PATIENCE = 3, 2.0  # of a large problem: so many rounds at least, and so many seconds

Meter = Callable[[Moment], float]


@dataclass(frozen=True)
class Currency:
    """How a gradient is weighed against a function value.

    `gradient` is what one counts as: a number of function values, "dimension" or "measured". `clocked` is its price
    on this machine by dimension, as `clock` measures it; "measured" counts with it and needs it, and the page shows it
    whatever is counted. `directional` is what a directional derivative counts as, and `comparison` the answer to a
    comparison, besides the evaluations that were made for it.
    """

    gradient: float | str = 1.0
    clocked: Mapping[int, float] = field(default_factory=dict)
    directional: float = 1.0
    comparison: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Currency":
        """The currency of an option's text: a positive number, "dimension" or "measured"; raises UsageError."""
        if text in (DIMENSION, MEASURED):
            return cls(text)
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not 0 < number < inf:
            raise UsageError(f"a gradient cannot cost {text!r}: take a positive number, {DIMENSION} or {MEASURED}")
        return cls(number)

    @property
    def counts_calls(self) -> bool:
        """Whether a gradient counts as one function value: costs are calls then, and are called so."""
        return self.gradient == 1.0

    @property
    def name(self) -> str:
        """What headings call the cost."""
        return "calls" if self.counts_calls else "cost"

    def weight(self, dimension: int) -> float:
        """How many function values a gradient counts as, of a problem with so many variables."""
        if isinstance(self.gradient, str):
            return float(dimension) if self.gradient == DIMENSION else self.clocked[dimension]
        return self.gradient

    def cost(self, account: Moment, run: Run) -> float:
        """What was spent at a moment of the run, in function values.

        A Hessian-vector product counts as a gradient, and terms touched outside whole evaluations, in mini-batches, as
        that part of a gradient.
        """
        passes = account.gradients + account.hessian_vectors + _in_parts(account, run)
        others = self.directional * account.directional_derivatives + self.comparison * account.comparisons
        return account.evaluations + others + self.weight(run.dimension) * passes

    def total(self, run: Run) -> float:
        """What a run spent in all."""
        return self.cost(run.spent, run)

    def meter(self, run: Run) -> Meter:
        """The function from an account of that run to its cost."""
        return partial(self.cost, run=run)

    def label(self, *dimensions: int) -> str:
        """What is counted at these dimensions, for axes and prose."""
        if self.counts_calls:
            return "calls: function values and gradients"
        return f"function values, {self.rate(*dimensions)}"

    def rate(self, *dimensions: int) -> str:
        """What a gradient counts as at these dimensions."""
        if not isinstance(self.gradient, str):
            return f"a gradient counting as {self.gradient:g}"
        if self.gradient == DIMENSION:
            return f"a gradient counting as {listed([str(d) for d in dimensions])} (the dimension)"
        return f"a gradient counting as {_each([self.weight(dimension) for dimension in dimensions])} (measured)"

    def in_words(self, run: Run, cost: float) -> str:
        """A cost of a run, named after what the run called: "72 gradients (288 function values)"."""
        spent, in_parts = run.spent, _in_parts(run.spent, run)
        if spent.calls == spent.evaluations and not in_parts:
            return plural(cost, "function value")
        alike = spent.calls == spent.gradients and not in_parts
        if self.counts_calls:
            return plural(cost, "gradient" if alike else "function value")
        worth = plural(cost, "function value")
        return f"{plural(cost / self.weight(run.dimension), 'gradient')} ({worth})" if alike else worth

    def prices(self) -> str | None:
        """The clocked prices of a gradient in words, for n cities each; None where nothing was clocked."""
        if not self.clocked:
            return None
        cities = listed([str(dimension // 2) for dimension in sorted(self.clocked)])
        prices = _each([self.clocked[dimension] for dimension in sorted(self.clocked)])
        return f"{prices} function values at {cities} cities"


CALLS = Currency()


def _in_parts(account: Moment, run: Run) -> float:
    """The terms touched outside whole evaluations, in evaluations."""
    return max(0.0, account.terms / run.terms_per_pass - account.calls)


def _each(prices: list[float]) -> str:
    """The prices as clocked; one where all are the same."""
    texts = [f"{price:.1f}" for price in prices]
    return listed(texts) if len(set(texts)) > 1 else texts[0]


def clock(task: Problem) -> float:
    """How many function values take as long as a gradient here and now, to one decimal, as it will be shown.

    The median over many rounds; each clocks some values and, right after them, as many gradients, so that whatever
    else the machine does meanwhile slows both.
    """
    x = np.random.default_rng(0).standard_normal(task.dimension)
    ratios: list[float] = []
    first = perf_counter()
    while len(ratios) < ROUNDS and (len(ratios) < LEAST_ROUNDS or perf_counter() - first < PATIENCE):
        began = perf_counter()
        for _ in range(CALLS_A_ROUND):
            task.value(x)
        between = perf_counter()
        for _ in range(CALLS_A_ROUND):
            task.value_and_gradient(x)
        ratios.append((perf_counter() - between) / (between - began))
    return max(0.1, round(median(ratios), 1))
