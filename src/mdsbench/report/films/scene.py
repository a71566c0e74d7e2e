"""What the films are set in: maps with moving places, and curves that grow."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures import geography
from mdsbench.report.figures.atlas import EDGE, MARGIN, Atlas
from mdsbench.report.films.screen import Box
from mdsbench.report.films.stage import POINTS, UNITS, Stage, axes_at
from mdsbench.runs.run import Run

HEAD = 6.0  # units: the radius of a curve's end
EDGE_KM = 3100.0  # the coastline's cut edges begin to show beyond
ROOM = 150.0, 0.97  # km around the moving places, and the share of them that the map is made for
RINGED = 60  # so many places have a ring where they are
CLEAR, NUMBER = 36, 64  # units: from the start to the first number, and between two numbers, on the axis of a clock
LETTER = 0.62  # times as wide as high is a letter


def map_axes(figure: Figure, box: Box, atlas: Atlas, layouts: Array) -> Axes:
    """A map with the true positions of few places as rings.

    It shows the true positions with a margin, and most of the layouts that will move over it, shape (m, n, 2) in km.
    """
    ax = axes_at(figure, box)
    low, high = np.quantile(atlas.true, [EDGE, 1 - EDGE], axis=0)
    centre, shape = (low + high) / 2, np.array([box.width, box.height])
    span = MARGIN * (high - low) / 2
    room, share = (ROOM[0] if atlas.land else 0.0), ROOM[1]
    wanted = np.maximum(span, np.quantile(np.abs(layouts - centre), share, axis=(0, 1)) + room)
    most = EDGE_KM / box.width if atlas.centre == geography.EUROPE else 1.5 * (span / shape).max()
    half = shape * max(min((wanted / shape).max(), most), (span / shape).max())
    (left, bottom), (right, top) = centre - half, centre + half
    ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], facecolor=style.SEA)
    if atlas.land:
        geography.draw_land(ax, atlas.centre)
    if len(atlas.true) <= RINGED:
        ax.scatter(
            atlas.true[:, 0],
            atlas.true[:, 1],
            s=52,
            facecolors="none",
            edgecolors=style.FAINT,
            linewidths=0.9,
            zorder=2,
        )
    geography.frame(ax)
    return ax


def error_axes(figure: Figure, box: Box, atlas: Atlas, runs: Sequence[Run], letters: float) -> Axes:
    """Axes for the typical error of a distance in km, logarithmic."""
    ax = axes_at(figure, box)
    best = next((run.best_known for run in runs if run.best_known > 0), 0.0)
    lowest = min(loss for run in runs for loss in (run.final_loss, best or np.inf) if loss >= 0)
    top = atlas.typical_error_km(max(run.start_loss for run in runs))
    bottom = max(atlas.typical_error_km(lowest), 1e-9 * top)
    ax.set_yscale("log")
    ax.set_ylim(bottom / 2, top * 2)
    ax.yaxis.set_major_locator(LogLocator(numticks=5))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{error:,g}"))
    whole = box.height > LETTER * 15 * letters * len("typical error, km")
    ax.set_ylabel("typical error, km" if whole else "typical\nerror, km", fontsize=15 * letters * POINTS)
    if best > 0:
        _best_known(ax, atlas.typical_error_km(best), letters)
    ax.tick_params(labelsize=13 * POINTS * letters, color=style.FAINT)
    for side, spine in ax.spines.items():
        spine.set(color=style.FAINT, visible=side in ("left", "bottom"))
    ax.grid(axis="y", color=style.GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def _best_known(ax: Axes, error: float, letters: float) -> None:
    ax.axhline(error, color=style.BEST_KNOWN, linewidth=1, dashes=(5, 3))
    ax.annotate(
        "best known",
        (0, error),
        xycoords=("axes fraction", "data"),
        xytext=(6, 3),
        textcoords="offset points",
        fontsize=13 * POINTS * letters,
        color=style.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )


def box_of(ax: Axes) -> Bbox:
    """The pixels inside the axes' frame."""
    return Bbox.from_extents(*np.round(ax.get_window_extent().extents))


class Curve(NamedTuple):
    """A curve as points (amount, typical error in km).

    `knots`, shape (m, 2), is what was measured; `heads`, shape (T, 2), how far it has come in each frame, and
    `reached`, shape (T,), the index of the last knot before that.
    """

    knots: Array
    heads: Array
    reached: NDArray[np.intp]


class GrowingCurve:
    """A curve that is drawn as it grows."""

    def __init__(self, ax: Axes, curve: Curve, colour: str) -> None:
        self.box = box_of(ax)
        self._rim = Bbox(self.box.padded((HEAD + 1) * ax.figure.dpi / UNITS))
        self._curve = Curve(ax.transData.transform(curve.knots), ax.transData.transform(curve.heads), curve.reached)
        self._colour = colour

    def draw(self, stage: Stage, t: int) -> None:
        """Draw it as far as it has come in frame t."""
        points = np.vstack([self._curve.knots[: self._curve.reached[t] + 1], self._curve.heads[t]])
        stage.lines(points[:, None], self._colour, 2.4, self.box)

    def draw_head(self, stage: Stage, t: int) -> None:
        """Mark how far it has come."""
        stage.dots(self._curve.heads[t][None], self._colour, HEAD, self._rim)


def pale(colour: str) -> str:
    """A colour as it looks when it shines through the land."""
    red, green, blue = 0.4 * np.array(to_rgb(colour)) + 0.6 * np.array(to_rgb(style.LAND))
    return to_hex((red, green, blue))


def powers_of_ten(ax: Axes, start: float, end: float, width: float, say: Callable[[float], str]) -> None:
    """Label a logarithmic clock from `start` to `end`: the start, and as many powers of ten as fit into its width.

    `width` is in units, for letters of the usual size; `say` puts an amount into words.
    """
    decade = width / np.log10(end / start)
    first, last = int(np.ceil(np.log10(start) + CLEAR / decade)), int(np.floor(np.log10(end)))
    apart = max(1, int(np.ceil(NUMBER / decade)))
    ticks = [10.0**power for power in range(first, last + 1, apart)]
    ax.xaxis.set_major_locator(FixedLocator([start, *ticks]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: "start" if amount == start else say(amount)))


def fitted(text: str, size: float, room: float) -> float:
    """The size of letters in units, at most `size`, at which a label has room."""
    return min(size, room / (LETTER * len(text)))
