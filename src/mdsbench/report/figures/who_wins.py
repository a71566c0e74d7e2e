"""The map "who wins": which of two camps is cheaper, over the noise of the values and the number of variables."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.axes import key
from mdsbench.statistics.who_wins import (
    DIFFERENCES,
    FIRST,
    GRADIENT,
    NOBODY,
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
    keys = [
        key(WORDS[first], color=COLOURS[FIRST], marker="s", linestyle="none", markersize=6),
        key(WORDS[second], color=COLOURS[SECOND], marker="s", linestyle="none", markersize=6),
        key("boundary", color=style.INK, linewidth=1.4),
        key("its band, 95 %", color=style.INK, alpha=0.3, linewidth=5),
    ]
    one = rows.iloc[0]
    notes = [
        f"in a cell: how many times dearer the other camp's best solver is; gap {float(one['target']):g}",
        f"{one['map']} from {one['start']}; cost: {costs.name}",
        *(["pale and hatched: cannot be told apart at 95 %"] * bool((rows["winner"] == TIED).any())),
        *(["–: neither arrives"] * bool((rows["winner"] == NOBODY).any())),
    ]
    figure, ax = column.column_figure(keys, "number of variables n", "noise of a value, in units of f", notes)
    ax.grid(visible=False)
    place = rows.assign(x=np.searchsorted(sizes, rows["dimension"]), y=np.searchsorted(levels, rows["noise"]))
    for cell in place.itertuples(index=False):
        _draw(ax, *(getattr(cell, name) for name in ("x", "y", "ratio", "low", "high", "winner")))
    _boundary(ax, place, (len(levels), len(sizes)))
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
    if winner == NOBODY:
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
    ax.text(x, y, text, ha="center", va="center", fontsize=column.SMALL - 0.5, color=ink, zorder=5)


def _number(times: float) -> str:
    return f"{times:.1f}" if times < 9.95 else f"{times:,.0f}"


def _boundary(ax: Axes, place: pd.DataFrame, shape: tuple[int, int]) -> None:
    """Where the ratio is 1, interpolated between the cells, and where its interval contains 1."""
    grids = [_grid(place, name, shape) for name in ("ratio", "low", "high")]
    x, y = (np.linspace(0, count - 1, FINE * (count - 1) + 1) for count in (shape[1], shape[0]))
    middle, low, high = (_interpolated(grid, x, y) for grid in grids)
    band = np.minimum(high, -low)
    if np.nanmax(band, initial=-1.0) > 0:
        ax.contourf(x, y, band, levels=[0.0, 10 * FAR], colors=[style.INK], alpha=0.18, zorder=3)
    if np.nanmin(middle, initial=0.0) < 0 < np.nanmax(middle, initial=0.0):
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
