"""The ratio of the ERTs of two solvers whose runs start from the same trials: is it this one?

ERT is the mean cost over the share of arrivals. If the ratio of two ERTs is R, the ratio of the mean costs, the second
divided by R, is the ratio of the shares. Both ratios are estimates of that common one, and their mean, weighted by
their precision, says which shares agree with the hypothesis. The standard error is computed with those shares, as in a
score test (Rao 1948): a share that happens to be low would be given too large an error by itself. If all runs arrive,
this is the delta method for the logarithm of the ratio of two means, in pairs.

The score test tells more apart where few runs arrive, the delta method where the costs differ many times over. A
comparison takes whichever tells more. `tests/statistics/coverage_comparison.py` shows how rarely that is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, exp, inf, log, nan, sqrt

import numpy as np
import pandas as pd
from scipy import optimize

from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import Integers
from mdsbench.statistics.ert import ert_interval, influence
from mdsbench.statistics.quantiles import student, student_tail

NO_DOUBT = 1e-12  # a standard error below this is rounding
NEAREST, FARTHEST = 1e-6, 40.0  # from where to where the logarithm of a ratio is looked for


@dataclass(frozen=True)
class Side:
    """The runs of one solver: costs, arrivals (0 or 1) and the number of the trial of each, shape (runs,)."""

    costs: Array
    arrived: Array
    trials: Integers

    @property
    def ert(self) -> float:
        return float(self.costs.sum() / self.arrived.sum())


def sides(costs: Array, arrived: Array, others: Array, others_arrived: Array) -> tuple[Side, Side]:
    """Two sides of which entry k is the same trial."""
    trials = np.arange(len(costs), dtype=np.int64)
    return Side(costs, arrived, trials), Side(others, others_arrived, trials)


def deviation(first: Side, second: Side, log_ratio: float = 0.0) -> tuple[float, float]:
    """How far the ERT of the second side is from exp(log_ratio) times that of the first, and the standard error of it.

    Both are logarithms, to first order. Both sides must have arrivals and positive costs.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> far, error = deviation(*sides(np.array([8.0, 10.0, 12.0]), ones, np.array([14.0, 20.0, 26.0]), ones))
    >>> round(far, 4), round(error, 4)
    (0.6931, 0.0577)
    """
    scale = exp(-log_ratio)
    cost, other_cost = first.costs.mean(), scale * second.costs.mean()
    share, other_share = first.arrived.mean(), second.arrived.mean()
    of_costs, of_shares = log(other_cost / cost), log(other_share / share)
    spread = _Spread(first, second)
    common = _weighted(
        of_costs,
        spread.variance(first.costs / cost, scale * second.costs / other_cost),
        of_shares,
        spread.variance(first.arrived / share, second.arrived / other_share),
    )
    share_0, other_share_0 = _in_ratio(share + other_share, exp(common))
    far = float(of_costs - common - (other_share / other_share_0 - share / share_0))
    variance = spread.variance(
        first.costs / cost - first.arrived / share_0,
        scale * second.costs / other_cost - second.arrived / other_share_0,
    )
    return far, sqrt(variance)


def told_apart(first: Side, second: Side) -> float:
    """The p-value of the hypothesis that two solvers have the same ERT, from sides of the same trials.

    It is the smaller one of the score test and of the delta method. If one solver never arrived, Fisher's exact test
    compares the numbers of arrivals.
    """
    runs, successes, other_successes = len(first.costs), int(first.arrived.sum()), int(second.arrived.sum())
    if not successes or not other_successes:
        counts = [[successes, runs - successes], [other_successes, runs - other_successes]]
        from scipy.stats import fisher_exact  # it takes a second to load, and is seldom needed

        return float(fisher_exact(counts).pvalue)
    if runs < 2 or not first.ert or not second.ert:
        return 1.0
    return min(1.0, 2 * student_tail(max(map(abs, t_values(first, second))), runs - 1))


def t_values(first: Side, second: Side, log_ratio: float = 0.0) -> tuple[float, float]:
    """Student's t of the score test and of the delta method for the hypothesis that the ratio is exp(log_ratio).

    Both are positive if the ratio is greater than that.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> pair = sides(np.array([8.0, 10.0, 12.0]), ones, np.array([14.0, 20.0, 26.0]), ones)
    >>> [round(t, 1) for t in t_values(*pair)]
    [12.0, 12.0]
    """
    score = deviation(first, second, log_ratio)
    seen = log(second.ert / first.ert) - log_ratio, delta_error(first, second)
    return _t(*score), _t(*seen)


def _t(far: float, error: float) -> float:
    if error > NO_DOUBT:
        return far / error
    return 0.0 if abs(far) <= NO_DOUBT else copysign(inf, far)


def interval(first: Side, second: Side, level: float) -> tuple[float, float]:
    """The ratios of the second ERT to the first that neither test refuses, from the estimate outwards.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> low, high = interval(*sides(np.array([8.0, 10.0, 12.0]), ones, np.array([44.0, 50.0, 56.0]), ones), 0.95)
    >>> round(low, 2), round(high, 2)
    (4.1, 6.1)
    """
    quantile = float(student(level, freedom(first, second)))
    middle = log(second.ert / first.ert)
    wide = quantile * delta_error(first, second)
    if wide < NO_DOUBT:
        return exp(middle), exp(middle)

    def excess(log_ratio: float) -> float:
        far, error = deviation(first, second, log_ratio)
        return abs(far) - quantile * error

    low, high = (root(lambda size: excess(middle - size), wide), root(lambda size: excess(middle + size), wide))
    return exp(middle - min(low or wide, wide)), exp(middle + min(high or wide, wide))


def ratio(first: Side, second: Side, level: float) -> tuple[float, float, float]:
    """The ERT of the second side over that of the first, with its interval.

    If one side never arrived, the ratio is 0 or infinite, and the other bound is that of two bounds of ERT. It is NaN
    if neither arrived. One run each, and a cost of 0, bound nothing.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> pair = sides(np.array([2.0, 4.0, 6.0]), ones, np.array([20.0, 40.0, 60.0]), ones)
    >>> [round(number, 6) for number in ratio(*pair, 0.95)]
    [10.0, 10.0, 10.0]
    """
    arrived = first.arrived.any(), second.arrived.any()
    if not any(arrived):
        return nan, 0.0, inf
    if not all(arrived):
        (_, low, high), (_, other_low, other_high) = (
            ert_interval(one.costs, one.arrived, level) for one in (first, second)
        )
        if arrived[0]:
            return inf, other_low / high if high else 0.0, inf
        return 0.0, 0.0, other_high / low if low else inf
    if not first.ert or not second.ert:
        return (inf if second.ert else 0.0 if first.ert else nan), 0.0, inf
    bounds = interval(first, second, level) if freedom(first, second) else (0.0, inf)
    return (second.ert / first.ert, *bounds)


def paired(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Side, Side]:
    """Two sides of the trials that both frames have, from the columns `trial`, `_cost` and `_arrived` (0 or 1)."""
    kept = [side[["trial", "_cost", "_arrived"]].drop_duplicates("trial") for side in (first, second)]
    both = kept[0].merge(kept[1], on="trial", suffixes=("", "_other"))
    return sides(*both[["_cost", "_arrived", "_cost_other", "_arrived_other"]].to_numpy(float).T)


def root(excess: Callable[[float], float], near: float) -> float | None:
    """Where a function that is not positive at 0 first becomes positive, perhaps near `near`; None if nowhere."""
    low, high = 0.0, max(near / 4, NEAREST)
    while excess(high) < 0:
        if high > FARTHEST:
            return None
        low, high = high, 1.5 * high
    return float(optimize.brentq(excess, low, high, xtol=1e-10, rtol=1e-10))


def delta_error(first: Side, second: Side) -> float:
    """The standard error of the logarithm of the ratio by the delta method, from what was seen."""
    return sqrt(_Spread(first, second).variance(*(influence(side.costs, side.arrived) for side in (first, second))))


def freedom(first: Side, second: Side) -> int:
    """The degrees of freedom: those of the side with fewer runs."""
    return min(len(first.costs), len(second.costs)) - 1


class _Spread:
    """Variances of differences of means; runs of the same trial are a pair."""

    def __init__(self, first: Side, second: Side) -> None:
        self.first, self.second = first.trials, second.trials
        self.trials = int(max(self.first.max(), self.second.max())) + 1
        fewest = freedom(first, second) + 1
        self.correction = fewest / (fewest - 1) if fewest > 1 else inf

    def variance(self, first: Array, second: Array) -> float:
        """Of the mean of the second minus that of the first."""
        sums = self._sums(self.second, second) - self._sums(self.first, first)
        return float(np.square(sums).sum()) * self.correction

    def _sums(self, trials: Integers, values: Array) -> Array:
        centred = (values - values.mean()) / len(values)
        return np.asarray(np.bincount(trials, centred, self.trials), float)


def _weighted(first: float, first_variance: float, second: float, second_variance: float) -> float:
    """The mean of two estimates, each weighted by the inverse of its variance; the second if neither has one."""
    both = first_variance + second_variance
    return (first * second_variance + second * first_variance) / both if both > NO_DOUBT**2 else second


def _in_ratio(total: float, ratio: float) -> tuple[float, float]:
    """Two numbers with that sum, the second so many times the first."""
    return total / (1 + ratio), total * ratio / (1 + ratio)
