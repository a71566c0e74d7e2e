"""Somebody's own coordinates or distances made into a problem, or refused in one line before any work begins."""

import hashlib
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import squareform

from mdsbench.errors import UsageError
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.problems import maps
from mdsbench.problems.data_files import UNKNOWN
from mdsbench.problems.problem import Array, Problem
from mdsbench.system import memory

COLUMNS = {"latitude": 90, "longitude": 180}  # and how far each goes, in degrees
DUPLICATES = {"refuse": "", "keep": "kept", "merge": "merged"}
ROUND_OFF = 1e-9  # of the longest distance: so far a symmetric table may be from symmetry


def problem_from_coordinates(
    latitude: ArrayLike,
    longitude: ArrayLike,
    *,
    name: str = "coordinates",
    duplicates: str = "refuse",
    precision: str = "double",
    distances: str = "auto",
) -> Problem:
    """The stress of a map of these places: latitudes and longitudes in degrees, shape (n,) each, n from 4.

    Distances are those of great circles in units of the longest. `duplicates`, places at the coordinates of an earlier
    one, are `keep` or `merge`; where neither is said, they are refused. `precision` and `distances` are those of
    `places-N`. The problem is called by `name`, n and a hash of the data.

    Raises UsageError where a coordinate is missing, no number or out of range, where the arrays do not fit each other,
    where there are fewer than four places, and where the distances do not fit into memory.
    """
    columns = [_column(values, what) for values, what in ((latitude, "latitude"), (longitude, "longitude"))]
    if len(columns[0]) != len(columns[1]):
        raise UsageError(f"there are {len(columns[0])} latitudes and {len(columns[1])} longitudes")
    return problem_of_places(
        np.column_stack(columns),
        lambda k: f"point {k}",
        name=name,
        duplicates=duplicates,
        precision=precision,
        distances=distances,
    )


def problem_of_places(
    places: Array,
    where: Callable[[int], str],
    *,
    name: str,
    n: int = 0,
    duplicates: str,
    precision: str,
    distances: str,
) -> Problem:
    """The same for a table of latitudes and longitudes, shape (k, 2): of its first n rows, or, if n is 0, of all.

    One unit is the longest distance between any two of all. `where(k)` is what a person calls row k.
    """
    maps.check_choice("duplicates", duplicates, DUPLICATES)
    _check_degrees(places, where)
    places, provenance = _without_refused_duplicates(places, where, duplicates)
    if n and not maps.FEWEST <= n <= len(places):
        raise UsageError(f"n={n}: the number of places goes from {maps.FEWEST} to {len(places):,}, or is 0 for all")
    latitude, longitude = np.ascontiguousarray(places.T)
    longest = GreatCircles(latitude, longitude, unit_km=1.0).longest()
    latitude, longitude = latitude[: n or None], longitude[: n or None]
    return maps.of_places(
        name,
        GreatCircles(latitude, longitude, unit_km=longest),
        precision=precision,
        distances=distances,
        provenance=provenance,
        data=_hash(np.concatenate([latitude, longitude, [longest]])),
    )


def _check_degrees(places: Array, where: Callable[[int], str]) -> None:
    """Raise UsageError for the first latitude or longitude that is missing or out of range."""
    for column, (what, most) in zip(places.T, COLUMNS.items(), strict=True):
        for k in np.flatnonzero(~(np.abs(column) <= most)).tolist():
            fault = "is missing" if np.isnan(column[k]) else f"{column[k]:g} is not between -{most} and {most}"
            raise UsageError(f"{where(k)}: {what} {fault}")


def _without_refused_duplicates(places: Array, where: Callable[[int], str], duplicates: str) -> tuple[Array, str]:
    """The places, duplicates kept or merged, and words about it; raises UsageError where neither was asked for."""
    first = np.sort(np.unique(places, axis=0, return_index=True)[1])
    _enough(len(first), "different places")
    repeated = len(places) - len(first)
    if not repeated:
        return places, UNKNOWN
    if duplicates == "refuse":
        example = where(int(np.setdiff1d(np.arange(len(places)), first)[0]))
        raise UsageError(
            f"{repeated} of {len(places)} places are where an earlier one is, the first of them {example}: "
            "say duplicates=keep or duplicates=merge"
        )
    words = f"{UNKNOWN}; places at the coordinates of an earlier one: {repeated}, {DUPLICATES[duplicates]}"
    return (places[first] if duplicates == "merge" else places), words


def problem_from_distances(D: ArrayLike, *, name: str = "distances", precision: str = "double") -> Problem:
    """The stress of a map with these distances: the square table, shape (n, n), or condensed, shape (n(n-1)/2,).

    They may be in any unit: the problem's is the longest of them. The square table is symmetric with a zero diagonal;
    the condensed order is that of `scipy.spatial.distance.pdist`. `precision` is that of `places-N`. The problem is
    called by `name`, n and a hash of the data.

    Raises UsageError for tables of another shape, where a distance is missing, negative, or not the same both ways,
    where there are fewer than four points, and where memory is short.
    """
    table = _numbers(D, "D")
    memory.require(24 * table.size, f"checking {table.size:,} distances", "give coordinates, of which none are kept")
    _refuse(table, ~np.isfinite(table), "every distance is a finite number")
    _refuse(table, table < 0, "no distance is negative")
    if table.ndim == 2 and table.shape[0] == table.shape[1]:
        condensed = _upper_triangle(table)
    elif table.ndim == 1:
        condensed = table.astype(float)
    else:
        raise UsageError(f"D has shape {table.shape}: give the square table (n, n) or, condensed, n(n-1)/2 distances")
    targets = Stored(condensed)
    if targets.points * (targets.points - 1) // 2 != len(condensed):
        raise UsageError(f"D has {len(condensed)} distances, which is no n(n-1)/2: condensed is one for each pair")
    _enough(targets.points, "points")
    if not condensed.any():
        raise UsageError("all distances are zero: there is nothing to place")
    condensed /= condensed.max()
    condensed.flags.writeable = False
    return maps.of_targets(name, targets, precision=precision, data=_hash(condensed))


def _upper_triangle(table: NDArray[Any]) -> Array:
    """The distances of a square table, condensed; raises UsageError where it is no table of distances."""
    table = table.astype(float, order="C")
    _refuse(table, np.diag(np.diag(table)) != 0, "a point's distance to itself is zero")
    _refuse(table, np.abs(table - table.T) > ROUND_OFF * table.max(), "it is not the same the other way round")
    condensed: Array = squareform(table, checks=False)
    return condensed


def _refuse(table: NDArray[Any], wrong: NDArray[np.bool_], rule: str) -> None:
    """Raise UsageError that names the first wrong entry, if there is one, and the rule."""
    if wrong.any():
        at = tuple(int(k) for k in np.unravel_index(wrong.argmax(), wrong.shape))
        raise UsageError(f"D{list(at)} is {table[at]:g}: {rule}")


def _enough(n: int, what: str) -> None:
    if n < maps.FEWEST:
        raise UsageError(f"a map takes {maps.FEWEST} {what} or more, not {n}: three fit on a plane exactly")


def _column(values: ArrayLike, what: str) -> Array:
    """One number a place."""
    column = _numbers(values, what)
    if column.ndim != 1:
        raise UsageError(f"{what} has shape {column.shape}: give one number a place, shape (n,)")
    return column.astype(float)


def _numbers(values: ArrayLike, what: str) -> NDArray[Any]:
    """An array of real numbers, of any type and order that can be made one; what is masked is NaN."""
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        raise UsageError(f"{what} is no array: its rows have different lengths") from None
    if array.dtype.kind in "iuf":
        return array
    array = np.asarray(values, dtype=object)
    for at, value in np.ndenumerate(array):
        if not isinstance(value, Real) or isinstance(value, bool):
            raise UsageError(f"{what}{list(at) or ''} is {value!r:.40}, which is no real number")
    return array.astype(float)


def _hash(data: Array) -> str:
    return f"sha256-{hashlib.sha256(data.astype('<f8').tobytes()).hexdigest()[:8]}"
