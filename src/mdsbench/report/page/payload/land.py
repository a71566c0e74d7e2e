"""The coastline as a page needs it: what is shown, in as few points as one can see."""

from typing import Any

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from mdsbench.problems.problem import Array
from mdsbench.report.figures import geography
from mdsbench.report.page.payload.columns import column

FINENESS = 1_500  # of the shown width: how far a simplified coast may be off
UNIT = 0.25  # km, to which it is rounded


def land(centre: tuple[float, float], bounds: Array) -> dict[str, Any]:
    """The land within `bounds` (left, bottom, right, top in km) and as much again on each side."""
    low, high = bounds[:2], bounds[2:]
    extent = float(np.max(high - low))
    seen = Bbox([low - extent, high + extent])
    rings = []
    for ring in geography.coastline(centre).to_polygons(closed_only=True):
        if seen.overlaps(Bbox([ring.min(axis=0), ring.max(axis=0)])):
            for part in Path(ring, closed=True).clip_to_bbox(seen).to_polygons(closed_only=True):
                simple = simplified(np.asarray(part), extent / FINENESS)
                if len(simple) > 3:
                    rings.append(np.rint(simple / UNIT).astype(int))
    points = np.concatenate(rings) if rings else np.empty((0, 2), int)
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), int))
    return {
        "lengths": column([len(ring) for ring in rings]),
        "steps": column(steps),
        "scale": UNIT,
        "credit": geography.LAND_CREDIT,
    }


def simplified(line: Array, tolerance: float) -> Array:
    """The fewest points of a line, shape (k, 2), found by halving, from which no point is farther than `tolerance`.

    Douglas & Peucker 1973; the first and last point stay.
    """
    kept = np.zeros(len(line), bool)
    kept[[0, -1]] = True
    parts = [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        away = _distances(line[first + 1 : last], line[first], line[last])
        far = int(np.argmax(away))
        if away[far] > tolerance:
            middle = first + 1 + far
            kept[middle] = True
            parts += [(first, middle), (middle, last)]
    return line[kept]


def _distances(points: Array, begin: Array, end: Array) -> Array:
    """From each point to the segment between two others."""
    along = end - begin
    length = float(along @ along)
    share = np.clip((points - begin) @ along / length, 0.0, 1.0)[:, None] if length else np.zeros((len(points), 1))
    away: Array = np.hypot(*(points - begin - share * along).T)
    return away
