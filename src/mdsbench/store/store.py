"""Finished runs in one SQLite file that survives every kill."""

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

from mdsbench.oracle.endings import FAILED
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run
from mdsbench.store import database, rows


class Count(NamedTuple):
    """How far a campaign is, in cells."""

    done: int
    failed: int
    left: int


class Store:
    """Runs in a file. Open it with `Store.open(path)` to write, which one process at a time can, or `Store.read(path)`.

    It is a context manager; leaving it closes the file.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, release: Any = None) -> None:
        self.path = path
        self._db = connection
        self._release = release
        self._environment: int | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """To read and write; makes the file where there is none. Raises Failure where another process writes."""
        lock = database.locked(path)
        try:
            return cls(path, database.connect_to_write(path), lock.release)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def read(cls, path: Path) -> Self:
        """To read, also while another process writes."""
        return cls(path, database.connect_to_read(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._release:
            with suppress(sqlite3.Error):  # another process reads: the log stays until the next close
                self._db.execute("PRAGMA journal_mode=DELETE")  # leaves one file, and readers leave no others
        self._db.close()
        if self._release:
            self._release()

    def list_cells(
        self,
        campaign: str,
        text: str,
        cells: Mapping[str, Cell],
        environment: str,
        jobs: int,
        blocks: Mapping[str, str] | None = None,
    ) -> None:
        """Make these, by their keys, the cells of a campaign, which `text` describes and `jobs` workers run.

        `blocks` are the names of the blocks of the campaign that they belong to, by key.
        """
        blocks = blocks or {}
        digest = sha256("".join(f"{key}{blocks.get(key, '')}" for key in cells).encode()).hexdigest()
        with database.transaction(self._db, self.path):
            self._db.execute("INSERT OR IGNORE INTO environments(json) VALUES (?)", [environment])
            self._environment = self._one("SELECT id FROM environments WHERE json = ?", environment)
            known = self._one("SELECT digest FROM campaigns WHERE name = ?", campaign)
            self._db.execute(
                "INSERT OR REPLACE INTO campaigns VALUES (?, ?, ?, ?, ?)",
                [campaign, text, digest, self._environment, jobs],
            )
            if known == digest:
                return
            self._db.executemany(rows.INSERT_CELL, ((key, *rows.cell_row(cell)) for key, cell in cells.items()))
            self._db.execute("DELETE FROM listed WHERE campaign = ?", [campaign])
            self._db.executemany(
                "INSERT INTO listed SELECT ?, id, ?, ? FROM cells WHERE key = ?",
                ((campaign, blocks.get(key, ""), place, key) for place, key in enumerate(cells)),
            )

    def pending(self, cells: Iterable[Cell]) -> list[Cell]:
        """Those of the cells, in their order and each once, that have no run yet."""
        kept = set(self.keys())
        return list({key: cell for cell in cells if (key := cell.key) not in kept}.values())

    def unfinished(self, campaign: str, rerun: Collection[str] = ()) -> set[str]:
        """The keys of a campaign's cells that have no run yet, or one with an ending in `rerun`."""
        marks = ", ".join("?" * len(rerun))
        with database.said(self.path):
            found = self._db.execute(
                "SELECT key FROM listed JOIN cells ON id = listed.cell LEFT JOIN runs ON runs.cell = id"
                f" WHERE campaign = ? AND (runs.cell IS NULL OR ending IN ({marks}))",
                [campaign, *rerun],
            )
            return {key for (key,) in found}

    def put(self, run: Run) -> None:
        """Keep a finished run, in place of an older one of its cell."""
        row, blobs = rows.run_row(run), rows.blobs(run)
        with database.transaction(self._db, self.path):
            self._db.execute(rows.INSERT_CELL, [run.cell.key, *rows.cell_row(run.cell)])
            cell = self._one("SELECT id FROM cells WHERE key = ?", run.cell.key)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self._db.execute(rows.INSERT_RUN, [cell, self._environment, now, *row])
            self._db.execute(rows.INSERT_RECORDS, [cell, *blobs])

    def add(self, other: Self) -> None:
        """Take over what another store has and this one lacks, its campaigns too: all or nothing."""
        with database.said(other.path):
            environments = dict(other._db.execute("SELECT id, json FROM environments"))
        with database.transaction(self._db, self.path):
            ours, numbers = set(self.keys()), {None: None}
            for number, environment in environments.items():
                self._db.execute("INSERT OR IGNORE INTO environments(json) VALUES (?)", [environment])
                numbers[number] = self._one("SELECT id FROM environments WHERE json = ?", environment)
            self._db.executemany(rows.INSERT_CELL, other._db.execute(f"SELECT key, {', '.join(rows.CELL)} FROM cells"))
            ids = dict(self._db.execute("SELECT key, id FROM cells"))
            for key, environment, *row in other._db.execute(rows.SELECT_EVERYTHING):
                if key not in ours:
                    run, blobs = row[: -len(rows.RECORDS)], row[-len(rows.RECORDS) :]
                    self._db.execute(rows.INSERT_RUN, [ids[key], numbers[environment], *run])
                    self._db.execute(rows.INSERT_RECORDS, [ids[key], *blobs])
            for name, text, _, environment, jobs in other._db.execute("SELECT * FROM campaigns"):
                self._db.execute(
                    "INSERT INTO campaigns VALUES (?, ?, '', ?, ?) ON CONFLICT DO UPDATE SET digest = ''",
                    [name, text, numbers[environment], jobs],
                )
            listed = other._db.execute("SELECT campaign, block, place, key FROM listed JOIN cells ON id = cell")
            self._db.executemany("INSERT OR IGNORE INTO listed SELECT ?, id, ?, ? FROM cells WHERE key = ?", listed)

    def get(self, cell: Cell) -> Run:
        """The run of a cell; raises KeyError where there is none."""
        return self.stored_as(cell.key)

    def stored_as(self, key: str) -> Run:
        """The run that was stored under that key; raises KeyError where there is none."""
        for _, run in self._runs("WHERE key = ?", key):
            return run
        raise KeyError(key)

    def __iter__(self) -> Iterator[Run]:
        return (run for _, run in self.items())

    def items(self) -> Iterator[tuple[str, Run]]:
        """Every run with the key that it was stored under."""
        return self._runs("ORDER BY runs.cell")

    def blocks(self, campaign: str) -> Iterator[tuple[str, Run]]:
        """The runs of a campaign in its order, each with the name of its block."""
        with database.said(self.path):
            found = self._db.execute(
                "SELECT key, block FROM listed JOIN cells ON id = cell WHERE campaign = ? ORDER BY place", [campaign]
            ).fetchall()
        for key, block in found:
            for _, run in self._runs("WHERE key = ?", key):
                yield block, run

    def environment(self, campaign: str) -> tuple[dict[str, Any], str]:
        """What a campaign ran on last, and when its last run finished (ISO 8601); raises KeyError if it is not here."""
        with database.said(self.path):
            found = self._db.execute(
                "SELECT json, (SELECT max(finished) FROM runs JOIN listed ON listed.cell = runs.cell"
                " WHERE campaign = name) FROM campaigns JOIN environments ON environments.id = environment"
                " WHERE name = ?",
                [campaign],
            ).fetchone()
        if found is None:
            raise KeyError(campaign)
        return json.loads(found[0]), found[1] or ""

    def keys(self) -> list[str]:
        """The keys of all cells that have a run."""
        with database.said(self.path):
            return [key for (key,) in self._db.execute("SELECT key FROM runs JOIN cells ON cell = id ORDER BY id")]

    def campaigns(self) -> dict[str, int]:
        """The campaigns in the store by name, each with how many workers ran it last."""
        with database.said(self.path):
            return dict(self._db.execute("SELECT name, jobs FROM campaigns ORDER BY name"))

    def count(self, campaign: str) -> Count:
        """How far a campaign is."""
        with database.said(self.path):
            endings = dict(
                self._db.execute(
                    "SELECT ending, count(*) FROM listed LEFT JOIN runs ON runs.cell = listed.cell"
                    " WHERE campaign = ? GROUP BY ending",
                    [campaign],
                )
            )
        left = endings.pop(None, 0)
        failed = sum(endings.get(ending, 0) for ending in FAILED)
        return Count(sum(endings.values()) - failed, failed, left)

    def failures(self, campaign: str) -> list[tuple[str, str, int, str]]:
        """Which runs of a campaign failed: the solver, the ending, how many, and what one of them said."""
        marks = ", ".join("?" * len(FAILED))
        with database.said(self.path):
            found = self._db.execute(
                "SELECT solver, ending, count(*), min(message) FROM listed JOIN runs ON runs.cell = listed.cell"
                f" JOIN cells ON id = runs.cell WHERE campaign = ? AND ending IN ({marks})"
                " GROUP BY solver, ending ORDER BY 1, 2",
                [campaign, *FAILED],
            )
            return found.fetchall()

    def left(self, campaign: str) -> dict[tuple[str, str], int]:
        """How many cells of a campaign have no run yet, by problem and solver."""
        with database.said(self.path):
            found = self._db.execute(
                "SELECT problem, solver, count(*) FROM listed JOIN cells ON id = listed.cell LEFT JOIN runs"
                " ON runs.cell = id WHERE campaign = ? AND runs.cell IS NULL GROUP BY problem, solver",
                [campaign],
            )
            return {(problem, solver): count for problem, solver, count in found}

    def seconds(self) -> dict[tuple[str, str], tuple[float, float]]:
        """The shortest and the longest time of a run, by problem and solver."""
        with database.said(self.path):
            found = self._db.execute(
                "SELECT problem, solver, min(seconds), max(seconds) FROM runs JOIN cells ON id = cell"
                " GROUP BY problem, solver"
            )
            return {(problem, solver): (least, most) for problem, solver, least, most in found}

    def read_runs(self) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Every run without its records: the names of the columns, and the rows."""
        columns = ["key", *rows.CELL, *rows.RUN, "finished", "environment"]
        with database.said(self.path):
            query = f"SELECT {', '.join(columns)} FROM runs JOIN cells ON id = cell ORDER BY id"
            return columns, self._db.execute(query).fetchall()

    def environments(self) -> dict[int, dict[str, Any]]:
        """What the runs ran on, by the number in the frame's column `environment`."""
        with database.said(self.path):
            return {number: json.loads(text) for number, text in self._db.execute("SELECT id, json FROM environments")}

    def _one(self, query: str, *values: Any) -> Any:
        row = self._db.execute(query, values).fetchone()
        return row and row[0]

    def _runs(self, where: str, *values: Any) -> Iterator[tuple[str, Run]]:
        columns = ", ".join(["key", *rows.CELL, *rows.RUN, *rows.RECORDS])
        joined = f"SELECT {columns} FROM runs JOIN cells ON id = runs.cell JOIN records ON records.cell = runs.cell"
        with database.said(self.path):
            try:
                for key, *row in self._db.execute(f"{joined} {where}", values):
                    yield key, rows.run_of_row(tuple(row))
            except zlib.error as error:  # the checksum of a record
                raise database.Corrupt(self.path, error) from None
