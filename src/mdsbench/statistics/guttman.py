"""Counted beside predicted: how many iterations of the Guttman step reduce the gap of a map, and what the Hessian says.

The prediction is that of `mdsbench.mds.rate`: near a minimum an iteration multiplies the gap by (1 - mu)^2, with mu the
least non-trivial eigenvalue of the Hessian over 4n. It holds when all other modes have faded, so the end of a run is
counted: the iterations in which the gap falls by the last factor of 100.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from mdsbench.errors import UsageError
from mdsbench.mds.distances import Stored
from mdsbench.mds.rate import SlowMode, slow_mode
from mdsbench.problems import problem, starts
from mdsbench.problems.problem import Array, Problem
from mdsbench.statistics.arrivals import SEED, SIZE

GUTTMAN = ("gd", "smacof")  # the solvers whose iteration is the Guttman step, of a centred map
REDUCTION = 1e-2
ARRIVED = 1e-6  # relative gap above which a run has ended in another minimum
RESOLVED = 1e-7  # of f*: gaps below it are not resolved by a best known value of 12 digits
COLUMNS = [
    "problem", "family", "dimension", "points", "start", "runs",
    "counted", "counted_low", "counted_high", "mu", "predicted",
]  # fmt: skip
MOST_POINTS = 2000  # beyond, a prediction takes many seconds


def convergence(runs: pd.DataFrame, improvements: pd.DataFrame, most_points: int = MOST_POINTS) -> pd.DataFrame:
    """The iterations of the Guttman step that reduce the gap by 100 at the end of a run, counted and predicted.

    Parameters
    ----------
    runs, improvements
        The tables of `mdsbench.store.frames.frames`.
    most_points
        The predictions of larger maps are NaN, because they take long: a minute for 5,000 points, several for 10,000.

    Returns
    -------
    DataFrame
        A row per problem and start: `problem`, `family` (the problem without its size), `dimension`, `points`, `start`
        (without its seed), `runs` (those that are counted), `counted` (their median), `counted_low` and `counted_high`
        (their least and greatest), `mu`, `predicted`. Counted are runs of `gd` and `smacof` that ended within a
        relative gap of 1e-6 of the best known value; of a best value that is not 0 the end is a gap of 1e-7 f*.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({
    ...     "key": ["a"], "problem": ["cloud-5"], "solver": ["gd"], "start": ["uniform(seed=1)"], "dimension": [10],
    ...     "start_loss": [1.0], "final_loss": [1e-8], "best_known": [0.0]})
    >>> improvements = pd.DataFrame({
    ...     "key": ["a"] * 4, "iterations": [0, 20, 30, 40], "loss": [1.0, 1e-4, 1e-6, 1e-8]})
    >>> convergence(runs, improvements)[["points", "counted", "predicted"]].round(1).values.tolist()
    [[5.0, 10.0, 15.4]]
    """
    runs = runs[runs["solver"].isin(GUTTMAN)]
    tables = dict(iter(improvements[improvements["key"].isin(runs["key"])].groupby("key")))
    rows = []
    by = runs["start"].str.replace(SEED, "", regex=True).rename("start")
    for (name, start), group in runs.drop(columns="start").groupby([runs["problem"], by], sort=False):
        task = _undisturbed(str(name))
        if task is None:
            continue
        counts = [count for run in group.itertuples() if (count := _counted(run, tables.get(str(run.key)))) is not None]
        if not counts:
            continue
        slow = solve(str(name)) if task.dimension <= 2 * most_points else None
        dimension = int(group["dimension"].max())
        rows.append(
            {
                "problem": name, "family": SIZE.sub("", str(name)), "dimension": dimension, "points": dimension // 2,
                "start": start, "runs": len(counts), "counted": float(np.median(counts)),
                "counted_low": min(counts), "counted_high": max(counts),
                "mu": slow.mu if slow else np.nan, "predicted": slow.iterations(REDUCTION) if slow else np.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(["family", "start", "points"], ignore_index=True)


def holders(name: str, count: int = 5) -> pd.DataFrame:
    """The points that hold the slow mode of a map: those that the Guttman step brings to their places last.

    Parameters
    ----------
    name
        A problem, for example `places-200`.
    count
        How many points, those with the largest shares first.

    Returns
    -------
    DataFrame
        `point` (its index), `label` (its name, or its index where points have no names) and `share`, the part of the
        squared error of the slow mode.

    Raises
    ------
    UsageError
        If the problem is no map whose Hessian and distances are known.

    Examples
    --------
    >>> holders("places-34", 1).round(2).values.tolist()
    [[28, 'Ufa', 0.84]]
    """
    task = problem.find_registered(name)
    found = solve(name)
    if found is None or task.map is None:
        raise UsageError(f"{name} has no slow mode: it is no map with a Hessian and with all distances in memory")
    labels = task.map.labels() or [str(point) for point in range(task.map.points)]
    rows = [(point, labels[point], share) for point, share in found.holders(count)]
    return pd.DataFrame(rows, columns=["point", "label", "share"])


@lru_cache(100)
def solve(name: str) -> SlowMode | None:
    """The slow mode at the minimum that L-BFGS-B finds from Torgerson's map; None if the problem is no such map."""
    task = problem.find_registered(name)
    if task.map is None or task.hessian_vector is None or not isinstance(task.targets, Stored):
        return None
    return slow_mode(task.hessian_vector, _minimum(task), task.smoothness)


def _undisturbed(name: str) -> Problem | None:
    """The map of that name; None if it is none, if solvers receive disturbed gradients, or if its file is not here."""
    try:
        task = problem.find_registered(name)
    except UsageError:
        return None
    return None if task.map is None or task.observe else task


def _minimum(task: Problem) -> Array:
    options = {"ftol": 0.0, "gtol": 1e-9 * task.dimension, "maxiter": 2000, "maxfun": 2000}
    found = minimize(task.value_and_gradient, starts.torgerson(task), method="L-BFGS-B", jac=True, options=options)
    x: Array = found.x
    return x


def _counted(run: object, improvements: pd.DataFrame | None) -> int | None:
    """The iterations of a run between 100 times its last gap and its last gap; None if it did not arrive."""
    best, start, final = (float(getattr(run, name)) for name in ("best_known", "start_loss", "final_loss"))
    if improvements is None or not final - best <= ARRIVED * (start - best):
        return None
    end = max(final - best, RESOLVED * best)
    gaps = improvements["loss"].to_numpy(float) - best
    iterations = improvements["iterations"].to_numpy(int)
    if gaps[0] < end / REDUCTION or end <= 0:
        return None
    return int(iterations[np.argmax(gaps <= end)] - iterations[np.argmax(gaps <= end / REDUCTION)])
