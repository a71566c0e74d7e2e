"""Which of two camps of solvers is cheaper, for each noise of the values and each number of variables."""

from math import inf, isnan, nan

import pandas as pd

from mdsbench.errors import UsageError
from mdsbench.registry.spec import Spec, parse
from mdsbench.statistics.arrivals import ARRIVED, SIZE
from mdsbench.statistics.ert_ratio import paired, ratio, told_apart
from mdsbench.statistics.ladder import DIRECTIONAL, GRADIENTS, PRODUCTS, rungs
from mdsbench.statistics.running_time import SETTING, cheapest, running_time

GRADIENT, DIFFERENCES, VALUES = "gradient", "differences", "derivative-free"
FIRST, SECOND, TIED, NEITHER = "first", "second", "tied", ""
SERIES = ["map", "start", "target"]
COLUMNS = [*SERIES, "noise", "dimension", "first", "second", "ratio", "low", "high", "winner"]


def camps(table: pd.DataFrame) -> "pd.Series[str]":
    """The camp of each solver in the table of `arrivals`.

    `gradient` takes gradients; `differences` takes values alone, and makes a gradient of them with a gradient source;
    `derivative-free` takes values or comparisons and makes no gradient of them; `directional derivatives` is none of
    these.
    """
    found = {solver: _camp(solver, rung) for solver, rung in rungs(table).items()}
    return pd.Series(found, dtype=object)


def _camp(solver: str, rung: str) -> str:
    if rung in (GRADIENTS, PRODUCTS):
        return GRADIENT
    return DIRECTIONAL if rung == DIRECTIONAL else DIFFERENCES if "[" in solver else VALUES


def who_wins(
    table: pd.DataFrame, costs: "pd.Series[float]", first: str, second: str, level: float = 0.95
) -> pd.DataFrame:
    """The ratio of the expected running times of the best solvers of two camps, by noise and number of variables.

    Parameters
    ----------
    table
        What `mdsbench.statistics.arrivals.arrivals` returns.
    costs
        The cost of each row.
    first, second
        Two of the camps of `camps`.
    level
        The level of the intervals.

    Returns
    -------
    DataFrame
        A row for each `map` (the problem without its size and noise), `start`, `target`, `noise` and `dimension` where
        both camps have runs: the solvers `first` and `second` with the least ERT of their camps; `ratio`, the ERT of
        the second over that of the first, with the interval `low`, `high`; and `winner`: `first` where the whole
        interval is above 1, `second` where it is below 1, `tied`, or empty where no run arrived. Where one camp never
        arrived the ratio is infinite or 0, and the other bound of the interval is that of two bounds of ERT.

    Notes
    -----
    The interval is that of `compare`, from the paired trials. If a camp never arrived, Fisher's exact test must tell
    the numbers of arrivals apart as well. The best solvers are chosen from the same runs, so the intervals are a
    little too narrow.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p-2(noise=0.1)", "dimension": 2, "start": "uniform", "target": 0.1,
    ...     "solver": ["gd"] * 3 + ["search"] * 3, "trial": list("abcabc"), "fate": "arrived",
    ...     "gradients": [1.0] * 3 + [0.0] * 3, "parts": 0.0, "hessian_vectors": 0.0})
    >>> found = who_wins(table, pd.Series([9.0, 10, 11, 40, 50, 60]), "gradient", "derivative-free")
    >>> found[["map", "noise", "ratio", "winner"]].values.tolist()
    [['p', 0.1, 5.0, 'first']]
    """
    of = camps(table)
    table = table[table["solver"].map(of).isin([first, second])]
    every = table.assign(_cost=costs, _arrived=(table["fate"] == ARRIVED).astype(float))
    times = running_time(table, costs, level).assign(camp=lambda rows: rows["solver"].map(of))
    rows = []
    for (problem, dimension, start, target), part in times.groupby(SETTING, sort=False):
        name, noise = _map_and_noise(str(problem))
        sides = [part[part["camp"] == camp] for camp in (first, second)]
        if name and all(len(side) for side in sides):
            one, other = (str(cheapest(side)["solver"]) for side in sides)
            runs = every[(every[SETTING] == [problem, dimension, start, target]).all(axis=1)]
            rows.append((name, start, target, noise, dimension, one, other, *_compared(runs, one, other, level)))
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.sort_values([*SERIES, "noise", "dimension"], ignore_index=True)


def _map_and_noise(name: str) -> tuple[str, float]:
    """A problem's name without its size and its noise, and the noise; no name if it has another grammar."""
    try:
        spec = parse(name)
    except UsageError:
        return "", nan
    options = dict(spec.options)
    noise = options.pop("noise", 0.0)
    plain = str(Spec(spec.name, options=tuple(options.items())))
    return (SIZE.sub("", plain), float(noise)) if isinstance(noise, int | float) else ("", nan)


def _compared(runs: pd.DataFrame, first: str, second: str, level: float) -> tuple[float, float, float, str]:
    """The ratio of two solvers' ERTs with its interval, and who wins."""
    pair = paired(*(runs[runs["solver"] == solver] for solver in (first, second)))
    found, low, high = ratio(*pair, level)
    if isnan(found):
        return found, low, high, NEITHER
    told = 0 < found < inf or told_apart(*pair) <= 1 - level
    return found, low, high, FIRST if told and low > 1 else SECOND if told and high < 1 else TIED
