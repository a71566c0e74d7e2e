"""Problems from the user's coordinates or distances. Invalid data are refused with a message of one line."""

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
from mdsbench.problems.problem import Array, MapInfo, Problem
from mdsbench.system import memory

COLUMNS = {"latitude": 90, "longitude": 180}  # the largest absolute value of each, in degrees
DUPLICATES = {"refuse": "", "keep": "kept", "merge": "merged"}
ROUND_OFF = 1e-9  # relative to the longest distance: the tolerated asymmetry of a table


def problem_from_coordinates(
    latitude: ArrayLike,
    longitude: ArrayLike,
    *,
    name: str = "coordinates",
    duplicates: str = "refuse",
    precision: str = "double",
    distances: str = "auto",
) -> Problem:
    """Make a problem of places: the stress of a map with their distances along great circles.

    Parameters
    ----------
    latitude, longitude : array_like
        The coordinates in degrees, shape (n,) each, with n from 4. The problem has 2n variables.
    name : str, optional
        The first part of the problem's name. The others are n and a hash of the data.
    duplicates : {"refuse", "keep", "merge"}, optional
        What to do with places at the coordinates of an earlier place.
    precision : {"double", "single"}, optional
        The type of number in which the stress is computed.
    distances : {"auto", "stored", "computed"}, optional
        Whether the distances are kept in memory or computed in each evaluation.

    Returns
    -------
    Problem
        The problem. Its unit of length is the longest distance.

    Raises
    ------
    UsageError
        If a coordinate is missing, not a number or out of range; if the arrays have different lengths; if there are
        fewer than four places; if places coincide and `duplicates` is "refuse"; or if memory is short.

    Examples
    --------
    >>> import mdsbench
    >>> latitude = [48.86, 52.52, 41.9, 40.42, 51.51]
    >>> longitude = [2.35, 13.4, 12.5, -3.7, -0.13]
    >>> problem = mdsbench.problem_from_coordinates(latitude, longitude, name="capitals")
    >>> problem.dimension
    10
    >>> result = mdsbench.minimize("l-bfgs-b", problem, [0, 0, 1, 1, 1, 0, 0, 1, 0.5, 0.4], budget=300)
    >>> result.ending
    'converged'
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
    """The stress of a map of the first n rows of a table, or of all rows if n is 0.

    The table has latitudes and longitudes in degrees, shape (k, 2). One unit is the longest distance between any two
    rows of the whole table. `where(k)` is the name of row k in messages. Other arguments are those of
    `problem_from_coordinates`.
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
        info=MapInfo(
            points=len(latitude),
            unit="km",
            unit_length=longest,
            latitude=latitude,
            longitude=longitude,
            what="places",
        ),
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
    """The places with duplicates kept or merged, and a note for the provenance; raises UsageError for `refuse`."""
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
    """Make a problem of distances: the stress of a map of points in the plane.

    Parameters
    ----------
    D : array_like
        The distances in any unit: the square table, shape (n, n), symmetric with a zero diagonal; or condensed, shape
        (n(n-1)/2,), in the order of `scipy.spatial.distance.pdist`. The problem has 2n variables, with n from 4.
    name : str, optional
        The first part of the problem's name. The others are n and a hash of the data.
    precision : {"double", "single"}, optional
        The type of number in which the stress is computed.

    Returns
    -------
    Problem
        The problem. Its unit of length is the longest distance.

    Raises
    ------
    UsageError
        If the table has another shape; if a distance is missing, negative, or different in the other direction; if
        there are fewer than four points; or if memory is short.

    Examples
    --------
    >>> import mdsbench
    >>> D = [[0, 3, 5, 4], [3, 0, 4, 5], [5, 4, 0, 3], [4, 5, 3, 0]]
    >>> rectangle = mdsbench.problem_from_distances(D, name="rectangle")
    >>> result = mdsbench.minimize("l-bfgs-b", rectangle, [0, 0, 1, 0, 1, 1, 0, 1], budget=300)
    >>> bool(result.fun < 1e-9)
    True
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
    longest = float(condensed.max())
    condensed /= longest
    condensed.flags.writeable = False
    info = MapInfo(points=targets.points, unit="", unit_length=longest)
    return maps.of_targets(name, targets, precision=precision, info=info, data=_hash(condensed))


def _upper_triangle(table: NDArray[Any]) -> Array:
    """The distances of a square table, condensed; raises UsageError if it is not a table of distances."""
    table = table.astype(float, order="C")
    _refuse(table, np.diag(np.diag(table)) != 0, "a point's distance to itself is zero")
    _refuse(table, np.abs(table - table.T) > ROUND_OFF * table.max(), "it is not the same the other way round")
    condensed: Array = squareform(table, checks=False)
    return condensed


def _refuse(table: NDArray[Any], wrong: NDArray[np.bool_], rule: str) -> None:
    """If an entry is wrong, raise a UsageError that names the first wrong entry and the rule."""
    if wrong.any():
        at = tuple(int(k) for k in np.unravel_index(wrong.argmax(), wrong.shape))
        raise UsageError(f"D{list(at)} is {table[at]:g}: {rule}")


def _enough(n: int, what: str) -> None:
    if n < maps.FEWEST:
        raise UsageError(f"a map takes {maps.FEWEST} {what} or more, not {n}: three fit on a plane exactly")


def _column(values: ArrayLike, what: str) -> Array:
    """An array of one number per place."""
    column = _numbers(values, what)
    if column.ndim != 1:
        raise UsageError(f"{what} has shape {column.shape}: give one number per place, shape (n,)")
    return column.astype(float)


def _numbers(values: ArrayLike, what: str) -> NDArray[Any]:
    """An array of real numbers of any type and order; masked entries become NaN."""
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
