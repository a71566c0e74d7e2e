"""Coordinates of places, read from a CSV file, and the text of any file of a user."""

import csv
from io import StringIO
from math import isfinite
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

import numpy as np

from mdsbench.errors import Failure, UsageError
from mdsbench.problems.problem import Array
from mdsbench.problems.user_data import COLUMNS
from mdsbench.system import memory

TEXT_BYTES, ROW_BYTES = 3, 40  # memory for each byte of a file: its text, and its rows as Python's objects


class Places(NamedTuple):
    """Latitudes and longitudes in degrees, shape (n, 2); `rows` name them in messages, `names` in drawings."""

    places: Array
    rows: list[str]
    names: list[str] | None


def read(path: Path) -> Places:
    """The places in a file.

    The file is CSV in UTF-8. Its first line names the columns: latitude, longitude, optionally name, and others. Raises
    UsageError if the file has another format, or if a coordinate is missing or not a number.
    """
    places, labels, names = [], [], []
    content = text(path)
    memory.require(ROW_BYTES * len(content), f"reading {path.name}", "give fewer places")
    try:
        rows = csv.DictReader(StringIO(content, newline=""), strict=True)
        found = rows.fieldnames or []
        for what in COLUMNS:
            if what not in found:
                columns = f"{', '.join(found) or 'none'}{'; separate them by commas' if len(found) == 1 else ''}"
                raise UsageError(f"{path} has no column {what}; its columns are: {columns}")
        for row in rows:
            label = f"{path}, line {rows.line_num}" + (f" ({row['name']})" if row.get("name") else "")
            if row.get(None):
                raise UsageError(f"{label}: more fields than columns; a decimal takes a point, a comma quotes")
            places.append([_degrees(row[what], label, what) for what in COLUMNS])
            labels.append(label)
            names.append(row.get("name") or "")
    except csv.Error as error:
        raise UsageError(f"{path}, after line {rows.line_num}: {error}") from None
    return Places(np.array(places).reshape(-1, 2), labels, names if any(names) else None)


def state(path: Path) -> tuple[int, int]:
    """What changes if a file is written: its time and size; raises an error that says why it cannot be read."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}, sought in {Path.cwd()}") from None
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if not S_ISREG(found.st_mode) and not S_ISDIR(found.st_mode):
        raise UsageError(f"{path} is a device or a pipe: give a plain file")
    return found.st_mtime_ns, found.st_size


def text(path: Path) -> str:
    """The content of a plain file in UTF-8, or in Windows' Western encoding, which includes Latin-1.

    Raises UsageError if it is no such text or does not fit into memory, Failure if it cannot be read.
    """
    memory.require(TEXT_BYTES * state(path)[1], f"reading {path.name}", "give a smaller file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    if b"\0" in content:
        raise UsageError(f"{path} is no text in UTF-8: save it as CSV in UTF-8")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            fault = f"{error.reason} at byte {error.start}"
    raise UsageError(f"{path} is no text in UTF-8: {fault}")


def _degrees(field: str | None, label: str, what: str) -> float:
    """The number in a field; raises UsageError if there is none."""
    if not (field or "").strip():
        raise UsageError(f"{label}: {what} is missing")
    try:
        degrees = float(field or "")
    except ValueError:
        degrees = float("nan")
    if not isfinite(degrees):
        raise UsageError(f"{label}: {what} {field!r:.40} is no number")
    return degrees
