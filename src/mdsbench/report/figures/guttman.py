"""The figure of the Guttman step: counted and predicted iterations against the number of points."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from mdsbench.registry.spec import parse
from mdsbench.report import style
from mdsbench.report.palette import COLOURS

SIZE = (3.4, 2.9)  # inches: a column
MARKERS = "osD^v"


def guttman(table: pd.DataFrame) -> Figure:
    """Iterations per factor of 100 of the gap, from `statistics.guttman.convergence`: markers counted, lines predicted.

    A bar goes from the least to the greatest count of the runs.
    """
    with style.drawing({**style.RC, "font.size": 8.0}):
        figure = Figure(figsize=SIZE, layout="constrained")
        ax = figure.add_subplot()
        starts = dict(zip(dict.fromkeys(table["start"]), MARKERS, strict=False))
        families = table.groupby("family", sort=False)["counted"].median().sort_values(ascending=False).index
        for family, colour in zip(families, COLOURS, strict=False):
            _family(ax, table[table["family"] == family], colour, starts)
        _axes(ax)
        _legend(figure, ax, starts)
    return figure


def _family(ax: Axes, rows: pd.DataFrame, colour: str, starts: dict[str, str]) -> None:
    line = rows.dropna(subset="predicted").drop_duplicates("points").sort_values("points")
    ax.plot(line["points"], line["predicted"], color=colour, linewidth=1.2, label=shape(rows["family"].iloc[0]))
    for start, own in rows.groupby("start", sort=False):
        ax.vlines(own["points"], own["counted_low"], own["counted_high"], color=colour, linewidth=0.8, alpha=0.6)
        ax.plot(own["points"], own["counted"], starts[str(start)], color=colour, markersize=3.6, markeredgewidth=0.8,
                markerfacecolor=colour if start == next(iter(starts)) else "white")  # fmt: skip


def shape(family: str) -> str:
    """What a family of problems is called in the figure."""
    spec = parse(family)
    options = dict(spec.options)
    if spec.name != "cloud":
        return family
    found = str(options.get("shape", "square"))
    return f"{found} {options.get('aspect', 4):g}:1" if found == "strip" else found


def _axes(ax: Axes) -> None:
    ax.set(xscale="log", yscale="log", xlabel="points of the map")
    ax.set_ylabel("iterations per factor 100 of the gap")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0,) if axis is ax.xaxis else (1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
        axis.set_minor_locator(NullLocator())
        axis.set_tick_params(labelsize=7.0)
    ax.xaxis.label.set_fontsize(8.0)
    ax.yaxis.label.set_fontsize(8.0)
    ax.grid(axis="y", linewidth=0.4)


def _legend(figure: Figure, ax: Axes, starts: dict[str, str]) -> None:
    for start, marker in starts.items():
        fill = style.FAINT if start == next(iter(starts)) else "white"
        ax.plot([], [], marker, color=style.FAINT, markerfacecolor=fill, markersize=3.6, label=f"counted, {start}")
    ax.plot([], [], color=style.FAINT, linewidth=1.2, label="predicted")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=7.0, handlelength=1.4, columnspacing=1.2)
