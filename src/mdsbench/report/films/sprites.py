"""Text as bitmaps: drawn once, pasted into any number of frames. Drawing text anew is what makes animations slow."""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, findfont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mdsbench.report.style import plain

PHASES = 4  # a label moves in steps of a quarter pixel
HALO = 0.75  # opacity of the white rim that lifts a label off the map

LONGEST = 100  # letters of a line
SMALLEST = 6  # pixels of a letter's height
MARGIN = 3  # pixels left and right of a text, for the rim

Pixels = NDArray[np.uint8]
Coverage = NDArray[np.floating]


class Sprite(NamedTuple):
    """A bitmap: its own colour, premultiplied, shape (h, w, 4), and what it lets through, of 256.

    The latter has the same shape and four equal layers: NumPy multiplies equal shapes four times as fast.
    """

    colour: NDArray[np.uint16]
    through: NDArray[np.uint16]

    def faded(self, opacity: float) -> "Sprite":
        """The same, more transparent."""
        colour = (self.colour * opacity).astype(np.uint16)
        return Sprite(colour, (256 - (256 - self.through) * opacity).astype(np.uint16))

    def cut(self, width: int) -> "Sprite":
        """The same, at most so many pixels wide."""
        return Sprite(self.colour[:, :width], self.through[:, :width])


def paste(pixels: Pixels, sprite: Sprite, left: int, top: int) -> None:
    """Lay a sprite over an image, shape (H, W, 4), its top left corner at (left, top); it must lie inside."""
    height, width = sprite.through.shape[:2]
    region = pixels[top : top + height, left : left + width]
    region[...] = sprite.colour + ((region * sprite.through) >> 8)


@cache
def line(text: str, size: int, colour: str, bold: bool = False) -> Sprite:
    """A line of text, `size` pixels high; it begins MARGIN pixels from the sprite's left."""
    ink = _mask(plain(text, LONGEST), _font(size * PHASES, bold), size, 0)
    return _sprite(_shrink(ink, 0, 0), np.zeros_like(_shrink(ink, 0, 0)), colour)


def length(text: str, size: int, bold: bool = False) -> float:
    """The width in pixels of a line of text."""
    return _font(size * PHASES, bold).getlength(plain(text, LONGEST)) / PHASES


class Label:
    """A word with a white rim, to be pasted at any position to a quarter pixel."""

    def __init__(self, text: str, size: int, colour: str) -> None:
        text = plain(text)
        self._phases = _phases(text, size, colour)
        font = _font(size * PHASES)
        self.size = font.getlength(text) / PHASES, 1.15 * size  # width and height of the text in pixels

    def paste(self, pixels: Pixels, x: float, y: float, opacity: float) -> None:
        """Write the label, its middle at x from the left and y from the top."""
        height, width = self._phases[0][0].through.shape[:2]
        left, right_by = divmod(round((x - (width - 1) / 2) * PHASES), PHASES)
        top, down_by = divmod(round((y - (height - 1) / 2) * PHASES), PHASES)
        sprite = self._phases[down_by][right_by]
        if 0 <= left <= pixels.shape[1] - width and 0 <= top <= pixels.shape[0] - height:
            paste(pixels, sprite if opacity >= 1 else sprite.faded(opacity), left, top)


@cache
def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal"))
    return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _phases(text: str, size: int, colour: str) -> list[list[Sprite]]:
    """A word's sprites, moved by i quarters of a pixel down and j to the right: [i][j].

    It is drawn once, PHASES times too large, and averaged down from each offset.
    """
    ink, outline = (_mask(text, _font(size * PHASES), size, stroke) for stroke in (0, 2 * PHASES))
    return [
        [_sprite(_shrink(ink, i, j), HALO * _shrink(outline, i, j), colour) for j in range(PHASES)]
        for i in range(PHASES)
    ]


def _mask(text: str, font: ImageFont.FreeTypeFont, size: int, stroke: int) -> Coverage:
    """Coverage between 0 and 1 at PHASES times the size; the text begins MARGIN pixels from the left, midway down."""
    width, height = int(font.getlength(text) / PHASES) + 2 * MARGIN, int(1.3 * size) + 4
    image = Image.new("L", (width * PHASES, height * PHASES))
    left_middle = (MARGIN * PHASES, height * PHASES / 2)
    ImageDraw.Draw(image).text(left_middle, text, fill=255, font=font, anchor="lm", stroke_width=stroke)
    return np.asarray(image, dtype=np.float32) / 255


def _shrink(mask: Coverage, down: int, right: int) -> Coverage:
    """Averages over squares of PHASES x PHASES, the mask first moved by so many of its pixels."""
    moved = np.pad(mask, ((down, PHASES - down), (right, PHASES - right)))
    rows = sum((moved[i::PHASES] for i in range(1, PHASES)), moved[::PHASES])
    sums: Coverage = sum((rows[:, j::PHASES] for j in range(1, PHASES)), rows[:, ::PHASES])
    return sums / PHASES**2


def _sprite(ink: Coverage, halo: Coverage, colour: str) -> Sprite:
    """Ink over a white halo, coverages of shape (h, w)."""
    ink, halo = ink[..., None], (halo * (1 - ink))[..., None]
    premultiplied = 255 * (np.array([*to_rgb(colour), 1.0]) * ink + halo)
    through = np.floor(256 * (1 - ink - halo)).astype(np.uint16)
    return Sprite(np.floor(premultiplied).astype(np.uint16), np.repeat(through, 4, axis=-1))
