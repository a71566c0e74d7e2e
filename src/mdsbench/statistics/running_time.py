"""Expected running time: what a solver spends, in expectation, until it arrives, if it is restarted until it does."""

from math import inf
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import ARRIVED, CENSORED, ELSEWHERE
from mdsbench.statistics.ert import ert_interval, wilson
from mdsbench.statistics.ert_ratio import sides, told_apart

SETTING = ["problem", "dimension", "start", "target"]
GROUP = [*SETTING, "solver"]


def running_time(table: pd.DataFrame, costs: "pd.Series[float]", level: float = 0.95) -> pd.DataFrame:
    """The expected running time (ERT) and the success rate of each solver, for each problem, start and target.

    ERT is everything that was spent, by the runs that arrived until they arrived and by the others until they ended,
    over the number of arrivals (Hansen, Auger, Ros, Mersmann, Tušar & Brockhoff 2021, section 5.1).

    Parameters
    ----------
    table
        What `arrivals` returns.
    costs
        The cost of each row, for example what `cost` returns.
    level
        The level of the intervals, and of the comparison with the best solver.

    Returns
    -------
    DataFrame
        `problem`, `dimension`, `start`, `target`, `solver`; the numbers of `runs`, `arrived`, `censored` and
        `elsewhere`; the success rate `share` with Wilson's interval `share_low`, `share_high`; `ert` with the interval
        of `ert_interval`, `ert_low` and `ert_high`; `multiple`, the ERT over the least one of the same problem, start
        and target; `tied`, whether the solver cannot be told apart from the one with the least ERT. The solvers are
        compared by trials, as `told_apart` does, with Holm's correction.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p", "dimension": 2, "start": "uniform", "target": 0.1, "solver": "gd",
    ...     "trial": list("abcd"), "fate": ["arrived", "arrived", "arrived", "elsewhere"]})
    >>> running_time(table, pd.Series([10.0, 20.0, 30.0, 60.0]))[["arrived", "share", "ert"]].values.tolist()
    [[3.0, 0.75, 40.0]]
    """
    rows = []
    needed = table[[*GROUP, "trial", "fate"]].assign(_cost=costs, _arrived=(table["fate"] == ARRIVED).astype(float))
    for setting, part in needed.groupby(SETTING, sort=False):
        here = [_row(str(solver), runs, level) for solver, runs in part.groupby("solver", sort=False)]
        least = min(range(len(here)), key=lambda k: here[k]["ert"])
        reached = here[least]["ert"]
        tied = _tied(part, here[least]["solver"], [row["solver"] for row in here], level)
        for row in here:
            multiple = row["ert"] / reached if 0 < reached < inf else 1.0 if row["ert"] == reached else inf
            rows.append({**dict(zip(SETTING, setting, strict=True)), **row, "multiple": multiple})
            rows[-1]["tied"] = tied[row["solver"]]
    return pd.DataFrame(rows, columns=[*GROUP, *COLUMNS])


COLUMNS = [
    *("runs", ARRIVED, CENSORED, ELSEWHERE, "share", "share_low", "share_high"),
    *("ert", "ert_low", "ert_high", "multiple", "tied"),
]


def cheapest(times: pd.DataFrame) -> "pd.Series":
    """The row of the solver with the least ERT or, where none arrived, with the least lower bound of it."""
    return times.sort_values(["ert", "ert_low"], kind="stable").iloc[0]


def holm(p_values: Array) -> Array:
    """The p-values, adjusted for how many they are (Holm 1979), shape (tests,).

    Examples
    --------
    >>> [round(float(p), 6) for p in holm(np.array([0.01, 0.04, 0.03]))]
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    adjusted: Array = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p_values[order]))
    return adjusted


def simulated_restarts(costs: Array, arrived: Array, draws: int, seed: int = 0) -> Array:
    """The costs of restarting until arrival, shape (draws,): runs drawn with replacement, up to one that arrived.

    Their mean is the ERT in expectation. All are infinite if no run arrived. Source: Hansen et al. 2021, section 5.2.

    Examples
    --------
    >>> simulated_restarts(np.array([3.0, 3.0]), np.array([1.0, 1.0]), draws=2).tolist()
    [3.0, 3.0]
    """
    if not arrived.any():
        return np.full(draws, inf)
    rng = np.random.default_rng(seed)
    total, going = np.zeros(draws), np.arange(draws)
    while len(going):
        chosen = rng.integers(len(costs), size=len(going))
        total[going] += costs[chosen]
        going = going[arrived[chosen] == 0]
    return total


def _row(solver: str, runs: pd.DataFrame, level: float) -> dict[str, Any]:
    fates = runs["fate"].value_counts()
    arrived = int(fates.get(ARRIVED, 0))
    ert, low, high = ert_interval(*_sides(runs), level)
    share_low, share_high = wilson(arrived, len(runs), level)
    return {
        "solver": solver,
        "runs": len(runs),
        **{fate: int(fates.get(fate, 0)) for fate in (ARRIVED, CENSORED, ELSEWHERE)},
        "share": arrived / len(runs),
        "share_low": share_low,
        "share_high": share_high,
        "ert": ert,
        "ert_low": low,
        "ert_high": high,
    }


def _sides(runs: pd.DataFrame) -> tuple[Array, Array]:
    """The costs of runs, and whether they arrived, as numbers."""
    return runs["_cost"].to_numpy(float), runs["_arrived"].to_numpy(float)


def _tied(part: pd.DataFrame, best: str, solvers: list[str], level: float) -> dict[str, bool]:
    """For each solver, whether it cannot be told apart from the best one."""
    trial = pd.factorize(part["trial"])[0]
    runs = np.column_stack(_sides(part))
    firsts = {}
    names = part["solver"].to_numpy(dtype=object)
    for solver in solvers:
        rows = np.flatnonzero(names == solver)
        trials, first = np.unique(trial[rows], return_index=True)
        firsts[solver] = (trials, rows[first])
    others = [solver for solver in solvers if solver != best]
    p_values = []
    for other in others:
        _, ours, theirs = np.intersect1d(firsts[other][0], firsts[best][0], assume_unique=True, return_indices=True)
        pair = [runs[firsts[solver][1][at]].T for solver, at in ((other, ours), (best, theirs))]
        p_values.append(told_apart(*sides(*pair[0], *pair[1])) if len(ours) else 1.0)
    adjusted = holm(np.array(p_values))
    return {best: True, **{other: bool(p > 1 - level) for other, p in zip(others, adjusted, strict=True)}}
