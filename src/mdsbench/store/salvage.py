"""What can be saved of a damaged store is copied beside it; the original is left alone."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from mdsbench.errors import Failure
from mdsbench.store import rows
from mdsbench.store.database import Corrupt, migrate
from mdsbench.store.store import Store

MOST_MISSES = 30_000  # row numbers in a row that cannot be read, after which there is nothing more


@contextmanager
def store_or_salvage(path: Path, opens: Callable[[Path], Store] = Store.open) -> Iterator[Store]:
    """A store to write, or to read. Where it turns out damaged, save what can be saved; raises Failure, saying what."""
    try:
        with opens(path) as store:
            yield store
    except Corrupt as damage:
        if damage.path != path:
            raise
        raise Failure(salvaged(path, str(damage))) from None


def salvaged(path: Path, damage: str) -> str:
    """Save what can be saved, and say so in one line."""
    beside = _free(path)
    saved = salvage(path, beside)
    if not saved:
        beside.unlink()
        Path(f"{beside}.lock").unlink(missing_ok=True)
        return f"{damage}; no run in it can be read; it is left as it is: choose another file with --store"
    return f"{damage}; it is left as it is, and {saved} runs of it are saved in {beside}: go on with --store {beside}"


def salvage(path: Path, beside: Path) -> int:
    """Copy every run that can be read into a new store; returns how many."""
    with tempfile.TemporaryDirectory(prefix=".salvage-", dir=path.parent) as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}-wal", f"{copy}-wal")
        with Store.open(beside) as store, closing(sqlite3.connect(copy)) as damaged:
            with suppress(sqlite3.Error):
                damaged.execute("PRAGMA writable_schema=ON")  # SQLite then reads a file that is shorter than it says
            with suppress(sqlite3.Error):
                migrate(damaged)
            saved = 0
            for row in _readable(damaged):
                with suppress(Exception):  # whatever is wrong with this one, the next may be whole
                    store.put(rows.run_of_row(row))
                    saved += 1
            return saved


def _readable(damaged: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join([*rows.CELL, *rows.RUN, *rows.RECORDS])
    query = (
        f"SELECT runs.cell, {columns} FROM runs JOIN cells ON id = runs.cell JOIN records ON records.cell = runs.cell"
        " WHERE runs.cell {} ? ORDER BY runs.cell LIMIT 1"
    )
    number = misses = 0
    while misses < MOST_MISSES:
        try:
            row = damaged.execute(query.format(">"), [number]).fetchone()
            if row is None:
                return
            number, misses = row[0], 0
            yield row[1:]
        except sqlite3.Error as error:  # somewhere behind `number` is damage: try each row by itself
            if error.sqlite_errorname in ("SQLITE_NOTADB", "SQLITE_ERROR"):  # no database, or one without our tables
                return
            number, misses = number + 1, misses + 1
            with suppress(sqlite3.Error):
                row = damaged.execute(query.format("="), [number]).fetchone()
                if row:
                    misses = 0
                    yield row[1:]


def _free(path: Path) -> Path:
    """A free name beside the store."""
    name = path.with_name(f"{path.stem}.salvaged{path.suffix}")
    number = 1
    while name.exists():
        number += 1
        name = path.with_name(f"{path.stem}.salvaged-{number}{path.suffix}")
    return name
