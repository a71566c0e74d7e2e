"""A canvas for films: a backdrop drawn once by Matplotlib, and lines, dots and words drawn over it frame by frame."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Bbox, IdentityTransform

from mdsbench.problems.problem import Array
from mdsbench.report.films.screen import Box, Screen
from mdsbench.report.films.sprites import MARGIN, SMALLEST, Label, length, line, paste

UNITS = 100  # in an inch of a film's figure
POINTS = 72 / UNITS  # of a unit
FADES = 8  # a trail fades in so many steps
STILL = 0.1  # pixels: what moves by less in a step of a trail stands
DISC = np.asarray(Path.unit_circle().vertices)
DISC_CODES = np.asarray(Path.unit_circle().codes)


class Stage:
    """The pixels of one film. Positions are in pixels, x from the left and y from the bottom, as in Matplotlib.

    Widths, radii and the places of texts are in units of the screen, see `Screen`. What is drawn stays until the next
    `clear`, which brings back the backdrop; `keep` makes a part of what is drawn a part of the backdrop.
    """

    def __init__(self, figure: Figure) -> None:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        self._renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        self._buffer = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        self.pixels = np.asarray(self._buffer)
        self._backdrop = self.pixels.copy()
        self.height, self.width = self.pixels.shape[:2]
        self.unit = figure.dpi / UNITS
        self.box = Bbox.from_extents(0, 0, self.width, self.height)

    @property
    def frame(self) -> memoryview:
        """The pixels as they are now, for the encoder."""
        return memoryview(self._buffer)

    def clear(self) -> None:
        """Back to the backdrop."""
        np.copyto(self.pixels, self._backdrop)

    def keep(self, box: Bbox) -> None:
        """Make what is drawn within a box part of the backdrop."""
        self._backdrop[self._rows_and_columns(box)] = self.pixels[self._rows_and_columns(box)]

    def copy(self, box: Bbox) -> Array:
        """The backdrop within a box, to be given to `put_back`."""
        return self._backdrop[self._rows_and_columns(box)].copy()

    def put_back(self, box: Bbox, pixels: Array) -> None:
        """Restore the backdrop within a box."""
        self._backdrop[self._rows_and_columns(box)] = pixels

    def lines(self, points: Array, colour: str, width: float, box: Bbox, opacity: float = 1.0) -> None:
        """Draw n lines through points, shape (m, n, 2), clipped to a box; where they cross they do not add up."""
        m, n = points.shape[:2]
        codes = np.full((n, m), Path.LINETO, dtype=Path.code_type)
        codes[:, 0] = Path.MOVETO
        self._draw(Path(points.swapaxes(0, 1).reshape(-1, 2), codes.ravel()), colour, width, box, opacity)

    def trails(self, points: Array, colour: str, width: float, box: Bbox) -> None:
        """Draw n lines through points, shape (m, n, 2), the last points strongest, the first fading away."""
        cuts = np.linspace(0, len(points) - 1, FADES + 1).astype(int)
        for step, (begin, end) in enumerate(pairwise(cuts), start=1):
            part = points[begin : end + 1]
            moving = (np.ptp(part, axis=0) > STILL).any(axis=1)  # in most frames most places stand
            if end > begin and moving.any():
                self.lines(part[:, moving], colour, width, box, 0.6 * step / FADES)

    def dots(self, centres: Array, colour: str, radius: float, box: Bbox) -> None:
        """Draw discs with white rims at centres, shape (n, 2)."""
        vertices = (centres[:, None] + radius * self.unit * DISC).reshape(-1, 2)
        path = Path(vertices, np.tile(DISC_CODES, len(centres)))
        self._draw(path, "white", 1.6, box, face=colour)

    def labels(self, words: Sequence[Label], centres: Array, opacity: Array) -> None:
        """Paste labels with their middles at centres, shape (n, 2); those of opacity 0 are left out."""
        for i in np.flatnonzero(opacity > 0):
            words[int(i)].paste(self.pixels, centres[i, 0], self.height - centres[i, 1], opacity[i])

    def write(
        self,
        text: str,
        left: float,
        middle: float,
        size: float,
        *,
        colour: str,
        width: float,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """Write a line, `size` high, its middle at `middle` from the top; one that is wider than `width` is smaller.

        It begins `left` units from the left, or ends there if `right` is true.
        """
        pixels = round(size * self.unit)
        while pixels > SMALLEST and length(text, pixels, bold) > width * self.unit:
            pixels -= 1
        sprite = line(text, pixels, colour, bold)
        height, long = sprite.through.shape[:2]
        begin = round(left * self.unit) - (long - MARGIN if right else MARGIN)
        begin, top = max(begin, 0), max(round(middle * self.unit - height / 2), 0)
        paste(self.pixels, sprite.cut(self.width - begin), begin, top)

    def _draw(
        self, path: Path, colour: str, width: float, box: Bbox, opacity: float = 1.0, face: str | None = None
    ) -> None:
        path.should_simplify = False
        gc = self._renderer.new_gc()
        gc.set_foreground(to_rgba(colour, opacity), isRGBA=True)
        gc.set_linewidth(width * self.unit)
        gc.set_joinstyle("round")
        gc.set_capstyle("butt" if opacity < 1 else "round")
        gc.set_clip_rectangle(box)
        gc.set_snap(False)
        self._renderer.draw_path(gc, path, IdentityTransform(), face and to_rgba(face))
        gc.restore()

    def _rows_and_columns(self, box: Bbox) -> tuple[slice, slice]:
        """The pixels of a box, rows counted from the top."""
        left, bottom, right, top = (round(side) for side in box.extents)
        return slice(self.height - top, self.height - bottom), slice(left, right)


def figure_of(screen: Screen) -> Figure:
    """An empty figure of a film. One of its inches has 100 units, so that letters and lines grow with the picture."""
    dpi = UNITS * screen.unit
    inside = 0.01  # of a pixel, so that rounding takes none away
    size = ((screen.width + inside) / dpi, (screen.height + inside) / dpi)
    return Figure(figsize=size, dpi=dpi, facecolor="white")


def axes_at(figure: Figure, box: Box) -> Axes:
    """Axes of which the frame is this box."""
    width, height = figure.get_size_inches() * UNITS
    return figure.add_axes(
        (box.left / width, 1 - (box.top + box.height) / height, box.width / width, box.height / height)
    )
