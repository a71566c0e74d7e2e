"""The coast of a page is near the coast, and small."""

import numpy as np

from mdsbench.report.figures.geography import EUROPE
from mdsbench.report.page.payload.land import land, simplified
from mdsbench.report.page.payload.script_text import as_json
from mdsbench.report.page.payload.unpacked import numbers


def test_a_line_keeps_its_corners_only() -> None:
    line = np.array([[0.0, 0.0], [1.0, 0.1], [2.0, -0.1], [3.0, 0.0], [3.0, 2.0], [3.0, 4.0]])
    assert simplified(line, 0.2).tolist() == [[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]
    assert len(simplified(line, 0.01)) == 5


def test_a_closed_line_does_not_collapse() -> None:
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    simple = simplified(circle, 0.01)
    assert 10 < len(simple) < 60
    assert np.abs(np.hypot(*((simple[1:] + simple[:-1]) / 2).T) - 1).max() <= 0.0101


def test_all_points_at_one_place_are_two_points() -> None:
    assert len(simplified(np.zeros((5, 2)), 0.1)) == 2


def test_the_land_of_europe_is_a_few_kilobytes_and_covers_warsaw_but_not_the_sea() -> None:
    from matplotlib.path import Path

    packed = land(EUROPE, np.array([-3000.0, -2500.0, 2500.0, 2400.0]))
    assert len(as_json(packed)) < 40_000
    steps = numbers(packed["steps"]).reshape(-1, 2)
    points = np.cumsum(steps, axis=0) * packed["scale"]
    rings = np.split(points, np.cumsum(numbers(packed["lengths"]).astype(int))[:-1])
    warsaw, biscay = (-272.0, 24.0), (-2050.0, -450.0)
    inside = [sum(Path(ring).contains_point(place) for ring in rings) for place in (warsaw, biscay)]
    assert inside == [1, 0]


def test_where_there_is_no_land_there_are_no_rings() -> None:
    packed = land(EUROPE, np.array([-3300.0, -500.0, -3290.0, -490.0]))
    assert packed["lengths"]["length"] == packed["steps"]["length"] == 0
