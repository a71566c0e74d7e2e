"""Which solver to take, from runs of several on one problem: its interval, the runner-up, and a gradient's worth."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.statistics.arrivals import arrivals, cost, derivatives_taken, gradients_taken
from mdsbench.statistics.break_even import break_even
from mdsbench.statistics.running_time import cheapest, running_time
from mdsbench.statistics.verdict import of_price
from mdsbench.statistics.wording import amount, gap_in_words, plural

LEVEL = 0.95


@dataclass(frozen=True)
class Choice:
    """A solver, in how many of its runs it arrived, and its expected running time in calls with the interval.

    An end of the interval is None where nothing bounds it.
    """

    solver: str
    arrived: int
    runs: int
    ert: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """The choice in a few words."""
        between = f"; {100 * LEVEL:g} %: {amount(self.low)}–{amount(self.high)}" if self.low and self.high else ""
        return f"{self.solver} ({self.arrived} of {plural(self.runs, 'run')}, {amount(self.ert)} calls{between})"


@dataclass(frozen=True)
class Worth:
    """What a gradient is worth in function values, from the runs of two solvers; see `break_even` for its bounds.

    `by_differences` is whether each gradient by differences, of `values_each` function values, was counted as one.
    """

    gradient: str
    derivative_free: str
    price: float | None
    low: float | None
    high: float | None
    bound: str
    by_differences: bool
    values_each: int
    sentence: str


@dataclass(frozen=True)
class Recommendation:
    """Which solver to take, the runner-up, whether they can be told apart, and what a gradient is worth.

    The goal is the gap (f - f_L) / (f(x0) - f_L), with f_L the `floor`: the best known value or, unless `floor_known`,
    the lowest that was found.
    """

    problem: str
    dimension: int
    gap: float
    floor: float
    floor_known: bool
    best: Choice | None
    runner_up: Choice | None
    told_apart: bool
    tied: tuple[str, ...]
    worth: Worth | None

    def sentences(self) -> Iterator[str]:
        """The recommendation in words."""
        goal = f"a gap of {gap_in_words(self.gap)}"
        lowest = "the best known value" if self.floor_known else "the lowest value found"
        yield f"The goal is {goal}: all but that part of the way from the start down to {lowest}, {self.floor:.6g}."
        if self.best is None:
            yield "No solver arrives there: raise --budget, or widen --gap."
            return
        yield f"Take {self.best}."
        if self.runner_up is None:
            yield "No other solver arrives."
        else:
            apart = "they can be told apart" if self.told_apart else "these runs cannot tell the two apart"
            yield f"The runner-up is {self.runner_up}: {apart}."
        others = [name for name in self.tied if self.runner_up is None or name != self.runner_up.solver]
        if others:
            yield f"Neither can these be told apart from the first: {', '.join(others)}."
        if self.worth:
            yield self.worth.sentence

    def as_json(self) -> dict[str, Any]:
        """Numbers and words that JSON can hold: what is not finite is None."""
        return {key: _finite(value) for key, value in asdict(self).items()}


def recommendation(
    runs: pd.DataFrame, improvements: pd.DataFrame, gap: float, differenced: Collection[str] = ()
) -> Recommendation:
    """Which solver to take, from the tables of `mdsbench.store.frames.traces` of runs on one problem from one start.

    `differenced` are the solvers whose every value and gradient come from one forward difference of n + 1 values. Where
    no run has used a gradient, the worth of one is found from these, as if each such difference were one gradient.
    Raises UsageError for a gap that is not between 0 and 1.
    """
    table = arrivals(runs, improvements, [gap])
    times = running_time(table, cost(table), LEVEL).sort_values("ert", kind="stable")
    arrived = times[times["arrived"] > 0]
    choices = [_choice(row) for _, row in arrived.head(2).iterrows()]
    tied = arrived["solver"][arrived["tied"].astype(bool)]
    first = table.iloc[0]
    return Recommendation(
        problem=str(first["problem"]),
        dimension=int(first["dimension"]),
        gap=gap,
        floor=float(first["floor"]),
        floor_known=bool(first["floor_known"]),
        best=choices[0] if choices else None,
        runner_up=choices[1] if len(choices) > 1 else None,
        told_apart=len(choices) > 1 and choices[1].solver not in set(tied),
        tied=tuple(str(name) for name in tied[1:]),
        worth=_worth(table, times, differenced),
    )


def _choice(row: "pd.Series") -> Choice:
    ends = [float(row[end]) for end in ("ert_low", "ert_high")]
    low, high = (end if 0 < end < np.inf else None for end in ends)
    return Choice(str(row["solver"]), int(row["arrived"]), int(row["runs"]), float(row["ert"]), low, high)


def _worth(table: pd.DataFrame, times: pd.DataFrame, differenced: Collection[str]) -> Worth | None:
    """The break-even price of a gradient between the best solver with gradients and the best without."""
    solvers = table["solver"]
    with_gradient = set(solvers[gradients_taken(table) > 0])
    free = _best(times, set(solvers) - set(solvers[derivatives_taken(table) > 0]) - set(differenced))
    values = int(table["dimension"].iloc[0]) + 1
    by_differences = not with_gradient
    if by_differences:
        with_gradient = set(differenced) & set(solvers)
        table = table[table["solver"].isin([*with_gradient, free])]
        counted = table["solver"].isin(with_gradient)
        gradients = np.ceil(table["evaluations"] / values)
        table = table.assign(
            gradients=gradients.where(counted, 0.0), evaluations=table["evaluations"].where(~counted, 0.0)
        )
    gradient = _best(times, with_gradient)
    if free is None or gradient is None:
        return None
    prices = break_even(table, gradient, free, LEVEL)
    row = prices.iloc[0]
    sentence = " ".join(of_price(prices, gradient, free, LEVEL))
    if by_differences:
        sentence += (
            f" The function gives no gradient: each forward difference of {gradient}, which takes {values} values, "
            "counts as one gradient here."
        )
    numbers = {key: float(row[key]) for key in ("price", "low", "high")}
    ends = {key: number if isfinite(number) else None for key, number in numbers.items()}
    return Worth(
        gradient,
        free,
        **ends,
        bound=str(row["bound"]),
        by_differences=by_differences,
        values_each=values,
        sentence=sentence,
    )


def _best(times: pd.DataFrame, solvers: Collection[str]) -> str | None:
    rows = times[times["solver"].isin(solvers)]
    return str(cheapest(rows)["solver"]) if len(rows) else None


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not isfinite(value) else value
