"""The figure of the maps that came out: where the cities are, and where each honest method puts them."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report import style
from mdsbench.report.figures import geography, labels
from mdsbench.report.palette import Palette
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import Results, Size
from mdsbench.statistics.wording import counted, kilometres

EDGE_KM = 3000.0  # the coastline's cut edges begin to show beyond
HEADING = 24  # letters of a method's name above its map
FEW = 10  # so many cities have their names on every map


def figures(results: Results, currency: Currency) -> Iterator[tuple[str, Figure]]:
    """`map-N` for each map of N points."""
    palette = Palette.of(results)
    for size in results.sizes:
        yield f"map-{size.map.points}", final_maps(size, palette, currency)


def final_maps(size: Size, palette: Palette, currency: Currency = CALLS) -> Figure:
    """Where the cities are, and where each honest method puts them from the published start."""
    runs, places = [run for run in size.honest if run.improvements], size.map
    rows = -(-(len(runs) + 1) // 2)
    figure = Figure(figsize=(13, 4.6 * rows + 0.25))
    axes = figure.subplots(rows, 2, squeeze=False).ravel()
    inches = figure.get_figheight()
    figure.subplots_adjust(
        left=0.005, right=0.995, bottom=0.25 / inches, top=1 - 0.36 / inches, wspace=0.02, hspace=0.1
    )
    figure.text(
        0.995, 0.08 / inches, geography.credit(places), ha="right", fontsize=style.SMALL_SIZE, color=style.FAINT
    )
    if not currency.counts_calls:
        text = f"cost: {currency.label(size.dimension)}"
        figure.text(0.005, 0.08 / inches, text, fontsize=style.SMALL_SIZE, color=style.FAINT)
    placed = [geography.align(run.final_x, places) for run in runs]
    for ax in axes:
        ax.set_axis_off()
    _land(axes[0], places, placed)
    axes[0].plot(*geography.true_map(places).T, "o", markersize=6, color=style.INK, zorder=3)
    _head(axes[0], "Where the cities are", style.INK, "rings in the other maps")
    _name(axes[0], geography.true_map(places), places)
    for ax, run, layout in zip(axes[1:], runs, placed, strict=False):
        _land(ax, places, placed)
        _errors(ax, layout, places, palette.colour(run.cell.solver))
        cost = counted(currency.total(run))
        spent = f"after {cost} calls" if currency.counts_calls else f"at cost {cost}"
        text = f"typical error {kilometres(run.final_loss, places)} km {spent}"
        _head(ax, style.words(style.title(run.cell.solver), HEADING), palette.colour(run.cell.solver), text)
        if places.points <= FEW:
            _name(ax, layout, places)
    return figure


def _land(ax: Axes, places: MapInfo, placed: list[Array]) -> None:
    """Europe, as much of it as all maps of the figure need."""
    box = ax.get_window_extent()
    width, height = box.width, box.height
    points = np.concatenate([geography.true_map(places), *placed])
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = max(1.2 * np.ptp(points, axis=0) / (width, height))
    half = np.array([width, height]) * min(scale, 2 * EDGE_KM / width) / 2
    (left, bottom), (right, top) = centre - half, centre + half
    ax.set(xlim=(left, right), ylim=(bottom, top))
    ax.set_axis_on()
    geography.draw_land(ax, within=Bbox([centre - 1.02 * half, centre + 1.02 * half]))
    geography.frame(ax)


def _errors(ax: Axes, layout: Array, places: MapInfo, colour: str) -> None:
    """Dots where the method put the cities, rings where they are, and the way between."""
    ways = np.stack([layout, geography.true_map(places)], axis=1)
    ax.add_collection(LineCollection(list(ways), colors=colour, linewidths=1.5, zorder=2), autolim=False)
    (x, y), (true_x, true_y) = layout.T, geography.true_map(places).T
    ax.scatter(true_x, true_y, s=48, facecolors="none", edgecolors=style.INK, linewidths=0.9, zorder=3)
    ax.scatter(x, y, s=18, color=colour, zorder=4)


def _head(ax: Axes, title: str, colour: str, text: str) -> None:
    ax.set_title(title, loc="left", color=colour, weight="bold")
    ax.set_title(text, loc="right", fontsize=style.TEXT_SIZE, color=style.INK)


def _name(ax: Axes, xy: Array, places: MapInfo) -> None:
    """Names, those of the largest cities first."""
    names, order = places.labels() or [""] * places.points, labels.order_of_labels(places)
    labels.place(ax, xy[order], [names[i] for i in order])
