"""Which of two camps of solvers is cheaper, for each noise of the values and each number of variables."""

from math import inf, nan
from typing import Any

import pandas as pd

from mdsbench.errors import UsageError
from mdsbench.problems.problem import Array
from mdsbench.registry.spec import Spec, parse
from mdsbench.statistics.arrivals import ARRIVED, SIZE
from mdsbench.statistics.ert import ert_interval
from mdsbench.statistics.ert_ratio import interval, sides, told_apart

GRADIENT, DIFFERENCES, VALUES = "gradient", "differences", "derivative-free"
FIRST, SECOND, TIED, NOBODY = "first", "second", "tied", ""
SERIES = ["map", "start", "target"]
COLUMNS = [*SERIES, "noise", "dimension", "first", "second", "ratio", "low", "high", "winner"]


def camps(table: pd.DataFrame) -> "pd.Series[str]":
    """The camp of each solver in the table of `arrivals`.

    `gradient` takes gradients; `differences` takes values alone, and makes a gradient of them with a gradient source;
    `derivative-free` takes values and makes no gradient of them.
    """
    taken = (table["gradients"] + table["parts"] + table["hessian_vectors"]).groupby(table["solver"], sort=False).sum()
    found = [GRADIENT if passes else DIFFERENCES if "[" in str(name) else VALUES for name, passes in taken.items()]
    return pd.Series(found, taken.index, dtype=object)


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
    names = {name: _map_and_noise(name) for name in table["problem"].astype(str).unique()}
    split = table["problem"].astype(str).map(names)
    needed = table[["dimension", "start", "target", "solver", "trial"]].assign(
        map=split.str[0],
        noise=split.str[1],
        _cost=costs,
        _arrived=(table["fate"] == ARRIVED).astype(float),
        _camp=table["solver"].map(camps(table)),
    )
    needed = needed[needed["_camp"].isin([first, second]) & (needed["map"] != "")]
    rows = []
    for setting, here in needed.groupby([*SERIES, "noise", "dimension"], sort=True):
        sides = [here[here["_camp"] == camp] for camp in (first, second)]
        if all(len(side) for side in sides):
            rows.append(
                {**dict(zip([*SERIES, "noise", "dimension"], setting, strict=True)), **_row(sides[0], sides[1], level)}
            )
    return pd.DataFrame(rows, columns=COLUMNS)


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


def _row(first: pd.DataFrame, second: pd.DataFrame, level: float) -> dict[str, Any]:
    """The comparison of the best of two camps."""
    ours, theirs = (_best(side, level) for side in (first, second))
    row = {"first": ours["solver"].iloc[0], "second": theirs["solver"].iloc[0]}
    one, other = (side["_arrived"].any() for side in (ours, theirs))
    if not one and not other:
        return {**row, "ratio": nan, "low": nan, "high": nan, "winner": NOBODY}
    paired = ours.merge(theirs, on="trial", suffixes=("", "_other"))
    pairs = paired[["_cost", "_arrived", "_cost_other", "_arrived_other"]].to_numpy(float).T
    if one and other:
        ratio, low, high = _ratio(pairs, level) if pairs[1].any() and pairs[3].any() else (nan, 0.0, inf)
        winner = FIRST if low > 1 else SECOND if high < 1 else TIED
        return {**row, "ratio": ratio, "low": low, "high": high, "winner": winner}
    decided = pairs.shape[1] > 0 and told_apart(*pairs) <= 1 - level
    bounds = [ert_interval(*_sides(side), level) for side in (ours, theirs)]
    if one:
        low = bounds[1][1] / bounds[0][2]
        return {**row, "ratio": inf, "low": low, "high": inf, "winner": FIRST if decided and low > 1 else TIED}
    high = bounds[1][2] / bounds[0][1]
    return {**row, "ratio": 0.0, "low": 0.0, "high": high, "winner": SECOND if decided and high < 1 else TIED}


def _best(side: pd.DataFrame, level: float) -> pd.DataFrame:
    """The runs of the solver with the least ERT, or where none arrived with the least lower bound of it."""
    runs = [runs for _, runs in side.groupby("solver", sort=False)]
    return min(runs, key=lambda one: ert_interval(*_sides(one), level)[:2])


def _sides(runs: pd.DataFrame) -> tuple[Array, Array]:
    return runs["_cost"].to_numpy(float), runs["_arrived"].to_numpy(float)


def _ratio(pairs: Array, level: float) -> tuple[float, float, float]:
    """The ratio of the ERTs, the second over the first, and its interval.

    The rows of `pairs`, shape (4, trials), are the costs and arrivals of the first and those of the second.
    """
    first, second = sides(*pairs)
    ratio = second.ert / first.ert
    return (ratio, *interval(first, second, level)) if len(first.costs) > 1 else (ratio, 0.0, inf)
