"""How the cost of reaching a target grows with the number of variables n: cost = factor n^exponent."""

from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.problems.problem import Array
from mdsbench.statistics import tobit
from mdsbench.statistics.arrivals import ARRIVED, ELSEWHERE
from mdsbench.statistics.ert import ert_interval, influence
from mdsbench.statistics.quantiles import normal, student
from mdsbench.statistics.wording import plural

SERIES = ["family", "start", "target"]
EXPONENT = ["factor", "exponent", "low", "high"]
SHARE = ["share_slope", "share_low", "share_high"]
ERT = ["ert_exponent", "ert_low", "ert_high"]
COLUMNS = [*SERIES, "solver", "sizes", "runs", "arrived", *EXPONENT, *SHARE, *ERT, "note"]
RATIO_COLUMNS = [*SERIES, "solver", "other", "sizes", "pairs", *EXPONENT, "note"]
ONE_LINE = 1e-18  # numbers with a smaller mean square around their line lie on it


def growth(table: pd.DataFrame, costs: "pd.Series[float]", level: float = 0.95) -> pd.DataFrame:
    """The exponent by which the cost to a target grows with the number of variables.

    Parameters
    ----------
    table
        What `mdsbench.statistics.arrivals.arrivals` returns.
    costs
        The cost of each row: calls at a price as `cost` counts them, iterations, pairs or seconds.
    level
        The level of the intervals.

    Returns
    -------
    DataFrame
        A row for each `family`, `start`, `target` and `solver`: the numbers of `sizes`, `runs` and runs that `arrived`;
        `factor` and `exponent` of the median cost of a run that arrives in the end, with the interval `low`, `high` of
        the exponent; `share_slope` with `share_low` and `share_high`, the slope of the log-odds of arriving against
        log n; `ert_exponent` with `ert_low` and `ert_high`, the exponent of the expected running time. A number that
        cannot be computed is NaN, and `note` says in words why the exponent is missing.

    Notes
    -----
    The exponent has the greatest likelihood for normal errors of log cost, where a censored run needs more than it
    spent (Tobin 1958); the interval is that of the ratio of likelihoods, `mdsbench.statistics.tobit`. Runs that ended
    elsewhere never arrive and leave this fit. The share that arrives counts all runs, in a logistic regression with
    the penalty of Firth 1993. The exponent of ERT is by least squares, weighted by the standard errors of log ERT.

    Examples
    --------
    >>> table = pd.DataFrame({"family": "p", "start": "uniform", "target": 0.1, "solver": "gd",
    ...     "dimension": [2, 2, 4, 4, 8, 8], "fate": "arrived"})
    >>> growth(table, pd.Series([3.0, 5.0, 7.0, 9.0, 15.0, 17.0]))["exponent"].round(2).tolist()
    [1.02]
    """
    rows = []
    for names, runs in table.assign(_cost=costs).groupby([*SERIES, "solver"], sort=False):
        rows.append({**dict(zip([*SERIES, "solver"], names, strict=True)), **_row(runs, level)})
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys([*EXPONENT, *SHARE, *ERT], float))


def growth_of_ratio(
    table: pd.DataFrame, costs: "pd.Series[float]", solver: str, other: str, level: float = 0.95
) -> pd.DataFrame:
    """The exponent of the ratio of the costs of two solvers: other over solver = factor n^exponent.

    Returns
    -------
    DataFrame
        A row for each `family`, `start` and `target` with `solver`, `other`, the numbers of `sizes` and `pairs`,
        `factor`, `exponent`, `low`, `high` and `note`. A pair is a run of each at one problem and trial, of which
        neither ended elsewhere.

    Notes
    -----
    If all pairs arrived, the ratios of the pairs are fitted. A ratio of censored runs depends on the budget. If there
    are some, the exponent is the difference of those of the two solvers, and its interval that of Zou & Donner 2008,
    from the two intervals, without the gain of the pairs; `note` says so.

    Examples
    --------
    >>> table = pd.DataFrame({"family": "p", "problem": ["p-2", "p-4", "p-8"] * 2, "start": "uniform", "target": 0.1,
    ...     "dimension": [2, 4, 8] * 2, "trial": "a", "solver": ["gd"] * 3 + ["search"] * 3, "fate": "arrived"})
    >>> growth_of_ratio(table, pd.Series([5.0, 6, 5, 10, 24, 40]), "gd", "search")["exponent"].round(6).tolist()
    [1.0]
    """
    mine, theirs = (table.assign(_cost=costs)[table["solver"] == name] for name in (solver, other))
    on = [*SERIES, "problem", "dimension", "trial"]
    pairs = mine.merge(theirs, on=on, suffixes=("", "_other"))
    rows = []
    for names, both in pairs.groupby(SERIES, sort=False):
        kept = both[(both["fate"] != ELSEWHERE) & (both["fate_other"] != ELSEWHERE)]
        sizes = {"solver": solver, "other": other, "sizes": kept["dimension"].nunique(), "pairs": len(kept)}
        rows.append({**dict(zip(SERIES, names, strict=True)), **sizes, **_ratio(kept, level)})
    return pd.DataFrame(rows, columns=RATIO_COLUMNS).astype(dict.fromkeys(EXPONENT, float))


def exponent(n: Array, costs: Array, arrived: tobit.Flags, level: float = 0.95) -> dict[str, Any]:
    """Factor, exponent, its interval and a note, from runs that arrived or are censored; all have the shape (runs,)."""
    counted = costs > 0
    free = plural(int((~counted).sum()), "run") + " without cost left out" if not counted.all() else ""
    n, costs, arrived = n[counted], costs[counted], arrived[counted]
    why = _too_few(n, arrived)
    if why:
        return {**dict.fromkeys(EXPONENT, nan), "note": why}
    x, y = np.log(n), np.log(costs)
    middle = x.mean()
    slope, intercept = np.polyfit(x[arrived] - middle, y[arrived], 1)
    beyond = y - intercept - slope * (x - middle)
    if np.square(beyond[arrived]).mean() < ONE_LINE and (beyond[~arrived] < 0).all():
        low, high = (-inf, inf) if arrived.sum() < 3 else (slope, slope)
    elif arrived.sum() < 3:
        return {**dict.fromkeys(EXPONENT, nan), "note": "fewer than three runs arrived"}
    else:
        line = tobit.fit(x - middle, y, arrived)
        slope, intercept = float(line.slope), float(line.intercept)
        low, high = (float(bound) for bound in tobit.slope_interval(x - middle, y, arrived, line, level))
    factor = float(np.exp(intercept - slope * middle))
    unbounded = "" if np.isfinite([low, high]).all() else "too few arrivals to bound the exponent"
    values = dict(zip(EXPONENT, (factor, float(slope), float(low), float(high)), strict=True))
    return {**values, "note": "; ".join(filter(None, (unbounded, free)))}


def share_slope(n: Array, arrived: Array, level: float = 0.95) -> tuple[float, float, float]:
    """The slope of the log-odds of arriving against log n, with its interval (Firth 1993); both have the shape (runs,).

    The penalty keeps the slope finite where all small problems are solved and no large one. NaN for one size.

    Examples
    --------
    >>> slope, low, high = share_slope(np.array([2.0, 2, 4, 4]), np.array([1.0, 0, 0, 1]))
    >>> abs(round(slope, 6)), low < 0 < high
    (0.0, True)
    """
    if len(np.unique(n)) < 2:
        return nan, nan, nan
    x = np.log(n)
    design = np.column_stack([np.ones_like(x), (x - x.mean()) / x.std()])
    beta = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-design @ beta))
        weighted = design * (p * (1 - p))[:, None]
        inverse = np.linalg.inv(design.T @ weighted)
        leverage = np.einsum("ni,ij,nj->n", weighted, inverse, design)
        step = inverse @ (design.T @ (arrived - p + leverage * (0.5 - p)))
        beta += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    wide = normal(level) * np.sqrt(inverse[1, 1])
    slope, low, high = np.array([beta[1], beta[1] - wide, beta[1] + wide]) / x.std()
    return float(slope), float(low), float(high)


def ert_exponent(n: Array, costs: Array, arrived: Array, level: float = 0.95) -> tuple[float, float, float]:
    """The exponent of ERT with its interval, from all runs, shape (runs,); NaN for fewer than two sizes with arrivals.

    Sizes at which nothing arrived have no ERT and are left out. Where the points are further from the line than their
    standard errors explain, the interval is wider by that ratio (Birge 1932).

    Examples
    --------
    >>> n = np.repeat([2.0, 4.0], 2)
    >>> [round(bound, 2) for bound in ert_exponent(n, np.array([9.0, 11, 19, 21]), np.ones(4))]
    [1.0, 0.31, 1.69]
    """
    points = []
    for size in np.unique(n):
        here = n == size
        if here.sum() > 1 and arrived[here].any():
            runs = int(here.sum())
            error = np.square(influence(costs[here], arrived[here])).sum() / (runs * (runs - 1))
            points.append((np.log(size), np.log(ert_interval(costs[here], arrived[here])[0]), error, runs - 1))
    if len(points) < 2 or not np.isfinite(points).all():
        return nan, nan, nan
    x, y, variance, freedom = np.array(points).T
    variance = np.maximum(variance, max(1e-6 * variance.max(), 1e-20))
    weight = 1 / variance
    x = x - np.average(x, weights=weight)
    square = float((weight * x**2).sum())
    slope = float((weight * x * y).sum()) / square
    rest = y - np.average(y, weights=weight) - slope * x
    spare = len(points) - 2
    birge = max(1.0, float((weight * rest**2).sum()) / spare) if spare else 1.0
    wide = student(level, spare if birge > 1 else freedom.sum()) * np.sqrt(birge / square)
    return slope, float(slope - wide), float(slope + wide)


def _row(runs: pd.DataFrame, level: float) -> dict[str, Any]:
    n, costs = runs["dimension"].to_numpy(float), runs["_cost"].to_numpy(float)
    arrived = np.asarray(runs["fate"] == ARRIVED, bool)
    stays = np.asarray(runs["fate"] != ELSEWHERE, bool)
    return {
        "sizes": len(np.unique(n)),
        "runs": len(runs),
        "arrived": int(arrived.sum()),
        **exponent(n[stays], costs[stays], arrived[stays], level),
        **dict(zip(SHARE, share_slope(n, arrived.astype(float), level), strict=True)),
        **dict(zip(ERT, ert_exponent(n, costs, arrived.astype(float), level), strict=True)),
    }


def _too_few(n: Array, arrived: tobit.Flags) -> str:
    """Why these runs give no exponent, or nothing."""
    if not arrived.any():
        return "no run arrived"
    if len(np.unique(n)) < 2:
        return "one number of variables only: a growth needs two"
    if len(np.unique(n[arrived])) < 2:
        return "runs arrived at one number of variables only: a growth needs two"
    return ""


def _ratio(pairs: pd.DataFrame, level: float) -> dict[str, Any]:
    n = pairs["dimension"].to_numpy(float)
    sides = [
        (pairs[f"_cost{mark}"].to_numpy(float), np.asarray(pairs[f"fate{mark}"] == ARRIVED, bool))
        for mark in ("", "_other")
    ]
    (ours, arrived), (theirs, they_arrived) = sides
    if (arrived & they_arrived).all():
        counted = (ours > 0) & (theirs > 0)
        return exponent(n[counted], theirs[counted] / ours[counted], arrived[counted], level)
    first, second = exponent(n, ours, arrived, level), exponent(n, theirs, they_arrived, level)
    missing = [one["note"] for one in (first, second) if np.isnan(one["exponent"])]
    if missing:
        return {**dict.fromkeys(EXPONENT, nan), "note": missing[0]}
    slope = second["exponent"] - first["exponent"]
    down = np.hypot(second["exponent"] - second["low"], first["high"] - first["exponent"])
    up = np.hypot(second["high"] - second["exponent"], first["exponent"] - first["low"])
    values = (second["factor"] / first["factor"], slope, float(slope - down), float(slope + up))
    return {**dict(zip(EXPONENT, values, strict=True)), "note": "some runs are censored: solvers compared unpaired"}
