"""A store as CSV or Parquet: one table a file."""

import sys
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
from pandas.api.types import is_numeric_dtype

from mdsbench.errors import Failure, UsageError
from mdsbench.store import frames
from mdsbench.store.held_out import held_out
from mdsbench.store.salvage import store_or_salvage
from mdsbench.store.store import Store
from mdsbench.system.publish import plain_file, replacing

FORMATS = ("csv", "parquet")
HELD_OUT = "held-out"
TABLES = (*frames.Frames._fields, HELD_OUT)
STANDARD_OUTPUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
PARTS = ("", "-wal", "-shm", "-journal", ".lock")  # the files of a store
DATABASE = b"SQLite format 3\0"  # the first bytes
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so is a formula to a spreadsheet


def export(store: Path, out: Path, *, format: str, table: str) -> int:
    """Write a table; a file that was there stands until the new one is whole. Returns the number of rows.

    `-` is standard output. Raises UsageError where `out` is a file of the store, another store, or no plain file.
    """
    to_output = is_standard_output(out)
    if not to_output:
        _refuse(store, plain_file(out, "--out"))
    with store_or_salvage(store, Store.read) as opened:
        frame = _frame(opened, table)
    if to_output:
        buffer = BytesIO()
        _write(frame, buffer, format)
        sys.stdout.flush()
        sys.stdout.buffer.write(buffer.getvalue())
        sys.stdout.buffer.flush()
    else:
        with replacing(out) as unfinished:
            _write(frame, unfinished, format)
    return len(frame)


def _frame(store: Store, table: str) -> pd.DataFrame:
    if table == "runs":
        return frames.runs(store)
    if table == HELD_OUT:
        return held_out(store)
    found: pd.DataFrame = getattr(frames.everything(store), table)
    return found


def is_standard_output(out: Path) -> bool:
    """Whether `--out` names standard output."""
    return str(out) in STANDARD_OUTPUT


def _refuse(store: Path, out: Path) -> None:
    """Raise UsageError where the file `out`, by any name, belongs to a store."""
    ours = [Path(f"{store.resolve()}{part}") for part in PARTS]
    if out in ours or any(part.exists() and out.exists() and part.samefile(out) for part in ours):
        raise UsageError(f"{out} belongs to the store itself; choose another file with --out")
    try:
        with out.open("rb") as file:
            database = file.read(len(DATABASE)) == DATABASE
    except OSError:
        return
    if database:
        raise UsageError(f"{out} is a database, perhaps a store; choose another file with --out")


def _write(frame: pd.DataFrame, out: Path | BinaryIO, format: str) -> None:
    if format == "csv":
        to_csv(frame, out)
        return
    try:
        frame.to_parquet(out, index=False, engine="pyarrow")
    except ImportError:
        raise Failure("Parquet needs pyarrow: python -m pip install pyarrow, or ask for --format csv") from None


def to_csv(frame: pd.DataFrame, out: Path | BinaryIO) -> None:
    """Write CSV in UTF-8. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    texts = [name for name in frame if name != "x" and not is_numeric_dtype(frame[name])]
    frame = frame.assign(**{str(name): frame[name].map(_plain) for name in texts})
    if "x" in frame:
        frame = frame.assign(x=[" ".join(map(repr, x.tolist())) for x in frame["x"]])
    frame.to_csv(out, index=False, lineterminator="\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
