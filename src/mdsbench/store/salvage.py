"""What can be saved of a damaged store is copied beside it; the original is left alone."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from mdsbench.errors import Failure
from mdsbench.store import rows, seal
from mdsbench.store.database import MIGRATIONS, SEALED_SINCE, Corrupt
from mdsbench.store.store import Content, RawRun, Store
from mdsbench.store.verify import fault_of

MOST_MISSES = 30_000  # row numbers in a row that cannot be read, after which there is nothing more


class Saved(NamedTuple):
    """How many runs were saved, and of how many others there are traces."""

    runs: int
    lost: int


@contextmanager
def store_or_salvage(path: Path, opens: Callable[[Path], Store] = Store.open) -> Iterator[Store]:
    """A store to write, or to read. Where it turns out damaged, save what can be saved; raises Failure, saying what."""
    try:
        with opens(path) as store:
            yield store
    except Corrupt as damage:
        if damage.path != path:
            raise
        raise Failure(salvaged(path, damage.what)) from None


def salvaged(path: Path, damage: str) -> str:
    """Save what can be saved, and say so in one line."""
    beside = _free(path)
    runs, lost = salvage(path, beside)
    if not runs:
        beside.unlink()
        return f"{damage}; no run in it can be read; it is left as it is: choose another file with --store"
    others = f", {lost} could not be saved" if lost else ""
    return (
        f"{damage}; it is left as it is, and {runs} runs of it are saved in {beside}{others}:"
        f" go on with --store {beside}"
    )


def salvage(path: Path, beside: Path) -> Saved:
    """Copy every row that can be read and is as it was written into a new store."""
    with tempfile.TemporaryDirectory(prefix=".salvage-", dir=path.parent) as folder:
        copy = Path(folder) / path.name
        file = path.resolve()
        shutil.copyfile(file, copy)
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{file}-wal", f"{copy}-wal")
        with Store.open(beside) as store, closing(sqlite3.connect(copy, isolation_level=None)) as damaged:
            left = Remains(damaged)
            store.add(left.content())
            saved = len(store.keys())
            return Saved(saved, max(0, len(left.numbers) - saved))


class Remains:
    """What can be read of a damaged database. `numbers` are the runs of which there are traces."""

    def __init__(self, damaged: sqlite3.Connection) -> None:
        self._db = damaged
        self.numbers: set[int] = set()
        self._sealed = True
        self._later: frozenset[str] = frozenset()  # columns of `runs` that the file's schema does not have yet
        for statement in ("PRAGMA trusted_schema=OFF", "PRAGMA writable_schema=ON"):
            with suppress(sqlite3.Error):  # SQLite then reads a file that is shorter than it says
                damaged.execute(statement)
        with suppress(sqlite3.Error):
            self._migrate()

    def _migrate(self) -> None:
        """Bring an older schema up to date as far as its pages can be read; it has no checksums to verify."""
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        columns = {name for _, name, *_ in self._db.execute("PRAGMA table_info(runs)")}
        if "checksum" in columns:
            self._later = frozenset(rows.LATER) - columns
        if not 0 < found < SEALED_SINCE or "checksum" in columns:
            return
        self._sealed = False
        for statements in MIGRATIONS[found:]:
            for statement in statements.split(";"):
                with suppress(sqlite3.Error):
                    if "checksum(" not in statement:
                        self._db.execute(statement)

    def content(self) -> Content:
        """The rows that are as they were written."""
        environments = {row[0]: row for row in self._sound("environments", "id")}
        cells = {row[0]: row for row in self._sound("cells", "id")}
        return Content(
            [(number, json) for number, json in environments.values()],
            [row[1:] for row in cells.values()],
            self._runs(cells, set(environments)),
            [(name, text, number, jobs) for name, text, _, number, jobs in self._sound("campaigns", "rowid")],
            [(name, block, place, cells[cell][1]) for name, cell, block, place in self._listed() if cell in cells],
        )

    def _runs(self, cells: dict[int, Sequence[Any]], environments: set[int]) -> Iterator[RawRun]:
        self.numbers.update(self._numbers("records", "cell"), self._numbers("runs", "cell"))
        place = seal.SEALED["runs"].index
        for row in self._sound("runs", "cell"):
            number, environment = row[0], row[1] if row[1] in environments else None
            records = self._row("records", "cell", number)
            if number not in cells or records is None:
                continue
            _, key, *cell = cells[number]
            run = [row[place("finished")], *(row[place(name)] for name in rows.RUN)]
            try:
                rows.run_of_row(key, (*cell, *run[1:], *records[1:]))
            except (ValueError, TypeError, MemoryError):
                continue
            yield RawRun(key, cell, environment, run, tuple(records[1:]))

    def _sound(self, table: str, number: str) -> Iterator[Sequence[Any]]:
        for found in self._numbers(table, number):
            row = self._row(table, number, found)
            if row is not None:
                yield row

    def _row(self, table: str, number: str, value: int) -> Sequence[Any] | None:
        """The row of that number; None if it cannot be read, or is not as it was written."""
        later = self._later if table == "runs" else frozenset()
        columns = [f"0 AS {name}" if name in later else name for name in seal.SEALED[table]]
        query = f"SELECT {', '.join(columns)}, checksum FROM {table} WHERE {number} = ?"
        with suppress(sqlite3.Error, MemoryError):
            *row, found = self._db.execute(query, [value]).fetchone() or [None]
            if later and found == seal.checksum(*row[: -len(later)]):
                found = seal.checksum(*row)
            if row and not fault_of(table, tuple(row), found, sealed=self._sealed):
                return tuple(row)
        return None

    def _numbers(self, table: str, name: str) -> Iterator[int]:
        """The numbers of the rows, in their order, also of those behind pages that cannot be read."""
        number = misses = 0
        most = self._most()
        while misses < most:
            try:
                row = self._db.execute(
                    f"SELECT {name} FROM {table} WHERE {name} > ? ORDER BY {name} LIMIT 1", [number]
                ).fetchone()
                if row is None or not isinstance(row[0], int) or row[0] <= number:
                    return
                number, misses = row[0], 0
                yield number
            except sqlite3.Error as error:  # somewhere behind `number` is damage: try each row by itself
                if getattr(error, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_ERROR"):  # or no such table
                    return
                number, misses = number + 1, misses + 1
                with suppress(sqlite3.Error):
                    if self._db.execute(f"SELECT 1 FROM {table} WHERE {name} = ?", [number]).fetchone():
                        misses = 0
                        yield number

    def _most(self) -> int:
        """How many row numbers in a row can be missing: no more than the greatest that can be read."""
        found = [0]
        for table, name in (("cells", "id"), ("runs", "cell"), ("records", "cell")):
            with suppress(sqlite3.Error):
                (greatest,) = self._db.execute(f"SELECT max({name}) FROM {table}").fetchone()
                found.append(greatest if isinstance(greatest, int) else 0)
        return min(max(found), MOST_MISSES) or MOST_MISSES

    def _listed(self) -> Iterator[Sequence[Any]]:
        """The rows of `listed`, which have no numbers, as far as they can be read."""
        with suppress(sqlite3.Error):
            for row in self._db.execute(f"SELECT {', '.join(seal.SEALED['listed'])}, checksum FROM listed"):
                if not fault_of("listed", row[:-1], row[-1], sealed=self._sealed):
                    yield row[:-1]


def _free(path: Path) -> Path:
    """A free name beside the store."""
    name = path.with_name(f"{path.stem}.salvaged{path.suffix}")
    number = 1
    while name.exists():
        number += 1
        name = path.with_name(f"{path.stem}.salvaged-{number}{path.suffix}")
    return name
