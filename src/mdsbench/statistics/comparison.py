"""Two sets of runs of the same cells, compared in pairs: is the second better, the same, or worse?"""

from math import inf, log, nan

import numpy as np
import pandas as pd

from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import ARRIVED
from mdsbench.statistics.quantiles import student, student_tail
from mdsbench.statistics.running_time import GROUP, ert_interval, holm, influence, told_apart

BETTER, SAME, NO_WORSE, WORSE, UNCLEAR, NOTHING = "better", "same", "no worse", "worse", "unclear", "nothing arrived"
COLUMNS = [
    *GROUP,
    *("pairs", "arrived", "other_arrived", "ert", "other_ert", "ratio", "low", "high", "p_value", "verdict"),
]


def compare(
    table: pd.DataFrame,
    costs: "pd.Series[float]",
    other: pd.DataFrame,
    other_costs: "pd.Series[float]",
    *,
    margin: float = 0.05,
    level: float = 0.95,
) -> pd.DataFrame:
    """How the ERTs of the second table compare with those of the first, for each problem, start, target and solver.

    Runs of the same solver, problem, target and trial (the start with its seeds) are a pair. Runs without a partner are
    left out.

    Parameters
    ----------
    table, costs, other, other_costs
        What `arrivals` returns, and the cost of each row. Give a solver the same name in both tables to compare it.
    margin
        A ratio up to 1 + margin is as good as none.
    level
        One minus the probability that a difference is reported, for any of the rows, where there is none.

    Returns
    -------
    DataFrame
        `problem`, `dimension`, `start`, `target`, `solver`; the number of `pairs`; how many `arrived` and
        `other_arrived`; `ert` and `other_ert`; their `ratio`, the second over the first, with its interval `low`,
        `high`; `p_value`, adjusted for the number of rows (Holm 1979), of the hypothesis that there is no difference;
        and the `verdict`:

        - "same": the ratio is shown to be between 1 / (1 + margin) and 1 + margin, by two one-sided tests
          (Schuirmann 1987);
        - "worse", "better": a difference is shown;
        - "no worse": the ratio is shown to be below 1 + margin;
        - "unclear": the runs show none of these;
        - "nothing arrived", in neither table.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p", "dimension": 2, "start": "uniform", "target": 0.1, "solver": "gd",
    ...     "trial": list("abcdef"), "fate": "arrived"})
    >>> before = pd.Series([100.0, 120.0, 90.0, 105.0, 80.0, 130.0])
    >>> compare(table, before, table, 1.5 * before)[["pairs", "ratio", "verdict"]].values.tolist()
    [[6, 1.5, 'worse']]
    """
    pairs = _paired(table.assign(_cost=costs), other.assign(_cost=other_costs))
    tests = [_Test(part) for _, part in pairs.groupby(GROUP, sort=False)]
    differ = holm(np.array([test.differs() for test in tests]))
    no_worse = holm(np.array([test.exceeds(1 + margin) for test in tests]))
    no_better = holm(np.array([test.exceeds(1 + margin, turned=True) for test in tests]))
    rows = []
    for (group, _), test, p, above, below in zip(
        pairs.groupby(GROUP, sort=False), tests, differ, no_worse, no_better, strict=True
    ):
        verdict = _verdict(test, *(q <= 1 - level for q in (p, above, below)))
        counts = (test.pairs, int(test.arrived[0].sum()), int(test.arrived[1].sum()))
        rows.append((*group, *counts, *test.erts, test.ratio, *test.interval(level), float(p), verdict))
    return pd.DataFrame(rows, columns=COLUMNS)


def _paired(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The pairs, a row each; the columns of the second table end with `_other`."""
    keys = [*GROUP, "trial"]
    kept = [*keys, "fate", "_cost"]
    sides = [side[kept].drop_duplicates(keys) for side in (table, other)]
    return sides[0].merge(sides[1], on=keys, suffixes=("", "_other"))


class _Test:
    """The tests of one row: two ERTs from pairs of runs."""

    def __init__(self, part: pd.DataFrame) -> None:
        self.pairs = len(part)
        self.costs = [part[column].to_numpy(float) for column in ("_cost", "_cost_other")]
        self.arrived = [np.asarray(part[column] == ARRIVED, float) for column in ("fate", "fate_other")]
        self.erts = tuple(ert_interval(*side)[0] for side in zip(self.costs, self.arrived, strict=True))
        self.both = all(side.any() for side in self.arrived)
        self.ratio = self.erts[1] / self.erts[0] if self.both and self.erts[0] else nan if not self._any else 1.0
        if self._any and not self.both:
            self.ratio = inf if self.arrived[0].any() else 0.0
        self.error = _error(self.costs, self.arrived) if self.both else inf

    @property
    def _any(self) -> bool:
        return any(bool(side.any()) for side in self.arrived)

    def differs(self) -> float:
        """The p-value of the hypothesis that both ERTs are the same.

        Costs are integers, so a few pairs often differ by the same amount, and then their spread is no measure of the
        error. If the two sides are alike, all of n pairs differ in one direction with a probability of 2^(1 - n) at
        most: from pairs, no smaller p-value is reported.
        """
        p_value = told_apart(self.costs[0], self.arrived[0], self.costs[1], self.arrived[1])
        return max(p_value, 2.0 ** (1 - self.pairs)) if self.both else p_value

    def exceeds(self, bound: float, *, turned: bool = False) -> float:
        """The p-value of the hypothesis that the ratio, or `turned` its inverse, is at least the bound."""
        if not self.both or self.pairs < 2 or self.ratio <= 0:
            return 1.0
        distance = log(bound) + (log(self.ratio) if turned else -log(self.ratio))
        if self.error <= 1e-12:
            return float(distance <= 0)
        return student_tail(distance / self.error, self.pairs - 1)

    def interval(self, level: float) -> tuple[float, float]:
        """The interval of the ratio; one-sided or without bounds where an ERT is infinite or there is one pair."""
        if not self.both or self.pairs < 2 or self.ratio <= 0:
            return 0.0, inf
        wide = float(student(level, self.pairs - 1)) * self.error
        return self.ratio * float(np.exp(-wide)), self.ratio * float(np.exp(wide))


def _error(costs: list[Array], arrived: list[Array]) -> float:
    """The standard error of the logarithm of the ratio, from the paired differences of the influences."""
    runs = len(costs[0])
    if runs < 2:
        return inf
    difference = influence(costs[1], arrived[1]) - influence(costs[0], arrived[0])
    return float(np.sqrt(np.square(difference).sum() / (runs * (runs - 1))))


def _verdict(test: _Test, differ: bool, no_worse: bool, no_better: bool) -> str:
    if not any(side.any() for side in test.arrived):
        return NOTHING
    if no_worse and no_better:
        return SAME
    if differ:
        return WORSE if test.ratio > 1 else BETTER
    return NO_WORSE if no_worse else UNCLEAR
