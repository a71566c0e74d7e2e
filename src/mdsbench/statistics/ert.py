"""The success rate and the expected running time (ERT) of the runs of one solver, with their intervals."""

from math import inf, sqrt

import numpy as np

from mdsbench.problems.problem import Array
from mdsbench.statistics.quantiles import normal, student


def wilson(successes: int, runs: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a success rate (Wilson 1927).

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if not runs:
        return 0.0, 1.0
    square = normal(level) ** 2
    share = successes / runs
    centre = (share + square / (2 * runs)) / (1 + square / runs)
    half = sqrt(square * (share * (1 - share) / runs + square / (4 * runs**2))) / (1 + square / runs)
    return max(0.0, centre - half), min(1.0, centre + half)


def ert_interval(costs: Array, arrived: Array, level: float = 0.95) -> tuple[float, float, float]:
    """ERT and its interval; costs and arrived (0 or 1) have the shape (runs,).

    With e_i = c_i - ERT s_i, the logarithm of ERT has the standard error sqrt(sum e_i^2 / (N (N - 1))) / mean c, by the
    delta method, and Student's t with N - 1 degrees of freedom gives the bounds. If no run arrived, the ERT is
    infinite, and its lower bound is the mean cost over the greatest success rate that is compatible with that. If there
    is one run only, nothing bounds the ERT.

    Examples
    --------
    >>> ert, low, high = ert_interval(np.array([10.0, 20.0, 30.0, 60.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    >>> round(ert), round(low, 2), round(high, 1)
    (40, 4.59, 348.7)
    """
    runs, successes = len(costs), arrived.sum()
    if not successes:
        most = 1 - (1 - level) ** (1 / runs)
        return inf, float(costs.mean()) / most, inf
    ert = float(costs.sum() / successes)
    if runs < 2 or not ert:
        return ert, 0.0, inf
    error = np.sqrt(np.square(influence(costs, arrived)).sum() / (runs * (runs - 1)))
    wide = student(level, runs - 1) * error
    return ert, ert * float(np.exp(-wide)), ert * float(np.exp(wide))


def influence(costs: Array, arrived: Array) -> Array:
    """What each run adds to the logarithm of the ERT, times the number of runs: c_i / mean c - s_i / mean s."""
    influence: Array = costs / costs.mean() - arrived / arrived.mean()
    return influence
