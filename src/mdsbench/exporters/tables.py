"""A store as CSV or Parquet: one table a file."""

from contextlib import suppress
from pathlib import Path

import pandas as pd

from mdsbench.errors import Failure
from mdsbench.store import frames
from mdsbench.store.salvage import store_or_salvage
from mdsbench.store.store import Store

FORMATS = ("csv", "parquet")
TABLES = frames.Frames._fields


def export(store: Path, out: Path, *, format: str, table: str) -> int:
    """Write a table; a file that was there stands until the new one is whole. Returns the number of rows."""
    with store_or_salvage(store, Store.read) as opened:
        frame = frames.runs(opened) if table == "runs" else getattr(frames.everything(opened), table)
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        _write(frame, unfinished, format)
        unfinished.replace(out)
    except OSError as error:
        raise Failure(f"cannot write {out}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return len(frame)


def _write(frame: pd.DataFrame, out: Path, format: str) -> None:
    if format == "csv":
        if "x" in frame:
            frame = frame.assign(x=[" ".join(map(repr, x.tolist())) for x in frame["x"]])
        frame.to_csv(out, index=False, lineterminator="\n")
        return
    try:
        frame.to_parquet(out, index=False, engine="pyarrow")
    except ImportError:
        raise Failure("Parquet needs pyarrow: pip install 'mdsbench[parquet]', or ask for --format csv") from None
