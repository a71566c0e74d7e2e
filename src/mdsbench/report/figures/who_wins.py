"""The map "who wins": which of two camps is cheaper, over the noise of the values and the number of variables."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.axes import key
from mdsbench.statistics.who_wins import (
    DIFFERENCES,
    FIRST,
    GRADIENT,
    NEITHER,
    SECOND,
    SERIES,
    TIED,
    VALUES,
    who_wins,
)

COLOURS = {FIRST: "#0072B2", SECOND: "#D55E00"}
WORDS = {
    GRADIENT: "gradients win",
    DIFFERENCES: "gradients by differences win",
    VALUES: "derivative-free solvers win",
}
FAR = np.log(100.0)  # a ratio beyond this is drawn like this
FINE = 40  # points between two cells, of the lines
FEWEST = 2  # of levels of noise, and of numbers of variables


def against_gradients(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """Solvers that are given a gradient, against derivative-free ones."""
    return camps_figure(table, costs, GRADIENT, VALUES)


def against_differences(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """Solvers that make a gradient of values, against derivative-free ones: both are given values only."""
    return camps_figure(table, costs, DIFFERENCES, VALUES)


@column.drawn
def camps_figure(table: pd.DataFrame, costs: "pd.Series[float]", first: str, second: str) -> Figure | None:
    """The map of two camps; None without two levels of noise and two numbers of variables at which both have runs."""
    if not table["problem"].astype(str).str.contains("noise=").any():
        return None
    rows = _series(who_wins(table, costs, first, second))
    if rows is None:
        return None
    sizes, levels = (np.unique(rows[name]) for name in ("dimension", "noise"))
    place = rows.assign(x=np.searchsorted(sizes, rows["dimension"]), y=np.searchsorted(levels, rows["noise"]))
    surfaces = _surfaces(place, (len(levels), len(sizes)))
    keys = [
        key(WORDS[first], color=COLOURS[FIRST], marker="s", linestyle="none", markersize=6),
        key(WORDS[second], color=COLOURS[SECOND], marker="s", linestyle="none", markersize=6),
        *([key("boundary", color=style.INK, linewidth=1.4)] if surfaces.has_boundary else []),
        *([key("95 % band", color=style.INK, alpha=0.3, linewidth=5)] if surfaces.has_band else []),
    ]
    one = rows.iloc[0]
    notes = [
        "in a cell: how many times dearer the other camp's best is",
        f"{one['map']} from {one['start']}, gap {float(one['target']):g}",
        f"cost: {costs.name}",
        *(["pale and hatched: cannot be told apart at 95 %"] * bool((rows["winner"] == TIED).any())),
        *(["–: neither arrives"] * bool((rows["winner"] == NEITHER).any())),
    ]
    figure, ax = column.column_figure(keys, "number of variables n", "noise of a value, in units of f", notes)
    ax.grid(visible=False)
    for cell in place.itertuples(index=False):
        _draw(ax, *(getattr(cell, name) for name in ("x", "y", "ratio", "low", "high", "winner")))
    _draw_boundary(ax, surfaces)
    ax.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
    ax.set_yticks(range(len(levels)), [f"{level:g}" for level in levels])
    ax.set(xlim=(-0.5, len(sizes) - 0.5), ylim=(-0.5, len(levels) - 0.5))
    ax.tick_params(length=0)
    return figure


def _series(found: pd.DataFrame) -> pd.DataFrame | None:
    """Of the maps, starts and targets, the one with most cells where a camp wins, of several the least target."""
    chosen, most = None, (0, 0.0)
    for _, rows in found.groupby(SERIES, sort=False):
        enough = min(rows["noise"].nunique(), rows["dimension"].nunique()) >= FEWEST
        score = int(rows["winner"].isin([FIRST, SECOND]).sum()), -float(rows["target"].iloc[0])
        if enough and rows["ratio"].notna().any() and (chosen is None or score > most):
            chosen, most = rows, score
    return chosen


def _draw(ax: Axes, x: int, y: int, ratio: float, low: float, high: float, winner: str) -> None:
    """One cell: the colour of the cheaper camp, deeper where it is cheaper by far, and by how much it is."""
    corner = (x - 0.5, y - 0.5)
    if winner == NEITHER:
        ax.add_patch(Rectangle(corner, 1, 1, facecolor="#f2f2f2", edgecolor="white"))
        ax.text(x, y, "–", ha="center", va="center", fontsize=column.SMALL, color=style.FAINT)
        return
    side = FIRST if ratio > 1 or (np.isnan(ratio) and winner == FIRST) else SECOND
    times = max(ratio, 1 / ratio) if 0 < ratio < np.inf else np.inf
    depth = 0.2 if winner == TIED else 0.35 + 0.5 * min(1.0, np.log(times) / FAR)
    shade = tuple(1 - depth * (1 - part) for part in to_rgb(COLOURS[side]))
    ax.add_patch(Rectangle(corner, 1, 1, facecolor=shade, edgecolor="white", linewidth=0.8))
    if winner == TIED:
        ax.add_patch(Rectangle(corner, 1, 1, fill=False, hatch="////", edgecolor="white", linewidth=0))
    bound = low if side == FIRST else 1 / high if high else np.inf
    text = f"{_number(times)}×" if np.isfinite(times) else f">{_number(bound)}×" if bound > 1 else "only"
    ink = "white" if depth > 0.6 else style.INK
    halo = [withStroke(linewidth=1.6, foreground=shade)]  # the boundary may pass below
    how: dict[str, Any] = {"fontsize": column.SMALL - 0.5, "color": ink, "zorder": 5, "path_effects": halo}
    ax.text(x, y, text, ha="center", va="center", **how)


def _number(times: float) -> str:
    return f"{times:.1f}" if times < 9.95 else f"{times:,.0f}"


class Surfaces(NamedTuple):
    """The logarithm of the ratio between the cells, at x and y, and the least of its distances within the interval.

    `band` is positive where the interval contains a ratio of 1.
    """

    x: Array
    y: Array
    middle: Array
    band: Array

    @property
    def has_boundary(self) -> bool:
        """Whether the ratio is 1 somewhere."""
        return bool(np.nanmin(self.middle, initial=0.0) < 0 < np.nanmax(self.middle, initial=0.0))

    @property
    def has_band(self) -> bool:
        """Whether the interval contains 1 somewhere."""
        return bool(np.nanmax(self.band, initial=-1.0) > 0)


def _surfaces(place: pd.DataFrame, shape: tuple[int, int]) -> Surfaces:
    """The ratio and its interval, interpolated between the centres of the cells and constant beyond the outer ones."""
    x, y = (np.linspace(-0.5, count - 0.5, FINE * count + 1) for count in (shape[1], shape[0]))
    within = [np.clip(at, 0, count - 1) for at, count in ((x, shape[1]), (y, shape[0]))]
    middle, low, high = (_interpolated(_grid(place, name, shape), *within) for name in ("ratio", "low", "high"))
    return Surfaces(x, y, middle, np.minimum(high, -low))


def _draw_boundary(ax: Axes, surfaces: Surfaces) -> None:
    """Where the ratio is 1, and where its interval contains 1."""
    x, y, middle, band = surfaces
    if surfaces.has_band:
        ax.contourf(x, y, band, levels=[0.0, 10 * FAR], colors=[style.INK], alpha=0.18, zorder=3)
    if surfaces.has_boundary:
        ax.contour(x, y, middle, levels=[0.0], colors=[style.INK], linewidths=1.4, zorder=4)


def _grid(place: pd.DataFrame, name: str, shape: tuple[int, int]) -> Array:
    """The logarithms of a column by noise and size, within FAR; NaN where there is none."""
    grid = np.full(shape, np.nan)
    with np.errstate(divide="ignore"):
        grid[place["y"], place["x"]] = np.clip(np.log(place[name].to_numpy(float)), -FAR, FAR)
    return grid


def _interpolated(grid: Array, x: Array, y: Array) -> Array:
    """Values at the points (x, y) between the entries of a grid, linear in each direction; NaN near what is missing."""
    down, across = (np.minimum(at.astype(int), count - 2) for at, count in zip((y, x), grid.shape, strict=True))
    v, u = (y - down)[:, None], (x - across)[None, :]
    take = partial(_entries, grid, down, across)
    lower, upper = ((1 - u) * take(k, 0) + u * take(k, 1) for k in (0, 1))
    return np.asarray((1 - v) * lower + v * upper)


def _entries(grid: Array, down: Array, across: Array, k: int, m: int) -> Array:
    return np.asarray(grid[np.ix_(down + k, across + m)])
