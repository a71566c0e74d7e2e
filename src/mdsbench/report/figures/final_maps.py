"""The figure of the maps that came out: where the cities are, and where each honest method puts them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.transforms import Bbox

from mdsbench.campaigns.reproduction import HONEST, Outcome
from mdsbench.problems import europe
from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures import geography, labels
from mdsbench.report.page.findings import kilometres, methods
from mdsbench.report.wording import counted
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.tables import published_start

EDGE_KM = 3000.0  # the coastline's cut edges begin to show beyond
FEW = 10  # so many cities have their names on every map


def final_maps(outcomes: Sequence[Outcome], n: int, currency: Currency = CALLS) -> Figure:
    """Where the cities are, and where each honest method puts them from the published start."""
    runs = methods(published_start(outcomes, HONEST, n))
    rows = -(-(len(runs) + 1) // 2)
    figure = Figure(figsize=(13, 4.6 * rows + 0.25))
    axes = figure.subplots(rows, 2, squeeze=False).ravel()
    inches = figure.get_figheight()
    figure.subplots_adjust(
        left=0.005, right=0.995, bottom=0.25 / inches, top=1 - 0.36 / inches, wspace=0.02, hspace=0.1
    )
    figure.text(0.995, 0.08 / inches, style.CREDIT, ha="right", fontsize=style.SMALL_SIZE, color=style.FAINT)
    if not currency.counts_calls:
        text = f"cost: {currency.label(2 * n)}"
        figure.text(0.005, 0.08 / inches, text, fontsize=style.SMALL_SIZE, color=style.FAINT)
    placed = [geography.align(run.final_x, n) for run in runs]
    for ax in axes:
        ax.set_axis_off()
    _land(axes[0], n, placed)
    axes[0].plot(*geography.true_map(n).T, "o", markersize=6, color=style.INK, zorder=3)
    _head(axes[0], "Where the cities are", style.INK, "rings in the other maps")
    _name(axes[0], geography.true_map(n), n)
    for ax, run, layout in zip(axes[1:], runs, placed, strict=False):
        _land(ax, n, placed)
        _errors(ax, layout, n, style.colour(run.cell.solver))
        cost = counted(currency.cost(run, run.dimension))
        spent = f"after {cost} calls" if currency.counts_calls else f"at cost {cost}"
        text = f"typical error {kilometres(run.final_loss, run.dimension)} km {spent}"
        _head(ax, style.title(run.cell.solver), style.colour(run.cell.solver), text)
        if n <= FEW:
            _name(ax, layout, n)
    return figure


def _land(ax: Axes, n: int, placed: list[Array]) -> None:
    """Europe, as much of it as all maps of the figure need."""
    box = ax.get_window_extent()
    width, height = box.width, box.height
    points = np.concatenate([geography.true_map(n), *placed])
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = max(1.2 * np.ptp(points, axis=0) / (width, height))
    half = np.array([width, height]) * min(scale, 2 * EDGE_KM / width) / 2
    (left, bottom), (right, top) = centre - half, centre + half
    ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], facecolor=style.SEA)
    ax.set_axis_on()
    land = geography.coastline().clip_to_bbox(Bbox([centre - 1.02 * half, centre + 1.02 * half]))
    ax.add_patch(PathPatch(land, facecolor=style.LAND, edgecolor=style.COAST, linewidth=0.6))
    for spine in ax.spines.values():
        spine.set(visible=True, color=style.GRID)


def _errors(ax: Axes, layout: Array, n: int, colour: str) -> None:
    """Dots where the method put the cities, rings where they are, and the way between."""
    ways = np.stack([layout, geography.true_map(n)], axis=1)
    ax.add_collection(LineCollection(list(ways), colors=colour, linewidths=1.5, zorder=2), autolim=False)
    (x, y), (true_x, true_y) = layout.T, geography.true_map(n).T
    ax.scatter(true_x, true_y, s=48, facecolors="none", edgecolors=style.INK, linewidths=0.9, zorder=3)
    ax.scatter(x, y, s=18, color=colour, zorder=4)


def _head(ax: Axes, title: str, colour: str, text: str) -> None:
    ax.set_title(title, loc="left", color=colour, weight="bold")
    ax.set_title(text, loc="right", fontsize=style.TEXT_SIZE, color=style.INK)


def _name(ax: Axes, xy: Array, n: int) -> None:
    """Names, those of the largest cities first."""
    cities = europe.cities()[:n]
    order = sorted(range(n), key=lambda i: -cities[i].population)
    labels.place(ax, xy[order], [cities[i].name for i in order])
