"""The maps of a page: where points really are, or, where nobody knows, where the best run has put them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import orthogonal_procrustes

from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report.figures import geography
from mdsbench.report.figures.atlas import projection
from mdsbench.report.figures.labels import order_of_labels
from mdsbench.report.page.payload.columns import column, texts

MARGIN = 1.12  # of the true map
WIDEST = 3.0  # times the true map that the layouts may need


@dataclass(frozen=True, eq=False)
class Chart:
    """A map: `truth`, shape (points, 2) in `unit`, x east and y north.

    `unit_length` is the length of a unit of x in `unit`. `measured` says whether `truth` is where the points really
    are. `centre` is that of the projection, None where there is no land to show. `order` are the points from the one
    whose name matters most.
    """

    truth: Array
    unit: str
    unit_length: float
    measured: bool = True
    labels: Sequence[str] = ()
    order: Sequence[int] = ()
    centre: tuple[float, float] | None = None
    credit: str = ""

    @property
    def points(self) -> int:
        """How many there are."""
        return len(self.truth)

    @cached_property
    def middle(self) -> Array:
        """The centroid."""
        middle: Array = self.truth.mean(axis=0)
        return middle

    @cached_property
    def extent(self) -> float:
        """The longer side of the map, 1 where all points coincide."""
        return float(np.ptp(self.truth, axis=0).max()) or 1.0

    def turn(self, x: Array) -> Array:
        """The orthogonal matrix, shape (2, 2), that turns a flat layout nearest to the map (Schönemann 1966)."""
        layout = x.reshape(-1, 2)
        if not np.isfinite(layout).all():
            return np.eye(2)
        largest = float(np.abs(layout).max()) or 1.0  # so that no product overflows
        layout = layout / largest
        turn: Array = orthogonal_procrustes(layout - layout.mean(axis=0), self.truth - self.middle)[0]
        return turn

    def positions(self, x: Array, turn: Array) -> Array:
        """Flat layouts, shape (frames, 2 points), turned and centred on the map, shape (frames, points, 2) in `unit`.

        The centroid of a layout with positions that are not finite is that of the others.
        """
        with np.errstate(all="ignore"):
            layouts = x.reshape(len(x), -1, 2) * self.unit_length
            known = np.isfinite(layouts).all(axis=2, keepdims=True)
            sums = np.where(known, layouts, 0.0).sum(axis=1, keepdims=True)
            centroid = sums / np.maximum(known.sum(axis=1, keepdims=True), 1)
            placed: Array = (layouts - centroid) @ turn + self.middle
        return placed

    def bounds(self, reaches: Sequence[Array]) -> Array:
        """What is shown: left, bottom, right, top.

        `reaches` are how far to each side of the centroid most positions of each run go, shape (2,).
        """
        low, high = self.truth.min(axis=0), self.truth.max(axis=0)
        middle, half = (low + high) / 2, np.maximum((high - low) / 2, self.extent / 20)
        shown = MARGIN * half
        if reaches:
            needed = np.median(reaches, axis=0) + np.abs(middle - self.middle)
            shown = np.maximum(shown, np.minimum(MARGIN * needed, WIDEST * self.extent / 2))
        return np.concatenate([middle - shown, middle + shown])

    def as_json(self, name: str, bounds: Array, land: int) -> dict[str, Any]:
        """As the page takes it."""
        return {
            "name": name,
            "labels": texts(self.labels),
            "order": column(self.order),
            "truth": column(self.truth.astype(np.float32)),
            "measured": self.measured,
            "unit": self.unit,
            "unitLength": self.unit_length,
            "bounds": bounds.tolist(),
            "land": land,
            "credit": self.credit,
        }


def of_coordinates(info: MapInfo) -> Chart | None:
    """The map of places on the earth; None if their coordinates are unknown."""
    if info.latitude is None or info.longitude is None:
        return None
    centre, surveyed = projection(info)
    return Chart(
        truth=geography.to_km(info.longitude, info.latitude, centre),
        unit=info.unit,
        unit_length=info.unit_length,
        labels=list(info.labels() or ()),
        order=order_of_labels(info),
        centre=centre if surveyed else None,
        credit=info.credit,
    )


def of_layout(x: Array, info: MapInfo) -> Chart | None:
    """The map that a flat layout shows, its longer axis from left to right; None if a position is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        layout = x.reshape(-1, 2) * info.unit_length
        layout = layout - layout.mean(axis=0)
    if not np.isfinite(layout).all():
        return None
    axes = np.linalg.svd(layout, full_matrices=False)[2] if layout.any() else np.eye(2)
    chart = Chart(truth=layout @ axes.T, unit=info.unit, unit_length=info.unit_length, measured=False)
    return replace(chart, labels=list(info.labels() or ()), order=order_of_labels(info))
