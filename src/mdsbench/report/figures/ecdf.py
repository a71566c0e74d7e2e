"""The figure of the cumulative distribution of costs over all problems and targets."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mdsbench.report.figures import column
from mdsbench.statistics import profiles


@column.drawn
def ecdf(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """Share of the cases that arrive within a cost per variable; None without an arrival that cost something."""
    block = profiles.largest_block(table)
    found = profiles.ecdf(block, costs / table["dimension"])
    if not (found["share"].any() and (found["cost"] > 0).any()):
        return None
    notes = ["as if no budget had ended a run; with 95 % bands", *column.said(table, block)]
    cases, curves = int(found["cases"].iloc[0]), column.curves(found, "cost")
    figure = column.share_figure(curves, f"cost / n: {costs.name}", cases, table, notes)
    _bands(figure.axes[0], found)
    return figure


def _bands(ax: Axes, found: pd.DataFrame) -> None:
    """A band around each line from the first arrival on, in its colour."""
    left = ax.get_xlim()[0]
    for line, (_, curve) in zip(ax.lines, found.groupby("solver", sort=False), strict=True):
        shown = curve[curve["share"] > 0]
        at, colour = shown["cost"].clip(lower=left), line.get_color()
        ax.fill_between(at, shown["low"], shown["high"], step="post", color=colour, alpha=0.15, linewidth=0)
