"""Finished runs in one SQLite file that survives every kill."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple, Self

from mdsbench.errors import Failure
from mdsbench.oracle.endings import FAILED
from mdsbench.problems.problem import Array
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run
from mdsbench.store import database, rows, seal
from mdsbench.store.labels import Version, labels, versions_of_row
from mdsbench.store.lock import Lock
from mdsbench.store.verify import fault_of, verify
from mdsbench.system.publish import plain_file

PATIENCE = 10  # times to try whether nobody reads any more, when a store is closed
PAUSE = 0.02  # seconds between them


class Count(NamedTuple):
    """How far a campaign is, in cells."""

    done: int
    failed: int
    left: int


class RawRun(NamedTuple):
    """A run as it is written: its key, its cell's columns, the number of its environment, when it finished and its
    columns, and its records.
    """

    key: str
    cell: Sequence[Any]
    environment: int | None
    run: Sequence[Any]
    blobs: tuple[bytes, ...]


class Content(NamedTuple):
    """What one store can take over from another, or from what is left of one."""

    environments: Iterable[tuple[int, str]]
    cells: Iterable[Sequence[Any]]
    runs: Iterable[RawRun]
    campaigns: Iterable[Sequence[Any]]
    listed: Iterable[Sequence[Any]]


class Store:
    """Runs in a file. Open it with `Store.open(path)` to write, which one process at a time can, or `Store.read(path)`.

    It is a context manager; leaving it closes the file.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: Lock | None = None) -> None:
        self.path = path
        self._db = connection
        self._lock = lock
        self._environment: int | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """To read and write; makes the file where there is none. Raises Failure where another process writes."""
        lock = Lock(plain_file(path, "--store"), path)
        try:
            return cls._verified(path, database.connect_to_write(path), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def read(cls, path: Path) -> Self:
        """To read, also while another process writes."""
        return cls._verified(path, database.connect_to_read(path))

    @classmethod
    def _verified(cls, path: Path, connection: sqlite3.Connection, lock: Lock | None = None) -> Self:
        try:
            verify(connection, path)
        except BaseException:
            connection.close()
            raise
        return cls(path, connection, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock:
            self._leave_one_file()
        self._db.close()
        if self._lock:
            self._lock.release()

    def _leave_one_file(self) -> None:
        """Move the log into the file. Where others read, it stays until the next close."""
        for _ in range(PATIENCE):
            with suppress(sqlite3.Error):
                if self._one("PRAGMA journal_mode=DELETE") == "delete":
                    return
            sleep(PAUSE)

    def still_there(self) -> None:
        """Raise Failure if the file that is being written to is no longer the one at its path."""
        if self._lock and not self._lock.holds():
            raise Failure(
                f"{self.path} was removed or replaced while mdsbench was writing to it, and its runs are lost:"
                " give the same command again"
            )

    def list_cells(
        self,
        campaign: str,
        text: str,
        cells: Mapping[str, Cell],
        environment: str,
        jobs: int,
        blocks: Mapping[str, str] | None = None,
        *,
        whole: bool = True,
    ) -> None:
        """Make these, by their keys, the cells of a campaign, which `text` describes and `jobs` workers run.

        `blocks` are the names of the blocks of the campaign that they belong to, by key. If they are not the whole
        campaign, they are added to those that are listed, in place of other versions of the same cells.
        """
        blocks = {key: rows.storable(block) for key, block in (blocks or {}).items()}
        campaign, text, environment = map(rows.storable, (campaign, text, environment))
        digest = sha256("".join(f"{key}{blocks.get(key, '')}" for key in cells).encode()).hexdigest()
        with database.transaction(self._db, self.path):
            self._environment = self._environment_number(environment)
            known = self._one("SELECT digest FROM campaigns WHERE name = ?", campaign)
            if known and not whole:
                digest = "" if known != digest else known
            self._db.execute(
                "INSERT OR REPLACE INTO campaigns(name, text, digest, environment, jobs) VALUES (?, ?, ?, ?, ?)",
                [campaign, text, digest, self._environment, jobs],
            )
            self._db.execute(seal.sealing("campaigns"))
            if known == digest and digest:
                return
            self._db.executemany(rows.INSERT_CELL, ((key, *rows.cell_row(cell)) for key, cell in cells.items()))
            self._db.execute(seal.sealing("cells"))
            first = 0
            if whole:
                self._db.execute("DELETE FROM listed WHERE campaign = ?", [campaign])
            else:
                self._unlist_other_versions(campaign, cells)
                first = self._one("SELECT 1 + coalesce(max(place), -1) FROM listed WHERE campaign = ?", campaign)
            self._db.executemany(
                "INSERT OR IGNORE INTO listed(campaign, cell, block, place) SELECT ?, id, ?, ? FROM cells"
                " WHERE key = ?",
                ((campaign, blocks.get(key, ""), place, key) for place, key in enumerate(cells, first)),
            )
            self._db.execute(seal.sealing("listed"))

    def _unlist_other_versions(self, campaign: str, cells: Mapping[str, Cell]) -> None:
        """Take from a campaign's list the cells that are these, by their names, with versions that differ."""
        asked = {rows.cell_row(cell)[:-1] for cell in cells.values()}
        listed = self._db.execute(
            f"SELECT cell, key, {', '.join(rows.CELL[:-1])} FROM listed JOIN cells ON id = cell WHERE campaign = ?",
            [campaign],
        )
        gone = [[campaign, cell] for cell, key, *names in listed if key not in cells and tuple(names) in asked]
        self._db.executemany("DELETE FROM listed WHERE campaign = ? AND cell = ?", gone)

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
                [rows.storable(campaign), *rerun],
            )
            return {key for (key,) in found}

    def put(self, run: Run) -> None:
        """Keep a finished run, in place of an older one of its cell. Raises Failure if the file is gone."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row, blobs, cell = rows.run_row(run), rows.blobs(run), rows.cell_row(run.cell)
        with database.transaction(self._db, self.path):
            self._insert(run.cell.key, cell, [self._environment, now, *row], blobs)
        self.still_there()

    def _insert(self, key: str, cell: Sequence[Any], run: Sequence[Any], blobs: tuple[bytes, ...]) -> None:
        """Insert the columns of a cell (but its key), a run (but its cell) and its records."""
        number = self._one("SELECT id FROM cells WHERE key = ?", key)
        if number is None:
            number = self._db.execute(rows.INSERT_CELL, [key, *cell]).lastrowid
            self._db.execute(f"{seal.sealing('cells')} AND id = ?", [number])
        self._db.execute(rows.INSERT_RUN, [number, *run])
        self._db.execute(f"{seal.sealing('runs')} AND cell = ?", [number])
        self._db.execute(rows.INSERT_RECORDS, rows.sealed_records(int(number), blobs))

    def _environment_number(self, environment: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO environments(json) VALUES (?)", [environment])
        self._db.execute(seal.sealing("environments"))
        return int(self._one("SELECT id FROM environments WHERE json = ?", environment))

    def add(self, other: Content) -> None:
        """Take over what is not here yet, as it is written there: all or nothing."""
        with database.transaction(self._db, self.path):
            ours = set(self.keys())
            numbers: dict[int | None, int | None] = {None: None}
            for number, facts in other.environments:
                numbers[number] = self._environment_number(facts)
            self._db.executemany(rows.INSERT_CELL, other.cells)
            self._db.execute(seal.sealing("cells"))
            for key, cell, environment, run, blobs in other.runs:
                if key not in ours:
                    self._insert(key, cell, [numbers.get(environment), *run], blobs)
            for name, text, place, jobs in other.campaigns:
                self._db.execute(
                    "INSERT INTO campaigns(name, text, digest, environment, jobs) VALUES (?, ?, '', ?, ?)"
                    " ON CONFLICT DO UPDATE SET digest = '', checksum = NULL",
                    [name, text, numbers.get(place), jobs],
                )
            self._db.execute(seal.sealing("campaigns"))
            self._db.executemany(
                "INSERT OR IGNORE INTO listed(campaign, cell, block, place) SELECT ?, id, ?, ? FROM cells"
                " WHERE key = ?",
                other.listed,
            )
            self._db.execute(seal.sealing("listed"))
        self.still_there()

    def content(self) -> Content:
        """Everything in the store, as it is written in it."""
        with database.said(self.path):
            select = self._db.execute
            return Content(
                select("SELECT id, json FROM environments").fetchall(),
                select(f"SELECT key, {', '.join(rows.CELL)} FROM cells").fetchall(),
                self._raw_runs(),
                select("SELECT name, text, environment, jobs FROM campaigns").fetchall(),
                select("SELECT campaign, block, place, key FROM listed JOIN cells ON id = cell").fetchall(),
            )

    def _raw_runs(self) -> Iterator[RawRun]:
        with database.said(self.path):
            for row in self._db.execute(rows.SELECT_EVERYTHING):
                number, environment, finished, key, seal_of_records, *rest = row
                cell, run, blobs = rows.split(rest)
                self._check_records(number, blobs, seal_of_records)
                yield RawRun(key, cell, environment, [finished, *run], blobs)

    def _check_records(self, number: int, blobs: tuple[bytes, ...], checksum: int | None) -> None:
        if fault := fault_of("records", (number, *blobs), checksum):
            raise database.Corrupt(self.path, f"in its table records: {fault}")

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
                "SELECT key, block FROM listed JOIN cells ON id = cell WHERE campaign = ? ORDER BY place",
                [rows.storable(campaign)],
            ).fetchall()
        for key, block in found:
            for _, run in self._runs("WHERE key = ?", key):
                yield block, run

    def listed(self, campaign: str) -> dict[str, str]:
        """The keys of a campaign's cells in its order, each with the name of its block."""
        with database.said(self.path):
            return dict(
                self._db.execute(
                    "SELECT key, block FROM listed JOIN cells ON id = cell WHERE campaign = ? ORDER BY place",
                    [rows.storable(campaign)],
                )
            )

    def environment(self, campaign: str) -> tuple[dict[str, Any], str]:
        """What a campaign ran on last, and when its last run finished (ISO 8601); raises KeyError if it is not here."""
        with database.said(self.path):
            found = self._db.execute(
                "SELECT json, (SELECT max(finished) FROM runs JOIN listed ON listed.cell = runs.cell"
                " WHERE campaign = name) FROM campaigns JOIN environments ON environments.id = environment"
                " WHERE name = ?",
                [rows.storable(campaign)],
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

    def count(self, campaign: str, among: Collection[str] | None = None) -> Count:
        """How far a campaign is, or those of its cells that have one of these keys."""
        endings = self.endings(campaign, among)
        left = endings.pop("", 0)
        failed = sum(endings.get(ending, 0) for ending in FAILED)
        return Count(sum(endings.values()) - failed, failed, left)

    def endings(self, campaign: str, among: Collection[str] | None = None) -> Counter[str]:
        """How many runs of a campaign have each ending; the cells that have no run stand under an empty one."""
        with database.said(self.path):
            found = self._db.execute(
                "SELECT key, coalesce(ending, '') FROM listed JOIN cells ON id = listed.cell"
                " LEFT JOIN runs ON runs.cell = id WHERE campaign = ?",
                [rows.storable(campaign)],
            )
            return Counter(ending for key, ending in found if among is None or key in among)

    def failures(self, campaign: str) -> list[tuple[str, str, int, str]]:
        """Which runs of a campaign failed: the solver, the ending, how many, and what one of them said.

        Where a solver has runs of several versions in the campaign, its name is the label of the version.
        """
        named = {version: label for version, (label, _) in self.versions(campaign).items()}
        marks = ", ".join("?" * len(FAILED))
        with database.said(self.path):
            found = self._db.execute(
                "SELECT problem, solver, start, versions, ending, count(*), min(message) FROM listed JOIN runs"
                " ON runs.cell = listed.cell JOIN cells ON id = runs.cell"
                f" WHERE campaign = ? AND ending IN ({marks})"
                " GROUP BY problem, solver, start, versions, ending",
                [rows.storable(campaign), *FAILED],
            ).fetchall()
        failed: Counter[tuple[str, str]] = Counter()
        said: dict[tuple[str, str], str] = {}
        for *cell, ending, runs, message in found:
            solver = versions_of_row(*cell).solver
            group = (f"{solver.name} ({named[solver]})" if solver in named else solver.name, ending)
            failed[group] += runs
            said[group] = min(message, said.get(group, message))
        return [(*group, failed[group], said[group]) for group in sorted(failed)]

    def versions(self, campaign: str) -> dict[Version, tuple[str, int]]:
        """The solvers, problems and starts of which a campaign has runs of several versions, each with a short label
        and the number of runs.
        """
        with database.said(self.path):
            found = self._db.execute(
                "SELECT problem, solver, start, versions, count(*) FROM listed JOIN runs ON runs.cell = listed.cell"
                " JOIN cells ON id = runs.cell WHERE campaign = ? GROUP BY problem, solver, start, versions",
                [rows.storable(campaign)],
            ).fetchall()
        runs: Counter[Version] = Counter()
        for *cell, count in found:
            for version in versions_of_row(*cell):
                runs[version] += count
        times = Counter(version.name for version in runs)
        several = sorted(version for version in runs if times[version.name] > 1)
        return {version: (label, runs[version]) for version, label in labels(several).items()}

    def left(self, campaign: str) -> dict[tuple[str, str], int]:
        """How many cells of a campaign have no run yet, by problem and solver."""
        with database.said(self.path):
            found = self._db.execute(
                "SELECT problem, solver, count(*) FROM listed JOIN cells ON id = listed.cell LEFT JOIN runs"
                " ON runs.cell = id WHERE campaign = ? AND runs.cell IS NULL GROUP BY problem, solver",
                [rows.storable(campaign)],
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

    def improvements(self) -> Iterator[tuple[str, Array]]:
        """The key of every run and its improvements alone, shape (improvements, 9), in the order of `read_runs`."""
        for key, packed, calls, _ in self._records(f"{rows.SELECT_RECORDS} ORDER BY runs.cell"):
            with self._said_of(key):
                yield key, rows.improvements(packed, calls)

    def paths(self, keys: Iterable[str]) -> Iterator[tuple[str, Array]]:
        """The account at the snapshots of these runs, shape (snapshots, 9), without the positions."""
        for key, packed, calls, _ in self._records_of(keys):
            with self._said_of(key):
                yield key, rows.path(packed, calls)

    def positions(self, keys: Iterable[str]) -> Iterator[tuple[str, Array]]:
        """The positions at the snapshots of these runs, shape (snapshots, dimension)."""
        for key, packed, calls, dimension in self._records_of(keys):
            with self._said_of(key):
                yield key, rows.positions(packed, calls, dimension)

    def results(self, keys: Iterable[str]) -> Iterator[tuple[str, Array]]:
        """The best positions that these runs found, shape (dimension,)."""
        for key, packed, _, dimension in self._records_of(keys):
            with self._said_of(key):
                yield key, rows.result(packed, dimension)

    def _records_of(self, keys: Iterable[str]) -> Iterator[tuple[str, dict[str, bytes], int, int]]:
        for key in keys:
            yield from self._records(f"{rows.SELECT_RECORDS} WHERE key = ?", key)

    def _records(self, query: str, *values: Any) -> Iterator[tuple[str, dict[str, bytes], int, int]]:
        """The key of each run, its packed records, its calls and its dimension."""
        with database.said(self.path):
            for number, key, seal_of_records, calls, dimension, *blobs in self._db.execute(query, values):
                self._check_records(number, tuple(blobs), seal_of_records)
                yield key, dict(zip(rows.RECORDS, blobs, strict=True)), calls, dimension

    @contextmanager
    def _said_of(self, key: str) -> Iterator[None]:
        """A damaged record of a run as the failure that names the run."""
        try:
            yield
        except (ValueError, MemoryError) as error:
            raise database.Corrupt(self.path, f"the run {key}: {error}") from None

    def environments(self) -> dict[int, dict[str, Any]]:
        """What the runs ran on, by the number in the frame's column `environment`."""
        with database.said(self.path):
            return {number: json.loads(text) for number, text in self._db.execute("SELECT id, json FROM environments")}

    def _one(self, query: str, *values: Any) -> Any:
        row = self._db.execute(query, values).fetchone()
        return row and row[0]

    def _runs(self, where: str, *values: Any) -> Iterator[tuple[str, Run]]:
        with database.said(self.path):
            for row in self._db.execute(f"{rows.SELECT_RUNS} {where}", values):
                number, _, __, key, seal_of_records, *rest = row
                self._check_records(number, rows.split(rest)[2], seal_of_records)
                try:
                    yield key, rows.run_of_row(key, tuple(rest))
                except (ValueError, MemoryError) as error:
                    raise database.Corrupt(self.path, f"the run {key}: {error}") from None
