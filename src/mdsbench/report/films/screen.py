"""The picture of a film: its size in pixels, and how large its letters are."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from mdsbench.errors import UsageError

NAMED = {"720p": (1280, 720), "1080p": (1920, 1080)}
LEAST, MOST = 320, 3840  # pixels of a side
LABELS = ("none", "some", "large")
NAMES, LETTERS = 1.5, 1.3  # times as high: the names of places and all other letters, if labels are large


@dataclass(frozen=True)
class Screen:
    """A picture of `width` x `height` pixels. `labels` says which names of places it bears, one of LABELS.

    What is drawn is laid out in units: the picture is at least 1280 units wide and 720 units high.
    """

    width: int = 1280
    height: int = 720
    labels: str = "some"

    @property
    def unit(self) -> float:
        """How many pixels a unit has."""
        return min(self.width / 1280, self.height / 720)

    @property
    def units(self) -> tuple[float, float]:
        """Width and height in units."""
        return self.width / self.unit, self.height / self.unit

    @property
    def letters(self) -> float:
        """How many times as high as usual letters are, but for names of places."""
        return LETTERS if self.labels == "large" else 1.0

    @property
    def names(self) -> float:
        """How many times as high as usual the names of places are."""
        return NAMES if self.labels == "large" else 1.0


def pixels(text: str) -> tuple[int, int]:
    """Width and height of "720p", "1080p" or "WxH"; raises UsageError for a size that no player shows."""
    if text in NAMED:
        return NAMED[text]
    found = re.fullmatch(r"([0-9]{1,6})x([0-9]{1,6})", text)
    if not found:
        raise UsageError(f"a film has no size {text[:40]!r}: take 720p, 1080p or WIDTHxHEIGHT, e.g. 1920x1080")
    width, height = map(int, found.groups())
    if not (LEAST <= width <= MOST and LEAST <= height <= MOST):
        raise UsageError(f"a film cannot be {text}: take {LEAST} to {MOST} pixels a side")
    if width % 2 or height % 2:
        even = f"{width + width % 2}x{height + height % 2}"
        raise UsageError(f"a film of {text} does not play everywhere: take even numbers, e.g. {even}")
    return width, height


class Box(NamedTuple):
    """A rectangle in units, counted from the top left of the picture."""

    left: float
    top: float
    width: float
    height: float
