"""The figure of the Guttman step: counted and predicted iterations against the number of points."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from mdsbench.registry.spec import parse
from mdsbench.report import style
from mdsbench.report.figures.axes import key
from mdsbench.report.figures.column import column_figure, drawn, log_axis
from mdsbench.report.palette import COLOURS

MARKERS = "osD^v"


@drawn
def guttman(table: pd.DataFrame) -> Figure:
    """Iterations per factor of 100 of the gap, from `statistics.guttman.convergence`: markers counted, lines predicted.

    A bar goes from the least to the greatest count of the runs. Families that need most iterations come first.
    """
    starts = dict(zip(dict.fromkeys(table["start"]), MARKERS, strict=False))
    families = table.groupby("family", sort=False)["counted"].median().sort_values(ascending=False).index
    colours = {str(family): colour for family, colour in zip(families, COLOURS, strict=False)}
    keys = [key(shape(family), color=colour) for family, colour in colours.items()]
    keys += [key("predicted", color=style.FAINT)]
    keys += [key(f"counted, {start}", **_marker(start, starts, style.FAINT)) for start in starts]
    figure, ax = column_figure(keys, "points of the map", "iterations to 1/100 of the gap")
    for family, colour in colours.items():
        _family(ax, table[table["family"] == family], colour, starts)
    log_axis(ax, "x")
    log_axis(ax, "y")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    return figure


def _family(ax: Axes, rows: pd.DataFrame, colour: str, starts: dict[str, str]) -> None:
    line = rows.dropna(subset="predicted").drop_duplicates("points").sort_values("points")
    ax.plot(line["points"], line["predicted"], color=colour)
    for start, own in rows.groupby("start", sort=False):
        ax.vlines(own["points"], own["counted_low"], own["counted_high"], color=colour, linewidth=0.8, alpha=0.6)
        ax.plot(own["points"], own["counted"], **_marker(str(start), starts, colour))


def _marker(start: str, starts: dict[str, str], colour: str) -> dict[str, Any]:
    """How a count from this start is drawn; only the first start is filled."""
    fill = colour if start == next(iter(starts)) else "white"
    return {"marker": starts[start], "color": colour, "linestyle": "none", "markerfacecolor": fill}


def shape(family: str) -> str:
    """What a family of problems is called in the figure."""
    spec = parse(family)
    options = dict(spec.options)
    if spec.name != "cloud":
        return family
    found = str(options.get("shape", "square"))
    return f"{found} {options.get('aspect', 4):g}:1" if found == "strip" else found
