"""Two sets of runs of the same cells, compared in pairs: is the second better, the same, or worse?"""

from math import inf, log

import numpy as np
import pandas as pd

from mdsbench.statistics.arrivals import ARRIVED
from mdsbench.statistics.ert import ert_interval
from mdsbench.statistics.ert_ratio import Side, ratio, sides, t_values, told_apart
from mdsbench.statistics.quantiles import student_tail
from mdsbench.statistics.running_time import GROUP, holm

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
          (Schuirmann 1987), or all pairs have the same cost and fate;
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
    groups = _paired(table.assign(_cost=costs), other.assign(_cost=other_costs)).groupby(GROUP, sort=False)
    pairs = {group: _Pairs(part) for group, part in groups}
    p_values = [
        holm(np.array([test(each) for each in pairs.values()]))
        for test in (_Pairs.differ, lambda each: each.exceed(1 + margin), lambda each: each.fall_below(1 + margin))
    ]
    rows = []
    for (group, each), *found in zip(pairs.items(), *p_values, strict=True):
        verdict = _verdict(each, *(p <= 1 - level for p in found))
        counts = (len(each.costs[0]), *(int(side.sum()) for side in each.arrived))
        rows.append((*group, *counts, *each.erts, *each.ratio(level), float(found[0]), verdict))
    return pd.DataFrame(rows, columns=COLUMNS)


def _paired(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The pairs, a row each; the columns of the second table end with `_other`."""
    keys = [*GROUP, "trial"]
    kept = [*keys, "fate", "_cost"]
    sides = [side[kept].drop_duplicates(keys) for side in (table, other)]
    return sides[0].merge(sides[1], on=keys, suffixes=("", "_other"))


class _Pairs:
    """The pairs of one row: costs and arrivals (0 or 1) of both sides, each of the shape (pairs,)."""

    def __init__(self, part: pd.DataFrame) -> None:
        self.costs = [part[column].to_numpy(float) for column in ("_cost", "_cost_other")]
        self.arrived = [np.asarray(part[column] == ARRIVED, float) for column in ("fate", "fate_other")]
        self.erts = [ert_interval(*side)[0] for side in zip(self.costs, self.arrived, strict=True)]
        self.alike = all(np.array_equal(*both) for both in (self.costs, self.arrived))

    @property
    def sides(self) -> tuple[Side, Side]:
        return sides(self.costs[0], self.arrived[0], self.costs[1], self.arrived[1])

    def ratio(self, level: float) -> tuple[float, float, float]:
        """The second ERT over the first, with its interval."""
        return ratio(*self.sides, level)

    @property
    def both(self) -> bool:
        """Whether both ERTs are finite and positive, so that their ratio has an error."""
        return all(0 < ert < inf for ert in self.erts)

    def differ(self) -> float:
        """The p-value of the hypothesis that both ERTs are the same.

        Costs are integers, so a few pairs often differ by the same amount, and then their spread is no measure of the
        error. If the two sides are alike, all of n pairs differ in one direction with a probability of 2^(1 - n) at
        most: from pairs, no smaller p-value is reported.
        """
        p_value = told_apart(*self.sides)
        return max(p_value, 2.0 ** (1 - len(self.costs[0]))) if self.both else p_value

    def exceed(self, bound: float) -> float:
        """The p-value of the hypothesis that the ratio is the bound or more; 0 if all pairs are the same runs."""
        return self._one_sided(log(bound), -1)

    def fall_below(self, bound: float) -> float:
        """The p-value of the hypothesis that the inverse of the ratio is the bound or more."""
        return self._one_sided(-log(bound), 1)

    def _one_sided(self, log_ratio: float, sign: int) -> float:
        """With the least p-value that so many pairs can have: that all lie on one side by chance."""
        pairs = len(self.costs[0])
        if self.alike and self.both:
            return 0.0
        if pairs < 2 or not self.both:
            return 1.0
        tail = student_tail(max(sign * t for t in t_values(*self.sides, log_ratio)), pairs - 1)
        return max(tail, 2.0**-pairs)


def _verdict(pairs: _Pairs, differ: bool, no_worse: bool, no_better: bool) -> str:
    if not any(side.any() for side in pairs.arrived):
        return NOTHING
    if no_worse and no_better:
        return SAME
    if differ:
        return WORSE if pairs.erts[1] > pairs.erts[0] else BETTER
    return NO_WORSE if no_worse else UNCLEAR
