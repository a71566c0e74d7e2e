"""Target distances of a map's pairs: stored in memory, or computed from coordinates when they are needed.

Both kinds have the same interface. Distances are in one unit of the plane; `points` below are indices, shape (k,).
"""

from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088  # the mean radius (IUGG)


class Targets(Protocol):
    """The interface of the target distances of a map."""

    @property
    def points(self) -> int:
        """How many points there are."""

    def rows(self, points: NDArray[np.intp]) -> Array:
        """The distances from these points to all, shape (k, n)."""

    def condensed(self) -> Array:
        """The distances of all pairs in the order of `scipy.spatial.distance.pdist`, shape (n(n-1)/2,)."""


@dataclass(frozen=True, eq=False)
class Stored:
    """Distances in memory: `D`, condensed, shape (n(n-1)/2,), NaN where missing."""

    D: Array

    @property
    def points(self) -> int:
        """How many points there are: n of n(n-1)/2 pairs."""
        return (1 + isqrt(1 + 8 * len(self.D))) // 2

    def rows(self, points: NDArray[np.intp]) -> Array:
        """The distances from these points to all, shape (k, n)."""
        n = self.points
        others = np.arange(n)
        distances = np.zeros((len(points), n))
        for row, point in zip(distances, points, strict=True):
            m, k = np.minimum(others, point), np.maximum(others, point)
            pairs = m * n - m * (m + 1) // 2 + k - m - 1
            row[others != point] = self.D[pairs[others != point]]
        return distances

    def condensed(self) -> Array:
        """The stored distances, not a copy."""
        return self.D


@dataclass(frozen=True, eq=False)
class GreatCircles:
    """Distances on a sphere, computed from `latitude` and `longitude` in degrees, shape (n,) each.

    `unit_km` is one unit of the plane in kilometres.
    """

    latitude: Array
    longitude: Array
    unit_km: float

    @property
    def points(self) -> int:
        """How many points there are."""
        return len(self.latitude)

    @property
    def radius(self) -> float:
        """The sphere's radius in units of the plane."""
        return EARTH_RADIUS_KM / self.unit_km

    @property
    def directions(self) -> Array:
        """The points on the unit sphere, shape (3, n): the arc between two of chord c is 2 asin(c / 2)."""
        phi, theta = np.deg2rad(self.latitude), np.deg2rad(self.longitude)
        return np.array([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])

    def rows(self, points: NDArray[np.intp]) -> Array:
        """The distances from these points to all, shape (k, n)."""
        V = self.directions
        distances = np.empty((len(points), self.points))
        for row, point in zip(distances, points, strict=True):
            row[:] = self._arcs(V[:, point], V)
        return distances

    def longest(self) -> float:
        """The longest distance, found from a few rows.

        By the triangle inequality, a distance is at most the sum of its points' distances to a point in the middle.
        Rows are computed in decreasing order of their distance to it. The search ends if twice this distance is below
        the longest distance found, because no later row can have a longer one.
        """
        V = self.directions
        middle = np.argmax(V.mean(axis=1) @ V)
        radii = self.rows(np.array([middle]))[0]
        longest = 0.0
        for point in np.argsort(-radii):
            if 2.0 * radii[point] < longest:
                break
            longest = max(longest, float(self.rows(np.array([point])).max()))
        return longest

    def condensed(self) -> Array:
        """The distances of all pairs, computed now: 4 n^2 bytes."""
        n, V = self.points, self.directions
        D = np.empty(n * (n - 1) // 2)
        end = 0
        for m in range(n - 1):
            begin, end = end, end + n - 1 - m
            D[begin:end] = self._arcs(V[:, m], V[:, m + 1 :])
        return D

    def _arcs(self, v: Array, V: Array) -> Array:
        """The distances from the direction v, shape (3,), to those of V, shape (3, k)."""
        chords = np.sqrt(sum((to - at) ** 2 for at, to in zip(v, V, strict=True)))
        arcs: Array = 2.0 * self.radius * np.arcsin(np.minimum(1.0, chords / 2.0))
        return arcs


class Kept(Stored):
    """The distances of great circles, computed at the first use and stored after it."""

    circles: GreatCircles

    def __init__(self, circles: GreatCircles) -> None:
        object.__setattr__(self, "circles", circles)

    @cached_property
    def D(self) -> Array:  # noqa: N802 - the name of the stored distances
        """Condensed, shape (n(n-1)/2,)."""
        return self.circles.condensed()

    @property
    def points(self) -> int:
        """How many points there are."""
        return self.circles.points
