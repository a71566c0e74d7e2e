"""Tables of distances in text files, and the problem that is made of one.

The fields are separated by semicolons, tabs, commas, or blanks. The first line and the first column may be names. With
any separator but a comma, a decimal may take a comma. An empty field is a missing distance, except on the diagonal.
"""

import csv
import re
from collections.abc import Callable
from functools import lru_cache
from io import StringIO
from pathlib import Path

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.problems import checks, file_formats, tables, user_data
from mdsbench.problems.problem import Array, Problem
from mdsbench.problems.tables import Table
from mdsbench.registry.decorators import problem
from mdsbench.system import memory

FIELD_BYTES = 120  # memory for each field: its text, its number, and the checks
NONE = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>", "-", "–", "—", ".", "?"})
THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")


@problem("distances", reference="a file of your own: a table of distances; stress: Kruskal 1964")
def distances_problem(*, file: str, missing: str = "refuse", precision: str = "double") -> Problem:
    """The stress of a map of points from a table of their distances in a text file, with names or without.

    One unit is the longest distance. `missing` says what to do with pairs without a distance: `refuse` or `leave-out`.
    `precision` is that of `places-N`. The problem's name contains a hash of the data instead of the file's name. A
    changed file is therefore a new problem, and a moved file is not.
    """
    path = Path(file)
    return _of_file(path, file_formats.state(path), missing, precision)


@lru_cache(1)
def _of_file(path: Path, _: tuple[int, int], missing: str, precision: str) -> Problem:
    """The problem of a file, cached until the time or size of the file changes."""
    return user_data.problem_of_table(read(path, missing), name="distances", precision=precision)


def read(path: Path, missing: str) -> Table:
    """The distances in a file and the points' names; raises UsageError if it has another format or other faults."""
    checks.choice("missing", missing, tables.MISSING)
    rows, comma = _rows(path)
    header, first = _named(rows)
    names = [row[0] for row in rows[header:]] if first else []
    columns = rows[0][first:] if header else []
    fields = [row[first:] for row in rows[header:]]
    _check_square(path, len(fields), len(fields[0]) if fields else 0)
    try:
        agreed = tables.agreed(names or columns, columns or names)

        def where(at: tuple[int, ...]) -> str:
            return " to ".join(agreed[k] if agreed else f"point {k + 1}" for k in at)

        return Table(tables.checked(_numbers(fields, where, comma=comma), where, missing), agreed)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _check_square(path: Path, lines: int, columns: int, names: int = 0) -> None:
    """Raise UsageError for a table that is not square; it may have one line or one column more for `names`."""
    if abs(lines - columns) > names:
        raise UsageError(
            f"{path} has {lines:,} lines and {columns:,} columns of distances: "
            "give a square table, with one line and one column for each point"
        )


def _rows(path: Path) -> tuple[list[list[str]], bool]:
    """The fields of each line, all lines of one length, and whether a decimal may take a comma."""
    content = file_formats.text(path)
    lines = [line for line in content.splitlines() if line.strip()]
    if not lines:
        raise UsageError(f"{path} is empty: give a table of distances")
    separator = next((mark for mark in ";\t," if 2 * sum(mark in line for line in lines) > len(lines)), None)
    fields = len(lines) + (content.count(separator) if separator else len(content) // 2)
    memory.require(FIELD_BYTES * fields, f"reading {path.name}", "give coordinates, of which no distances are kept")
    if separator is None:
        rows = [line.split() for line in lines]
    else:
        try:
            rows = [
                [field.strip() for field in row]
                for row in csv.reader(StringIO(content, newline=""), delimiter=separator, strict=True)
                if any(field.strip() for field in row)
            ]
        except csv.Error as error:
            raise UsageError(f"{path}: {error}") from None
    width = max(map(len, rows), default=0)
    if not width:
        raise UsageError(f"{path} is empty: give a table of distances")
    if len(rows[0]) == width - 1 and not any(map(_is_number, rows[0])):
        rows[0].insert(0, "")  # a header without a field above the column of names
    if width > len(rows) and not any(row[width - 1 :] and row[-1] for row in rows):
        width -= 1  # each line ends with a separator
    _check_square(path, len(rows), width, names=1)
    return [(row + [""] * width)[:width] for row in rows], separator != ","


def _named(rows: list[list[str]]) -> tuple[int, int]:
    """How many lines and how many columns of names there are, 0 or 1 each."""
    lines, width = len(rows), len(rows[0])
    above, beside = (not all(map(_is_number, names)) for names in (rows[0][1:], [row[0] for row in rows[1:]]))
    if lines != width:
        return int(above or lines == width + 1), int(beside or lines + 1 == width)
    numbered = width > 1 and rows[0][0] == "" and rows[1][1] != ""  # a corner, and no diagonal without zeros
    bare = _is_number(rows[0][0]) and rows[0][0].lower() not in NONE  # the distance of the first point to itself
    both = not bare and (above or beside or numbered or not _is_number(rows[0][0]))
    return int(both), int(both)


def _is_number(field: str) -> bool:
    """Whether a field may be a distance, known or missing."""
    try:
        float(field.replace(",", "."))
    except ValueError:
        return field.lower() in NONE
    return True


def _numbers(fields: list[list[str]], where: Callable[[tuple[int, ...]], str], *, comma: bool) -> Array:
    """The numbers of a table's fields, NaN where one is empty; raises UsageError for the first that is no number."""
    table = np.empty((len(fields), len(fields)))
    points = whole = False
    thousands = ""
    for m, row in enumerate(fields):
        for n, field in enumerate(row):
            try:
                table[m, n] = float(field.replace(",", ".")) if comma else float(field)
            except ValueError:
                if field.lower() not in NONE:
                    raise UsageError(f"{where((m, n))} is {field!r:.40}, which is no number") from None
                table[m, n] = np.nan
            if comma and m != n and field:
                if THOUSANDS.fullmatch(field):
                    thousands = thousands or f"{where((m, n))} is {field}"
                elif "." in field or "," in field:
                    points = True
                else:
                    whole = True
    if thousands and whole and not points:
        raise UsageError(f"{thousands}, which may be thousands or a decimal: write numbers without marks for thousands")
    return table
