"""Problems from the user's coordinates or distances. Invalid data are refused with a message of one line."""

import hashlib
from collections.abc import Callable, Sequence
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdsbench.errors import UsageError
from mdsbench.mds.compiled import PRECISIONS
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.problems import checks, maps, tables, variants
from mdsbench.problems.data_files import UNKNOWN
from mdsbench.problems.numbers import real_numbers
from mdsbench.problems.problem import Array, MapInfo, Problem
from mdsbench.problems.tables import Table, enough
from mdsbench.registry.spec import Spec
from mdsbench.system import memory

COLUMNS = {"latitude": 90, "longitude": 180}  # the largest absolute value of each, in degrees
DUPLICATES = {"refuse": "", "keep": "kept", "merge": "merged"}


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
    names: Sequence[str] | None = None,
    n: int = 0,
    duplicates: str,
    precision: str,
    distances: str,
) -> Problem:
    """The stress of a map of the first n rows of a table, or of all rows if n is 0.

    The table has latitudes and longitudes in degrees, shape (k, 2). One unit is the longest distance between any two
    rows of the whole table. `where(k)` is the name of row k in messages, and `names` are those of the places in
    drawings. Other arguments are those of `problem_from_coordinates`.
    """
    checks.choice("duplicates", duplicates, DUPLICATES)
    _check_degrees(places, where)
    rows, provenance = _taken(places, where, duplicates)
    places, named = places[rows], names and [names[k] for k in rows[: n or None]]
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
            labels=lambda: named,
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


def _taken(places: Array, where: Callable[[int], str], duplicates: str) -> tuple[NDArray[np.intp], str]:
    """The rows that are taken, and a note for the provenance; raises UsageError if duplicates are refused."""
    first = np.sort(np.unique(places, axis=0, return_index=True)[1])
    enough(len(first), "different places")
    repeated = len(places) - len(first)
    everyone = np.arange(len(places))
    if not repeated:
        return everyone, UNKNOWN
    if duplicates == "refuse":
        example = where(int(np.setdiff1d(everyone, first)[0]))
        raise UsageError(
            f"{repeated} of {len(places)} places are where an earlier one is, the first of them {example}: "
            "say duplicates=keep or duplicates=merge"
        )
    words = f"{UNKNOWN}; places at the coordinates of an earlier one: {repeated}, {DUPLICATES[duplicates]}"
    return (first if duplicates == "merge" else everyone), words


def problem_from_distances(
    D: ArrayLike, *, name: str = "distances", missing: str = "refuse", precision: str = "double"
) -> Problem:
    """Make a problem of distances: the stress of a map of points in the plane.

    Parameters
    ----------
    D : array_like
        The distances in any unit: the square table, shape (n, n), symmetric with a zero diagonal; or condensed, shape
        (n(n-1)/2,), in the order of `scipy.spatial.distance.pdist`. The problem has 2n variables, with n from 4. A
        DataFrame may have a column of names, or names as its index or columns.
    name : str, optional
        The first part of the problem's name. The others are n and a hash of the data.
    missing : {"refuse", "leave-out"}, optional
        What to do with pairs without a distance: NaN, None, masked, or NA in both directions. `leave-out` gives them
        the weight 0. The other pairs must connect all points.
    precision : {"double", "single"}, optional
        The type of number in which the stress is computed. Without some distances it is double.

    Returns
    -------
    Problem
        The problem. Its unit of length is the longest distance.

    Raises
    ------
    UsageError
        If the table has another shape; if a distance is missing, negative, or different in the other direction by more
        than round-off; if there are fewer than four points; or if memory is short.

    Notes
    -----
    Round-off is what the type of the numbers explains: 1.5e-8 times the longest distance in double precision, 1.2e-5
    times in single precision, and nothing if all numbers are whole. Within it, the mean of both directions is taken.

    Examples
    --------
    >>> import mdsbench
    >>> D = [[0, 3, 5, 4], [3, 0, 4, 5], [5, 4, 0, 3], [4, 5, 3, 0]]
    >>> rectangle = mdsbench.problem_from_distances(D, name="rectangle")
    >>> result = mdsbench.minimize("l-bfgs-b", rectangle, [0, 0, 1, 0, 1, 1, 0, 1], budget=300)
    >>> bool(result.fun < 1e-9)
    True
    """
    return problem_of_table(tables.distances(D, missing), name=name, precision=precision)


def problem_of_table(table: Table, *, name: str, precision: str) -> Problem:
    """The stress of a map of the points of a checked table."""
    condensed, names = table
    longest = float(np.nanmax(condensed))
    condensed = condensed / longest
    condensed.flags.writeable = False
    targets = Stored(condensed)
    info = MapInfo(points=targets.points, unit="", unit_length=longest, labels=lambda: names)
    if not np.isnan(condensed).any():
        return maps.of_targets(name, targets, precision=precision, info=info, data=_hash(condensed))
    checks.choice("precision", precision, PRECISIONS)
    if precision != "double":
        raise UsageError(f"precision={precision}: the stress without some distances is computed in double precision")
    memory.require(
        64 * targets.points**2, f"the stress of {targets.points:,} points without some distances", "give fewer points"
    )
    spec = Spec(f"{name}-{targets.points}", options=(("data", _hash(condensed)), ("missing", "leave-out")))
    return variants.with_gaps(str(spec), condensed, info, nan, UNKNOWN)


def _column(values: ArrayLike, what: str) -> Array:
    """An array of one number per place."""
    column = real_numbers(values, what)
    if column.ndim != 1:
        raise UsageError(f"{what} has shape {column.shape}: give one number per place, shape (n,)")
    return column.astype(float)


def _hash(data: Array) -> str:
    return f"sha256-{hashlib.sha256(data.astype('<f8').tobytes()).hexdigest()[:8]}"
