"""Where a film has its parts: nothing covers anything, whatever is asked for."""

from itertools import combinations

import pytest

from mdsbench.errors import UsageError
from mdsbench.report.films.layout import BAR, CREDIT, arrange
from mdsbench.report.films.screen import LABELS, Box, Screen, pixels


def apart(a: Box, b: Box) -> bool:
    beside = a.left + a.width <= b.left or b.left + b.width <= a.left
    return beside or a.top + a.height <= b.top or b.top + b.height <= a.top


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (720, 1280), (3840, 1000), (320, 320)])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_parts_of_a_film_are_apart_and_above_the_bar(count: int, size: tuple[int, int], labels: str) -> None:
    screen = Screen(*size, labels)
    layout, (width, height) = arrange(screen, count), screen.units
    letters = screen.letters
    heads = (26 + 22 * layout.lines) * letters
    maps = [Box(box.left, box.top - heads, box.width, box.height + heads) for box in layout.maps]
    curves = layout.curves
    axes = Box(curves.left - 60 * letters, curves.top, curves.width + 60 * letters, curves.height + 46 * letters)
    note = Box(maps[0].left, layout.note - 8 * letters, 10, 16 * letters)
    parts = [*maps, axes, note]
    assert len(maps) == count
    assert all(apart(a, b) for a, b in combinations(parts, 2))
    for part in parts:
        assert 0 <= part.left <= part.left + part.width <= width
        assert 0 <= part.top <= part.top + part.height <= height - CREDIT + 1e-6
    assert axes.top + axes.height <= height - BAR + 1e-6
    assert axes.height >= 150
    assert all(box.height >= 150 for box in layout.maps)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1281x720", "take even numbers, e.g. 1282x720"),
        ("100000x100000", "take 320 to 3840 pixels"),
        ("2x2", "take 320 to 3840 pixels"),
        ("4k", "take 720p, 1080p or WIDTHxHEIGHT"),
        ("", "take 720p"),
        ("-4x8", "take 720p"),
    ],
)
def test_a_size_that_no_film_has_is_one_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        pixels(text)
    assert "\n" not in str(caught.value)


def test_sizes() -> None:
    assert [pixels(text) for text in ("720p", "1080p", "640x480")] == [(1280, 720), (1920, 1080), (640, 480)]
