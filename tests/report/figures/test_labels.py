"""Labels: no name covers another, none covers a dot, none leaves the frame."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from mdsbench.problems import problem
from mdsbench.problems.problem import Array
from mdsbench.report.figures import geography, labels
from mdsbench.report.films import moving_labels


def map_of(n: int, inches: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=inches, dpi=100)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    places = problem.find(f"cities-{n}").map
    assert places
    low, high = geography.true_map(places).min(axis=0), geography.true_map(places).max(axis=0)
    margin = 0.1 * (high - low)
    ax.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    ax.set_aspect("equal")
    return figure, ax


def words_only(drawn: list[Annotation]) -> list[Bbox]:
    """The boxes of the names, without their leader lines."""
    boxes = []
    for annotation in drawn:
        annotation.arrow_patch = None
        boxes.append(annotation.get_window_extent())
    return boxes


@pytest.mark.parametrize(("n", "inches"), [(6, (4.0, 2.5)), (15, (6.0, 4.0)), (34, (6.0, 4.0)), (34, (12.0, 7.0))])
def test_the_cities_labels_are_all_there_apart_and_inside(n: int, inches: tuple[float, float]) -> None:
    figure, ax = map_of(n, inches)
    places = problem.find(f"cities-{n}").map
    assert places
    names = places.labels()
    assert names
    drawn = labels.place(ax, geography.true_map(places), names)
    figure.canvas.draw()
    assert [annotation.get_text() for annotation in drawn] == names
    boxes, frame = words_only(drawn), ax.get_window_extent()
    for one, other in combinations(boxes, 2):
        assert Bbox.intersection(one.padded(-0.5), other.padded(-0.5)) is None
    for box in boxes:
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert frame.y0 <= box.y0
        assert box.y1 <= frame.y1
        assert not any(box.contains(*dot) for dot in ax.transData.transform(geography.true_map(places)))


def test_without_room_the_last_names_go_and_the_others_stay_apart() -> None:
    dots = np.random.default_rng(0).uniform(0, 100, size=(20, 2))
    sizes = np.full((20, 2), (40.0, 10.0))
    offsets = labels.arrange(dots, sizes, np.array([0.0, 0.0, 100.0, 100.0]), 3.0)
    kept = np.flatnonzero(np.isfinite(offsets[:, 0]))
    assert 0 < len(kept) < 20
    for i, j in combinations(kept, 2):
        assert not labels.overlap(dots[i] + offsets[i], sizes[i], dots[j] + offsets[j], sizes[j])


def test_two_dots_at_one_place_get_two_places() -> None:
    size = np.array([10.0, 10.0])
    one, other = labels.arrange(np.full((2, 2), 50.0), np.stack([size, size]), np.array([0.0, 0.0, 100.0, 100.0]), 5.0)
    assert np.isfinite([one, other]).all()
    assert not labels.overlap(one, size, other, size)


def wandering(T: int, n: int) -> Array:
    """Dots that wander over 600 x 400 pixels, shape (T, n, 2), and come to rest."""
    rng = np.random.default_rng(3)
    begin, end = rng.uniform(50, 350, size=(2, n, 2))
    share = np.minimum(np.linspace(0, 1.2, T), 1)[:, None, None]
    path: Array = begin + share * (end - begin)
    return path


def test_moving_labels_never_overlap_and_change_softly() -> None:
    T, n = 120, 20
    dots, sizes, frame = wandering(T, n), np.full((n, 2), (60.0, 14.0)), np.array([0.0, 0.0, 600.0, 400.0])
    plan = moving_labels.plan(dots, sizes, frame, 7.0)
    assert (plan.opacity[-1] == 1).sum() > n // 2
    for t in range(T):
        shown = np.flatnonzero(plan.opacity[t] > 0)
        centres = dots[t, shown] + plan.offsets[t, shown]
        assert (centres - sizes[shown] / 2 >= frame[:2]).all()
        assert (centres + sizes[shown] / 2 <= frame[2:]).all()
        for a, b in combinations(range(len(shown)), 2):
            assert not labels.overlap(centres[a], sizes[shown[a]], centres[b], sizes[shown[b]])
    assert np.abs(np.diff(plan.opacity, axis=0)).max() <= 1 / moving_labels.FADE + 1e-12
    jumps = (np.diff(plan.offsets, axis=0) != 0).any(axis=-1)
    both = np.minimum(plan.opacity[1:], plan.opacity[:-1])
    assert both[jumps].max(initial=0) <= 1 / moving_labels.FADE  # a name changes its side only while it is faint
