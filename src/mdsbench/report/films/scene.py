"""What the films are set in: maps with moving cities, and loss curves that grow."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report import style
from mdsbench.report.figures import geography
from mdsbench.report.figures.labels import order_of_labels
from mdsbench.report.films import moving_labels
from mdsbench.report.films.sprites import Label
from mdsbench.report.films.stage import Stage, axes_at
from mdsbench.statistics.units import loss_at, typical_error

LABEL_HEIGHT = 13  # pixels
LABEL_GAP = 8.0  # pixels from a dot's centre to its name
DOT, HEAD = 4.5, 6.0  # radii in pixels
TRAIL = 40  # frames
EDGE_KM = 3100.0  # the coastline's cut edges begin to show beyond

POINTS = 0.72  # a pixel in points, at 100 pixels an inch


def map_axes(figure: Figure, at: tuple[int, int, int, int], places: MapInfo, layouts: Array) -> Axes:
    """A map of Europe with the true positions of the places as rings.

    `at` is left, top, width, height in pixels. It shows all true positions with a margin, and most of the layouts
    that will move over it, shape (m, n, 2) in km.
    """
    ax = axes_at(figure, *at)
    true = geography.true_map(places)
    centre = (true.min(axis=0) + true.max(axis=0)) / 2
    wanted = np.maximum(1.12 * np.ptp(true, axis=0) / 2, np.quantile(np.abs(layouts - centre), 0.97, axis=(0, 1)) + 150)
    shape = np.array(at[2:], dtype=float)
    half = shape * min((wanted / shape).max(), EDGE_KM / shape[0])
    (left, bottom), (right, top) = centre - half, centre + half
    ax.set(xlim=(left, right), ylim=(bottom, top))
    geography.draw_land(ax)
    ax.scatter(true[:, 0], true[:, 1], s=52, facecolors="none", edgecolors=style.FAINT, linewidths=0.9, zorder=2)
    geography.frame(ax)
    return ax


def loss_axes(figure: Figure, at: tuple[int, int, int, int], places: MapInfo, start: float, best_known: float) -> Axes:
    """Axes for loss curves: the stress, logarithmic, on the left, the typical error in km on the right."""
    ax = axes_at(figure, *at)
    ax.set_yscale("log")
    ax.set_ylim(best_known / 3, start * 5)
    ax.yaxis.set_major_locator(LogLocator(numticks=5))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_ylabel("stress", fontsize=15 * POINTS)
    ax.axhline(best_known, color=style.BEST_KNOWN, linewidth=1, dashes=(5, 3))
    ax.annotate(
        "best known",
        (0, best_known),
        xycoords=("axes fraction", "data"),
        xytext=(6, 3),
        textcoords="offset points",
        fontsize=13 * POINTS,
        color=style.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )
    km = ax.secondary_yaxis("right", functions=(partial(typical_error, info=places), partial(loss_at, info=places)))
    km.yaxis.set_major_locator(FixedLocator([1, 10, 100, 1000]))
    km.yaxis.set_minor_locator(NullLocator())
    km.yaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{error:,.0f}"))
    km.set_ylabel("typical error, km", fontsize=15 * POINTS)
    for axes in (ax, km):
        axes.tick_params(labelsize=13 * POINTS, color=style.FAINT)
        for spine in axes.spines.values():
            spine.set(color=style.FAINT)
    ax.spines["top"].set_visible(False)
    ax.grid(axis="y", color=style.GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def box_of(ax: Axes) -> Bbox:
    """The pixels inside the axes' frame."""
    return Bbox.from_extents(*np.round(ax.get_window_extent().extents))


class MovingMap:
    """Cities on a map: `layouts`, shape (T, n, 2) in km, are where they are in each frame."""

    def __init__(self, ax: Axes, places: MapInfo, layouts: Array, colour: str) -> None:
        T, n = layouts.shape[:2]
        self.box = box_of(ax)
        self.dots = ax.transData.transform(layouts.reshape(-1, 2)).reshape(T, n, 2)
        self.colour = colour
        names, by_population = places.labels() or [""] * n, order_of_labels(places)
        self.words = [Label(names[i], LABEL_HEIGHT, style.INK) for i in by_population]
        self.sizes = np.array([word.size for word in self.words])
        self._order = np.array(by_population)
        self.plan = moving_labels.plan(
            self.dots[:, self._order], self.sizes, np.array(self.box.padded(-3).extents), LABEL_GAP
        )

    def trail_since(self, stage: Stage, begin: int, t: int) -> None:
        """Draw the ways from frame `begin` to frame t, fading towards the past."""
        stage.trails(self.dots[max(begin, 0) : t + 1], self.colour, 1.5, self.box)

    def leave_trace(self, stage: Stage, t: int) -> None:
        """Draw the ways from frame t - 1 to frame t, faintly, to stay."""
        stage.lines(self.dots[max(t - 1, 0) : t + 1], _pale(self.colour), 1.2, self.box)

    def draw(self, stage: Stage, t: int) -> None:
        """Draw the cities and their names as they are in frame t."""
        stage.dots(self.dots[t], self.colour, DOT, self.box)
        stage.labels(self.words, self.label_centres(t), self.plan.opacity[t])

    def label_centres(self, t: int) -> Array:
        """The middles of the names in frame t, shape (n, 2), in the order of `words`."""
        centres: Array = self.dots[t, self._order] + self.plan.offsets[t]
        return centres


class Curve(NamedTuple):
    """A loss curve as points (cost, loss).

    `knots`, shape (m, 2), is what was measured; `heads`, shape (T, 2), how far it has come in each frame, and
    `reached`, shape (T,), the index of the last knot before that.
    """

    knots: Array
    heads: Array
    reached: NDArray[np.intp]


class GrowingCurve:
    """A loss curve that is drawn as it grows."""

    def __init__(self, ax: Axes, curve: Curve, colour: str) -> None:
        self.box = box_of(ax)
        self._curve = Curve(ax.transData.transform(curve.knots), ax.transData.transform(curve.heads), curve.reached)
        self._colour = colour

    def draw(self, stage: Stage, t: int) -> None:
        """Draw it as far as it has come in frame t."""
        points = np.vstack([self._curve.knots[: self._curve.reached[t] + 1], self._curve.heads[t]])
        stage.lines(points[:, None], self._colour, 2.4, self.box)

    def draw_head(self, stage: Stage, t: int) -> None:
        """Mark how far it has come."""
        stage.dots(self._curve.heads[t][None], self._colour, HEAD, Bbox(self.box.padded(HEAD + 1)))


def _pale(colour: str) -> str:
    """A colour as it looks when it shines through the land."""
    red, green, blue = 0.4 * np.array(to_rgb(colour)) + 0.6 * np.array(to_rgb(style.LAND))
    return to_hex((red, green, blue))


def thousands(ax: Axes, decades: Sequence[float], start: float) -> None:
    """Label a logarithmic axis of calls: the start, which is at no logarithm, and powers of ten in full."""
    ax.xaxis.set_major_locator(FixedLocator([start, *decades]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: "start" if cost == start else f"{cost:,.0f}"))
