"""What is asked of a store: which runs, at which targets, and what counts as cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pandas as pd

from mdsbench.errors import UsageError
from mdsbench.statistics.arrivals import cost
from mdsbench.statistics.cost_model import DIMENSION, MEASURED, Currency
from mdsbench.statistics.wording import listed, without_folders

CALLS, PAIRS, SECONDS = "calls", "pairs", "seconds"
COSTS = (CALLS, PAIRS, SECONDS)
TARGETS = (1e-2, 1e-6)
SHOWN = 12  # names in a message


@dataclass(frozen=True)
class Question:
    """Which targets, which cost, and the patterns of the problems and solvers, which select everything if empty.

    `gradient` is how many function values a gradient counts as: a number, "dimension" or "measured". Raises UsageError
    if the parts contradict each other.
    """

    targets: Sequence[float] = TARGETS
    cost: str = CALLS
    gradient: float | str = 1.0
    problems: Sequence[str] = ()
    solvers: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.cost not in COSTS:
            raise UsageError(f"a cost is one of {listed(COSTS, 'or')}, not {self.cost!r}")
        if self.cost != CALLS and self.gradient != 1.0:
            raise UsageError(f"the price of a gradient weighs calls, and means nothing where cost is {self.cost}")
        if not self.targets:
            raise UsageError("without a target nothing can be reached: give one, such as 0.01")

    @classmethod
    def parse(
        cls,
        targets: Sequence[str] | None = None,
        cost: str = CALLS,
        gradient: str | None = None,
        problems: Sequence[str] | None = None,
        solvers: Sequence[str] | None = None,
    ) -> "Question":
        """The question of a command line's texts; raises UsageError."""
        wanted = TARGETS if targets is None else tuple(dict.fromkeys(_target(text) for text in targets))
        price = 1.0 if gradient is None else Currency.parse(gradient).gradient
        if gradient is not None and cost != CALLS:
            raise UsageError(f"--gradient-cost weighs calls, and means nothing with --cost {cost}")
        return cls(wanted, cost, price, tuple(problems or ()), tuple(solvers or ()))

    def costs(self, table: pd.DataFrame, prices: Mapping[str, float]) -> "pd.Series[float]":
        """The cost of each row of `arrivals`; `prices` has the measured price of a gradient for the keys of runs."""
        if self.cost != CALLS:
            return table[self.cost].astype(float).rename("cost")
        if self.gradient != MEASURED:
            return cost(table, self.gradient)
        return cost(table, table["key"].map(dict(prices)).fillna(1.0).astype(float))

    @property
    def unit(self) -> str:
        """What the cost is counted in, as a plural noun."""
        if self.cost == PAIRS:
            return "pairs"
        if self.cost == SECONDS:
            return "seconds"
        return "calls" if self.gradient == 1.0 else "function values"

    @property
    def label(self) -> str:
        """What counts as cost, in a few words."""
        if self.cost == PAIRS:
            return "pairs of points touched; other functions count as one for an evaluation"
        if self.cost == SECONDS:
            return "seconds of the solver and its evaluations"
        if self.gradient == MEASURED:
            return "function values, a gradient counting as many as take its time on this machine"
        if self.gradient == DIMENSION:
            return "function values, a gradient counting as one for each variable"
        if self.gradient != 1.0:
            return f"function values, a gradient counting as {self.gradient:g}"
        return "calls are function values and gradients"


def _target(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1:
        raise UsageError(f"a target is a relative gap between 0 and 1, such as 0.01 or 1e-6, not {text!r}")
    return number


def chosen(runs: pd.DataFrame, patterns: Sequence[str], column: str, version: str) -> "pd.Series[bool]":
    """Which rows have a name in `column`, or a label in `version`, that matches one of the patterns.

    In a pattern `*` stands for any text and `?` for any character; brackets are part of names. Raises UsageError for a
    pattern that matches nothing.
    """
    names = runs[[column, version]].drop_duplicates()
    every = [{name, without_folders(name), label} for name, label in names.itertuples(index=False)]
    kept: set[tuple[str, str]] = set()
    for pattern in patterns:
        found = [_matches(pattern, one) for one in every]
        if not any(found):
            raise UsageError(f"no {column} of these runs matches {pattern!r}: {_some(names[column])}")
        kept.update(pair for pair, hit in zip(names.itertuples(index=False, name=None), found, strict=True) if hit)
    if not patterns:
        return pd.Series(True, runs.index)
    pairs = zip(runs[column], runs[version], strict=True)
    return pd.Series([pair in kept for pair in pairs], runs.index, dtype=bool)


def _matches(pattern: str, names: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern.replace("[", "[[]")) for name in names)


def _some(names: Iterable[str]) -> str:
    """The names, or the first of them."""
    every = sorted({without_folders(name) for name in names})
    more = [f"{len(every) - SHOWN} more"] if len(every) > SHOWN else []
    return f"there {'is' if len(every) == 1 else 'are'} {listed([*every[:SHOWN], *more])}"
