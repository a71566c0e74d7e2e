"""Names beside dots, so that no name covers another name or a dot, and none leaves the frame."""

from collections.abc import Sequence
from math import cos, pi, sin
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from numpy.typing import NDArray

from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report import style

# Where a label goes relative to its dot, best first: east, west, then the corners, then above and below.
DIRECTIONS = [0.0, pi, pi / 4, -pi / 4, 3 * pi / 4, -3 * pi / 4, pi / 2, -pi / 2]
RINGS = (1.0, 2.5, 4.5)  # distances tried, in gaps; a leader line joins a label beyond the first to its dot
LEADER = {"arrowstyle": "-", "color": style.FAINT, "linewidth": 0.6, "shrinkA": 0.0, "shrinkB": 2.0}
TRIES, SHAKEN = 80, 0.2  # how often to start anew, and with what share of the labels moved
COLLISION, COVERED_DOT, NEAR_DOT, FAR = 1000.0, 300.0, 8.0, 12.0  # costs, against 1 for each less good direction


def offsets(sizes: Array, gap: float, rings: Sequence[float] = RINGS) -> Array:
    """Candidate centres of labels relative to their dots, best first, shape (n, candidates, 2).

    `sizes`, shape (n, 2), are widths and heights; `gap` is the distance from the dot's centre to the label.
    """
    found = []
    for ring in rings:
        for angle in DIRECTIONS:
            outward = np.array([cos(angle), sin(angle)])
            side = np.sign(np.round(outward, 6))  # a corner label hangs by its corner, a side label by its middle
            found.append(outward * gap * ring + side * sizes / 2)
    return np.stack(found, axis=1)


def overlap(centre: Array, size: Array, other: Array, other_size: Array) -> NDArray[np.bool_]:
    """Whether boxes given by centre and size, shapes (..., 2), have area in common, broadcast."""
    apart = 2 * np.abs(centre - other) >= size + other_size
    return np.logical_not(apart.any(axis=-1))


def arrange(
    dots: Array,
    sizes: Array,
    frame: Array,
    gap: float,
    rings: Sequence[float] = RINGS,
) -> Array:
    """Place labels: their centres relative to the dots, shape (n, 2), NaN for a label that has no room.

    `dots` and `sizes`, both of shape (n, 2), are positions and (width, height); `frame`, shape (4,), is left,
    bottom, right, top; all in one unit. Where there is too little room, the later labels are left out. Coordinate
    descent on the collisions, again and again from where a few labels have been moved at random.
    """
    candidates = offsets(sizes, gap, rings)
    n = len(candidates)
    centres = dots[:, None] + candidates
    roomy = sizes[:, None] + gap / 2  # so that names side by side do not read as one
    collide = overlap(centres[:, :, None, None], roomy[:, :, None, None], centres, roomy)
    collide[np.arange(n), :, np.arange(n)] = False
    own = _own_cost(centres, sizes, dots, frame, gap)
    best = _search(own, collide)
    chosen = candidates[np.arange(n), best].copy()
    kept: list[int] = []
    for i in range(n):
        if own[i, best[i]] >= COVERED_DOT or any(collide[i, best[i], j, best[j]] for j in kept):
            chosen[i] = np.nan
        else:
            kept.append(i)
    return chosen


def _own_cost(centres: Array, sizes: Array, dots: Array, frame: Array, gap: float) -> Array:
    """What each candidate costs whatever the others do, shape (n, candidates): rank, dots too near, the edge."""
    rank = np.arange(centres.shape[1])
    half = sizes[:, None] / 2
    outside = ((centres - half < frame[:2]) | (centres + half > frame[2:])).any(axis=-1)
    covers, near = (
        overlap(centres[:, :, None], sizes[:, None, None], dots, np.full(2, reach * gap)).sum(axis=-1)
        for reach in (1.2, 3.0)
    )
    preference = rank + FAR * (rank // len(DIRECTIONS))
    cost: Array = preference + NEAR_DOT * near + COVERED_DOT * covers + 10 * COLLISION * outside
    return cost


def _search(own: Array, collide: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The candidate of each label, shape (n,), at the lowest total cost found."""
    rng = np.random.default_rng(0)
    n, k = own.shape
    best = _descend(own, collide, own.argmin(axis=1), np.arange(n))
    lowest = _total(own, collide, best)
    for _ in range(TRIES):
        shaken = np.where(rng.random(n) < SHAKEN, rng.integers(k, size=n), best)
        choice = _descend(own, collide, shaken, rng.permutation(n))
        total = _total(own, collide, choice)
        if total <= lowest:
            best, lowest = choice, total
    return best


def _descend(
    own: Array, collide: NDArray[np.bool_], choice: NDArray[np.intp], order: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Each label in turn moves where it costs least, until none wants to move."""
    everyone = np.arange(len(own))
    choice = choice.copy()
    for _ in range(20):
        before = choice.copy()
        for i in order:
            choice[i] = (own[i] + COLLISION * collide[i][:, everyone, choice].sum(axis=1)).argmin()
        if (choice == before).all():
            break
    return choice


def _total(own: Array, collide: NDArray[np.bool_], choice: NDArray[np.intp]) -> float:
    everyone = np.arange(len(own))
    collisions = collide[everyone[:, None], choice[:, None], everyone, choice].sum() / 2
    return float(own[everyone, choice].sum() + COLLISION * collisions)


def order_of_labels(places: MapInfo) -> list[int]:
    """The points of a map in the order in which their names matter: the largest population first."""
    populations = places.populations()
    if populations is None:
        return list(range(places.points))
    return sorted(range(places.points), key=lambda i: -populations[i])


def place(
    ax: Axes, xy: Array, names: Sequence[str], *, size: float = style.SMALL_SIZE, gap: float = 6.0, **text: Any
) -> list[Annotation]:
    """Write `names` beside the points `xy`, shape (n, 2), in the axes' data coordinates; return what was drawn.

    Call it last: limits, aspect, figure size and whatever else moves the axes must be final. `size` and `gap`, the
    distance from a point to its name, are in points. Give the names in order of importance: where there is too
    little room, the last are left out. `text` goes to Matplotlib's text.
    """
    names = [style.words(name) for name in names]
    ax.apply_aspect()
    per_point = ax.get_figure().dpi / 72  # type: ignore[union-attr]
    sizes = np.array([_measure(ax, name, size, text) for name in names])
    centres = arrange(ax.transData.transform(xy), sizes, np.array(ax.get_window_extent().extents), gap * per_point)
    far = (np.abs(centres) - sizes / 2).max(axis=1) > 1.5 * gap * per_point
    return [
        ax.annotate(
            name,
            xy=point,
            xytext=tuple(centre / per_point),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=size,
            path_effects=[withStroke(linewidth=2.5, foreground="white", alpha=0.8)],
            arrowprops=LEADER if is_far else None,
            **text,
        )
        for name, point, centre, is_far in zip(names, xy, centres, far, strict=True)
        if np.isfinite(centre).all()
    ]


def _measure(ax: Axes, name: str, size: float, text: dict[str, Any]) -> tuple[float, float]:
    """Width and height of a name in pixels."""
    drawn = ax.text(0, 0, name, fontsize=size, **text)
    box = drawn.get_window_extent()
    drawn.remove()
    return box.width, box.height
