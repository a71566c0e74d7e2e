"""Coordinates of places, read from a CSV file."""

import csv
from math import isfinite
from pathlib import Path

import numpy as np

from mdsbench.errors import Failure, UsageError
from mdsbench.problems.problem import Array
from mdsbench.problems.user_data import COLUMNS


def read(path: Path) -> tuple[Array, list[str]]:
    """Latitudes and longitudes in degrees, shape (n, 2), and a label of each row for messages.

    The file is CSV in UTF-8. Its first line names the columns: latitude, longitude, optionally name, and others. Raises
    UsageError if the file has another format, or if a coordinate is missing or not a number.
    """
    places, labels = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            found = rows.fieldnames or []
            for what in COLUMNS:
                if what not in found:
                    names = f"{', '.join(found) or 'none'}{'; separate them by commas' if len(found) == 1 else ''}"
                    raise UsageError(f"{path} has no column {what}; its columns are: {names}")
            for row in rows:
                label = f"{path}, line {rows.line_num}" + (f" ({row['name']})" if row.get("name") else "")
                if row.get(None):
                    raise UsageError(f"{label}: more fields than columns; a decimal takes a point, a comma quotes")
                places.append([_degrees(row[what], label, what) for what in COLUMNS])
                labels.append(label)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}, sought in {Path.cwd()}") from None
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no CSV in UTF-8: {error.reason} at byte {error.start}") from None
    except csv.Error as error:
        raise UsageError(f"{path}, after line {rows.line_num}: {error}") from None
    return np.array(places).reshape(-1, 2), labels


def _degrees(text: str | None, label: str, what: str) -> float:
    """The number in a field; raises UsageError if there is none."""
    if not (text or "").strip():
        raise UsageError(f"{label}: {what} is missing")
    try:
        degrees = float(text or "")
    except ValueError:
        degrees = float("nan")
    if not isfinite(degrees):
        raise UsageError(f"{label}: {what} {text!r:.40} is no number")
    return degrees
