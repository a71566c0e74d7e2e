"""Where a film of one to four runs has its maps, its words and its curves. All in units of the screen."""

from typing import NamedTuple

from mdsbench.report.films.screen import Box, Screen

EDGE, BETWEEN = 20, 20  # around the picture, and between maps
BAR = 64  # at the foot of the picture, where a paused player shows its controls: no axis
CREDIT = 28  # at the foot of the picture, for whose data are shown
ONE_LINE = 430  # the width in which an account fits on one line
BESIDE = 0.68  # of the width is for the maps, where the curves are beside them
TALLEST = 1.1  # times its width is a map at most: Europe is wider than it is high


class Layout(NamedTuple):
    """The maps, the inside of the curves' axes, the middle of the line below the maps, and an account's lines."""

    maps: list[Box]
    curves: Box
    note: float
    lines: int


def arrange(screen: Screen, count: int) -> Layout:
    """One map or four beside the curves, two above them, three with the curves in the fourth place."""
    (width, height), letters = screen.units, screen.letters
    beside, rows, columns = count in (1, 4), 1 + (count > 2), min(count, 2)
    across = BESIDE * width if beside else width
    each = (across - 2 * EDGE - (columns - 1) * BETWEEN) / columns
    lines = 1 if each >= ONE_LINE * letters else 2
    head, note, axis, left = 14 + 26 * letters + 22 * letters * lines, 26 * letters, 46 * letters, 66 * letters
    if count == 2:
        high = min(0.835 * height - head - note - 14 - axis - BAR, TALLEST * each)
        top = head + high + note + 14
        curves = Box(left + EDGE, top, width - left - 2 * EDGE - 20, height - top - axis - BAR)
        return Layout(_grid(each, head, high, count), curves, head + high + note / 2, lines)
    high = min((height - note - CREDIT) / rows - head, TALLEST * each)
    maps, below = _grid(each, head, high, count), rows * (head + high)
    if count == 3:
        start, top = EDGE + each + BETWEEN + left, 2 * head + high
        curves = Box(start, top, each - left - 20, min(top + high, height - BAR) - axis - top)
    else:
        start = across + left
        curves = Box(start, head, width - start - EDGE - 10, min(below - head, 420, height - BAR - axis - head))
    return Layout(maps, curves, below + note / 2, lines)


def _grid(width: float, head: float, height: float, count: int) -> list[Box]:
    """Maps in two columns, each with its head above it."""
    return [Box(EDGE + k % 2 * (width + BETWEEN), head + k // 2 * (head + height), width, height) for k in range(count)]
