"""The figure of the ladder of oracles: the cost to a target against the number of variables, a line for each rung."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.axes import key
from mdsbench.report.figures.sizes import label_sizes
from mdsbench.statistics.ladder import COMPARISONS, DIRECTIONAL, GRADIENTS, PRODUCTS, VALUES, ladder
from mdsbench.statistics.wording import listed

LOOKS = {
    COMPARISONS: ("#D55E00", "o"),
    VALUES: ("#E69F00", "s"),
    DIRECTIONAL: ("#009E73", "D"),
    GRADIENTS: ("#0072B2", "^"),
    PRODUCTS: ("#CC79A7", "v"),
}
SERIES = ["family", "start", "target"]
LEAST_RUNGS = 3
APART = 0.012  # decades of the axis between the markers of two rungs at one size


@column.drawn
def ladder_figure(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """The expected cost of the best solver of each rung; None where fewer than three rungs have one that arrives.

    It shows the family, start and target that has most points; of several such, the one with the least target.
    """
    found = ladder(table, costs)
    found = found.assign(family=found["problem"].map(table.groupby("problem")["family"].first()))
    found = found[np.isfinite(found["ert"].astype(float)) & (found["ert"] > 0)]
    if found["rung"].nunique() < LEAST_RUNGS:
        return None
    series = _series(found)
    rows = found[(found[SERIES] == series).all(axis=1)]
    shown = [rung for rung in LOOKS if (rows["rung"] == rung).any()]
    if len(shown) < LEAST_RUNGS:
        return None
    keys = [key(rung, color=LOOKS[rung][0], marker=LOOKS[rung][1], linewidth=1.2) for rung in shown]
    figure, ax = column.column_figure(keys, "number of variables n", f"{costs.name}", _notes(series, rows, shown))
    for k, rung in enumerate(shown):
        here = rows[rows["rung"] == rung].sort_values("dimension", kind="stable")
        _draw(ax, here, rung, 10 ** (APART * (k - (len(shown) - 1) / 2)))
    for which in "xy":
        column.log_axis(ax, which)
    label_sizes(ax, rows["dimension"])
    return figure


def _series(found: pd.DataFrame) -> "pd.Series[str]":
    """Of the family, start and target with most rungs and sizes, the one with the least target."""
    counted = found.groupby(SERIES, sort=False).agg(rungs=("rung", "nunique"), sizes=("rung", "size")).reset_index()
    order = ["rungs", "sizes", "target"]
    return counted.sort_values(order, ascending=[False, False, True], kind="stable").iloc[0][SERIES]


def _draw(ax: Axes, here: pd.DataFrame, rung: str, shift: float) -> None:
    colour, marker = LOOKS[rung]
    x, y = here["dimension"].to_numpy(float) * shift, here["ert"].to_numpy(float)
    ax.plot(x, y, color=colour, marker=marker)
    bounded = np.isfinite(here["ert_high"].to_numpy(float)) & (here["ert_low"].to_numpy(float) > 0)
    sides = np.array([y - here["ert_low"], here["ert_high"] - y])
    ax.errorbar(x[bounded], y[bounded], sides[:, bounded], fmt="none", color=colour, linewidth=0.7, capsize=1.5)


def _notes(series: "pd.Series[str]", rows: pd.DataFrame, shown: list[str]) -> list[str]:
    """What is drawn, and which solver is the best of each rung."""
    best = []
    for rung in shown:
        names = rows.loc[rows["rung"] == rung, "solver"].drop_duplicates()
        best.append(f"{rung}: {listed([min(style.title(name), name, key=len) for name in names])}")
    return [
        f"{series['family']} from {series['start']}, gap {float(series['target']):g}; 95 % intervals",
        "the best solver of each rung at each size:",
        *best,
    ]
