"""Where a film of one to four runs has its maps, its words and its curves. All in units of the screen."""

from typing import NamedTuple

from mdsbench.report.films.screen import Box, Screen

EDGE, BETWEEN = 20, 20  # around the picture, and between maps
BAR = 64  # at the foot of the picture, where a paused player shows its controls: nothing that must be read
ONE_LINE = 560  # the width in which an account fits on one line
BESIDE = 0.68  # of the width is for four maps, the rest for the curves


class Layout(NamedTuple):
    """The maps, the inside of the curves' axes, the middle of the line below the maps, and an account's lines."""

    maps: list[Box]
    curves: Box
    note: float
    lines: int


def arrange(screen: Screen, count: int) -> Layout:
    """Up to two maps above the curves; three maps with the curves in the fourth place; four beside the curves."""
    (width, height), letters = screen.units, screen.letters
    columns = min(count, 2)
    across = BESIDE * width if count == 4 else width
    each = (across - 2 * EDGE - (columns - 1) * BETWEEN) / columns
    lines = 1 if each >= ONE_LINE * letters else 2
    head, note, axis, left = 14 + 26 * letters + 22 * letters * lines, 26 * letters, 46 * letters, 66 * letters
    if count <= 2:
        curves = 0.165 * height
        high = height - head - note - 14 - curves - axis - BAR
        below = Box(left + EDGE, head + high + note + 14, width - left - 2 * EDGE - 20, curves)
        return Layout(_grid(each, head, high, count), below, head + high + note / 2, lines)
    high = (height - note - BAR) / 2 - head
    maps = _grid(each, head, high, count)
    note_at = 2 * (head + high) + note / 2
    if count == 3:
        top, start = 2 * head + high, EDGE + each + BETWEEN + left
        return Layout(maps, Box(start, top, each - left - 20, high - axis), note_at, lines)
    start = across + left
    return Layout(maps, Box(start, head, width - start - EDGE, min(2 * high, 420)), note_at, lines)


def _grid(width: float, head: float, height: float, count: int) -> list[Box]:
    """Maps in two columns, each with its head above it."""
    return [Box(EDGE + k % 2 * (width + BETWEEN), head + k // 2 * (head + height), width, height) for k in range(count)]
