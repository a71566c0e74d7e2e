"""Tables of distances: every check of their numbers is made here.

One tolerance decides what is round-off, on the diagonal and between the two directions of a pair. It follows from the
type of the numbers and from the largest of them. A number has the round-off of single precision if single precision
holds all numbers of the table exactly. Whole numbers have no round-off.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from mdsbench.errors import UsageError
from mdsbench.problems import checks, maps
from mdsbench.problems.numbers import real_numbers
from mdsbench.problems.problem import Array
from mdsbench.system import memory

MISSING = ("refuse", "leave-out")
ROUND_OFF = {2: 4e-3, 4: 1.2e-5, 8: 1.5e-8}  # relative to the largest number, by the bytes of a number

Where = Callable[[tuple[int, ...]], str]


class Table(NamedTuple):
    """The distances of all pairs, condensed, NaN where missing; and the points' names, None without names."""

    D: Array
    names: list[str] | None


def distances(given: Any, missing: str = "refuse") -> Table:
    """The distances of an array, a DataFrame, nested lists, or a sparse table that stores all pairs.

    Raises UsageError if they are no distances, or if some are missing and `missing` is "refuse".
    """
    checks.choice("missing", missing, MISSING)
    given, names = _without_names(_dense(given))
    table = real_numbers(given, "D")
    return Table(checked(table, lambda at: f"D{list(at)}", missing), names if table.ndim == 2 else None)


def checked(table: NDArray[Any], where: Where, missing: str) -> Array:
    """The distances of all pairs, condensed, from a table, square or condensed, of real numbers, NaN where missing.

    `where(index)` is the name of an entry in messages. The other arguments and errors are those of `distances`.
    """
    memory.require(32 * table.size, f"checking {table.size:,} distances", "give coordinates, of which none are kept")
    square = table.ndim == 2 and table.shape[0] == table.shape[1]
    if not square and table.ndim != 1:
        raise UsageError(f"D has shape {table.shape}: give the square table (n, n) or, condensed, n(n-1)/2 distances")
    n = len(table) if square else round((1 + (1 + 8 * len(table)) ** 0.5) / 2)
    if not square and n * (n - 1) // 2 != len(table):
        raise UsageError(f"D has {len(table)} distances, which is no n(n-1)/2: condensed is one for each pair")
    enough(n if table.size else 0, "points")
    _refuse(table, np.isinf(table), where, "every distance is a finite number")
    tolerance = round_off(table)
    if square:
        _check_diagonal(table, tolerance, where)
    _refuse(table, table < -tolerance, where, "no distance is negative")
    condensed = _one_of_both(table, tolerance, where, missing) if square else table.astype(float)
    np.maximum(condensed, 0.0, out=condensed)
    _check_missing(condensed, n, where if square else lambda pair: where((_place(pair, n),)), missing)
    if not (condensed > 0).any():
        raise UsageError("all distances are zero: there is nothing to place")
    return condensed


def round_off(table: NDArray[Any]) -> float:
    """The largest difference that round-off explains, in the table's unit."""
    known = table[~np.isnan(table)].ravel()
    if not known.size or (known == np.rint(known)).all():
        return 0.0
    largest = float(np.abs(known).max())
    with np.errstate(over="ignore", under="ignore"):
        single = (known == known.astype(np.float32)).all()
    size = table.dtype.itemsize
    return ROUND_OFF[min(size, 4) if single else 8] * largest


def enough(n: int, what: str) -> None:
    """Raise UsageError if so few points leave nothing to minimise."""
    if n < maps.FEWEST:
        raise UsageError(f"a map takes {maps.FEWEST} {what} or more, not {n}: three fit on a plane exactly")


def _check_diagonal(table: NDArray[Any], tolerance: float, where: Where) -> None:
    """Raise UsageError for the first point that is away from itself; a missing number is no fault."""
    diagonal = np.diagonal(table)
    off = np.abs(diagonal) > tolerance
    if off.any():
        k = int(off.argmax())
        alike = ""
        if (np.abs(diagonal - diagonal[0]) <= tolerance).all() and diagonal[0] >= np.nanmax(table) - tolerance:
            alike = "; a table of similarities is none of distances: give 1 - D, for one"
        within = f", here within {tolerance:.2g}" if tolerance else ""
        shown = f"{where((k, k))} is {_digits(diagonal[k])}"
        raise UsageError(f"{shown}: a point's distance to itself is zero{within}{alike}")


def _one_of_both(table: NDArray[Any], tolerance: float, where: Where, missing: str) -> Array:
    """The distances of a square table, condensed: the mean of both directions."""
    there = squareform(table.astype(float, order="C"), checks=False)
    back = squareform(table.T.astype(float, order="C"), checks=False)
    for known, other in ((there, back), (back, there)):
        if np.isnan(other).all() or missing == "leave-out":
            other[np.isnan(other)] = known[np.isnan(other)]  # known in one direction is known
    _check_symmetry(table, np.abs(there - back), tolerance, where)
    mean: Array = there / 2 + back / 2
    return np.where(there == back, there, mean)


def _check_symmetry(table: NDArray[Any], apart: Array, tolerance: float, where: Where) -> None:
    """Raise UsageError for the first pair whose directions differ; `apart` is the difference of each pair."""
    wrong = squareform(np.nan_to_num(apart) > tolerance)
    if not wrong.any():
        return
    at = divmod(int(wrong.argmax()), len(table))
    shown = " and ".join(f"{where(place)} is {_digits(table[place])}" for place in (at, at[::-1]))
    for triangle, rest in ((np.triu(table, 1), np.tril(table, -1)), (np.tril(table, -1), np.triu(table, 1))):
        if triangle.any() and not rest.any():
            raise UsageError(f"{shown}: one triangle of the table has zeros only; give both triangles, D + D.T")
    more = f" by more than round-off, {tolerance:.2g}" if tolerance else ""
    raise UsageError(f"{shown}: the two directions differ{more}; if both are right, give their mean, (D + D.T) / 2")


def _place(pair: tuple[int, ...], n: int) -> int:
    """The index of a pair m < k of n points among the condensed distances."""
    m, k = pair
    return m * n - m * (m + 1) // 2 + k - m - 1


def _check_missing(condensed: Array, n: int, where: Where, missing: str) -> None:
    """Raise UsageError for missing distances that are not to be left out, or without which the map falls apart."""
    gaps = np.isnan(condensed)
    if not gaps.any():
        return
    if missing == "refuse":
        first = where(divmod(int(squareform(gaps).argmax()), n))
        raise UsageError(
            f"missing distances: {int(gaps.sum()):,} of {len(gaps):,}, the first is {first}; "
            "say missing=leave-out to leave these pairs out"
        )
    parts, part = connected_components(squareform(~gaps), directed=False)
    if parts > 1:
        example = where((0, int((part != part[0]).argmax())))
        raise UsageError(
            f"the points are {parts} groups without a known distance from one to another, {example} among the missing "
            "ones: give each group as a problem of its own"
        )


def _dense(given: Any) -> Any:
    """A sparse table that stores the distance of every pair as an array; anything else as it is."""
    if not issparse(given):
        return given
    if given.ndim == 2 and given.shape[0] == given.shape[1]:
        n = given.shape[0]
        memory.require(8 * n * n, f"a table of {n:,} points", "give coordinates, of which none are kept")
        entries = given.tocoo()
        stored = np.zeros((n, n), dtype=bool)
        stored[entries.row, entries.col] = True
        if (stored | stored.T | np.eye(n, dtype=bool)).all():
            return given.toarray()
    raise UsageError(
        "D is sparse and does not store the distance of every pair: give D.toarray() if the others are zero, "
        "or an array with NaN where a distance is missing"
    )


def _without_names(given: Any) -> tuple[Any, list[str] | None]:
    """A DataFrame without its column of names if it has one, and the names of its rows; anything else as it is."""
    if not (hasattr(given, "columns") and hasattr(given, "iloc")):
        return given, None
    rows, columns = list(given.index), list(given.columns)
    if len(columns) == len(rows) + 1:
        texts = [k for k in range(len(columns)) if all(isinstance(value, str) for value in given.iloc[:, k])]
        if len(texts) == 1:
            rows = list(given.iloc[:, texts[0]])
            del columns[texts[0]]
            given = given.iloc[:, [k for k in range(len(columns) + 1) if k != texts[0]]]
    return given, agreed(rows, columns)


def agreed(rows: Sequence[Any], columns: Sequence[Any]) -> list[str] | None:
    """The names of the points from those of the rows and of the columns, None if they are just counted.

    Raises UsageError if rows and columns are not in the same order.
    """
    if len(rows) != len(columns):
        return None
    named = [_are_names(rows), _are_names(columns)]
    if list(rows) != list(columns) and (all(named) or sorted(map(str, rows)) == sorted(map(str, columns))):
        k = next(k for k, (row, column) in enumerate(zip(rows, columns, strict=True)) if row != column)
        raise UsageError(
            f"row {k} is named {rows[k]!r:.40} and column {k} {columns[k]!r:.40}: "
            "give rows and columns the same names in the same order"
        )
    return [str(name) for name in (rows if named[0] else columns)] if any(named) else None


def _are_names(index: Sequence[Any]) -> bool:
    """Whether an index is more than a count from 0 or from 1."""
    return all([*map(str, index)] != [str(begin + k) for k in range(len(index))] for begin in (0, 1))


def _refuse(table: NDArray[Any], wrong: NDArray[np.bool_], where: Where, rule: str) -> None:
    """If an entry is wrong, raise a UsageError that names the first wrong entry and the rule."""
    if wrong.any():
        at = tuple(int(k) for k in np.unravel_index(wrong.argmax(), wrong.shape))
        raise UsageError(f"{where(at)} is {_digits(table[at])}: {rule}")


def _digits(number: Any) -> str:
    """A number of any type with as many digits as tell it from all others of its type."""
    return str(number).removesuffix(".0")
