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

    Where two wanted costs fall on one entry it is taken once, and the room goes to the entries that are left.
    """
    count = len(cost)
    if count <= most:
        return np.arange(count)
    ends = np.array([0, count - 1])
    if most <= 2:
        return ends[-most:] if most else ends[:0]
    height = np.log1p(np.maximum(cost - cost[0], 0.0))
    chosen = ends
    wanted = most
    while True:
        found = np.searchsorted(height, np.linspace(0.0, height[-1], wanted)).clip(0, count - 1)
        more = np.union1d(found, ends)
        if len(more) > most:
            return chosen
        chosen = more
        if len(more) == most or wanted >= 4 * most:
            return chosen
        wanted += max(1, (most - len(more)) // 2)
