"""Which runs of a large campaign a page shows in detail: evenly over problems, solvers and starts."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Indices = NDArray[np.intp]


def in_turn(table: pd.DataFrame) -> Indices:
    """The rows of a table with the columns `problem` and `trial` in the order in which they are taken.

    First come the runs of the first trial of each problem, with every solver, then those of the second, and so on:
    however many are taken, solvers meet from the same starts.
    """
    trials = table[["problem", "trial"]].drop_duplicates()
    rank = pd.Series(trials.groupby("problem", sort=False).cumcount().to_numpy(), pd.MultiIndex.from_frame(trials))
    ranks = rank.loc[pd.MultiIndex.from_frame(table[["problem", "trial"]])].to_numpy()
    return np.asarray(np.argsort(ranks, kind="stable"))


def spread(cost: NDArray[np.float64], most: int) -> Indices:
    """At most so many indices of costs that rise, evenly over the logarithm of 1 + cost, the first and last among them.

    Where costs are farther apart than that, each of them is taken, and the others are the closer together.
    """
    count = len(cost)
    if count <= most:
        return np.arange(count)
    if most < 2:
        return np.arange(count - most, count)
    steps = np.diff(np.log1p(cost - cost[0]))
    steps += (1e-9 + 1e-6 * steps.sum()) / count  # equal costs are taken evenly
    place = np.concatenate([[0.0], np.cumsum(np.minimum(1.0, _density(steps, most - 1) * steps))])
    kept = np.searchsorted(place, np.arange(most) - 1e-6)
    kept[-1] = count - 1
    return np.unique(kept)


def _density(steps: NDArray[np.float64], total: int) -> float:
    """The factor with which `minimum(1, factor * steps)` has that sum, which is less than the number of steps."""
    falling = np.sort(steps)[::-1]
    rest = falling[::-1].cumsum()[::-1]  # the sum of a step and all smaller ones
    factors = (total - np.arange(total)) / rest[:total]
    return float(factors[np.argmax(factors * falling[:total] <= 1.0)])
