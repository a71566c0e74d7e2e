"""The file under a store: one SQLite database, its schema, its one writer, and what is said when it fails.

Write-ahead log with synchronous=NORMAL: a transaction is with the operating system when it is committed, so no kill of
a process loses it; a power cut may lose the last ones, which the next `run` repeats, and never corrupts the file.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mdsbench.errors import Failure, UsageError
from mdsbench.store import seal
from mdsbench.store.lock import is_locked
from mdsbench.system.publish import plain_file

APPLICATION = 0x6D647362  # "mdsb", in the header of every store

# Entry k leads from schema k to schema k + 1. Never change one that was released: add another.
MIGRATIONS = [
    """
    CREATE TABLE environments(id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE);
    CREATE TABLE cells(
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
        problem TEXT NOT NULL, solver TEXT NOT NULL, start TEXT NOT NULL,
        seed INTEGER NOT NULL, limits TEXT NOT NULL, versions TEXT NOT NULL);
    CREATE TABLE campaigns(
        name TEXT PRIMARY KEY, text TEXT NOT NULL, digest TEXT NOT NULL, environment INTEGER REFERENCES environments,
        jobs INTEGER NOT NULL);
    CREATE TABLE listed(
        campaign TEXT REFERENCES campaigns, cell INTEGER REFERENCES cells, PRIMARY KEY(campaign, cell)) WITHOUT ROWID;
    CREATE TABLE runs(
        cell INTEGER PRIMARY KEY REFERENCES cells, environment INTEGER REFERENCES environments,
        finished TEXT NOT NULL, ending TEXT NOT NULL, message TEXT NOT NULL,
        iterations INTEGER, evaluations INTEGER, gradients INTEGER, hessian_vectors INTEGER, pairs INTEGER,
        seconds REAL, dimension INTEGER, start_loss REAL, final_loss REAL, best_known REAL);
    CREATE TABLE records(
        cell INTEGER PRIMARY KEY REFERENCES runs, final_x BLOB NOT NULL,
        improvements BLOB NOT NULL, improvement_seconds BLOB NOT NULL,
        path BLOB NOT NULL, path_seconds BLOB NOT NULL, positions BLOB NOT NULL);
    """,
    """
    ALTER TABLE runs RENAME COLUMN pairs TO terms;
    ALTER TABLE runs ADD COLUMN terms_per_pass INTEGER;
    UPDATE runs SET terms_per_pass = 1;
    UPDATE runs SET terms_per_pass = dimension * (dimension - 2) / 8 WHERE dimension > 2 AND cell IN (
        SELECT id FROM cells WHERE problem GLOB 'cities*' OR problem GLOB 'places*' OR problem GLOB 'coordinates*');
    ALTER TABLE listed ADD COLUMN block TEXT NOT NULL DEFAULT '';
    ALTER TABLE listed ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
    """,
    """
    ALTER TABLE runs ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE environments ADD COLUMN checksum INTEGER;
    ALTER TABLE cells ADD COLUMN checksum INTEGER;
    ALTER TABLE campaigns ADD COLUMN checksum INTEGER;
    ALTER TABLE listed ADD COLUMN checksum INTEGER;
    ALTER TABLE runs ADD COLUMN checksum INTEGER;
    ALTER TABLE records ADD COLUMN checksum INTEGER;
    UPDATE environments SET checksum = checksum(id, json);
    UPDATE cells SET checksum = checksum(id, key, problem, solver, start, seed, limits, versions);
    UPDATE campaigns SET checksum = checksum(name, text, digest, environment, jobs);
    UPDATE listed SET checksum = checksum(campaign, cell, block, place);
    UPDATE runs SET checksum = checksum(cell, environment, finished, ending, message,
        iterations, evaluations, gradients, hessian_vectors, terms, terms_per_pass, looks,
        seconds, dimension, start_loss, final_loss, best_known);
    UPDATE records SET checksum = checksum(cell, final_x, improvements, improvement_seconds,
        path, path_seconds, positions);
    """,
    # a row whose checksum is wrong keeps a wrong one
    """
    ALTER TABLE runs ADD COLUMN comparisons INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN directional_derivatives INTEGER NOT NULL DEFAULT 0;
    UPDATE runs SET checksum = checksum(cell, environment, finished, ending, message,
        iterations, evaluations, gradients, hessian_vectors, terms, terms_per_pass, looks,
        seconds, dimension, start_loss, final_loss, best_known, comparisons, directional_derivatives)
        WHERE checksum = checksum(cell, environment, finished, ending, message,
        iterations, evaluations, gradients, hessian_vectors, terms, terms_per_pass, looks,
        seconds, dimension, start_loss, final_loss, best_known);
    """,
]
SEALED_SINCE = 3  # the first schema with checksums
TABLES = frozenset(seal.SEALED)


# A store up to this size is checked whole when it is opened. Of a larger one the records, nearly all of it, are not:
# that would read the file from end to end for a mere `status`. Their checksums are looked at when they are read.
CHECKED_WHOLE = 100_000_000  # bytes


class Corrupt(Failure):
    """The file at `path` is damaged."""

    def __init__(self, path: Path, how: object) -> None:
        self.what = f"{path} is damaged ({how})"
        super().__init__(f"{self.what}; it is left as it is: `mdsbench export {path}` saves what can be read of it")
        self.path = path


@contextmanager
def said(path: Path) -> Iterator[None]:
    """What SQLite raises in the block, as one line that says what to do."""
    try:
        yield
    except OverflowError:
        raise Failure(f"{path}: a whole number beyond 2^63 - 1 cannot be kept in a store") from None
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_NOTADB":
            raise Corrupt(path, f"or no store: {error}") from None
        if name == "SQLITE_FULL":
            raise Failure(
                f"the disk under {path} is full; every finished run is kept: make room, and give the same command again"
            ) from None
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR")):
            raise Failure(f"cannot use {path}: {error}; choose another place with --store") from None
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Failure(f"another program is using {path} ({error}); wait for it") from None
        raise Corrupt(path, error) from None  # its pages, its schema, a text that is not UTF-8


def connect_to_write(path: Path) -> sqlite3.Connection:
    """Open or make the database and bring its schema up to date; the caller holds the lock."""
    file = path.resolve()
    with said(path):
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema=OFF")  # no function of ours runs because the file says so
            check(connection, path)
            seal.register(connection)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            migrate(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that is there, also where nothing can be written. Nothing is left beside it."""
    file = plain_file(path, "STORE")
    if not file.is_file():
        raise UsageError(f"there is no store {path}")
    uri = file.as_uri()
    log = Path(f"{file}-wal")
    # SQLite would make a log for a file that was copied while it had one, and leave it there
    still = _has_log(file) and not log.exists() and not is_locked(file)
    with said(path):
        connection = sqlite3.connect(f"{uri}?mode=ro{'&immutable=1' * still}", uri=True, isolation_level=None)
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        except sqlite3.OperationalError:  # a folder without write permission has no room for the log's index
            connection.close()
            if log.exists():
                raise
            connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, isolation_level=None)
        except sqlite3.Error:
            connection.close()
            raise
        try:
            connection.execute("PRAGMA trusted_schema=OFF")
            check(connection, path)
            if not_empty(connection, path) < len(MIGRATIONS):
                connection = _migrated_copy(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _has_log(file: Path) -> bool:
    """Whether the file is in the mode of a write-ahead log (sqlite.org, Database File Format, section 1.3.3)."""
    try:
        with file.open("rb") as opened:
            return opened.read(20)[18:20] == b"\2\2"
    except OSError:
        return False


def _migrated_copy(older: sqlite3.Connection) -> sqlite3.Connection:
    """A temporary copy of a database with an older schema, brought up to date; the file itself is not changed."""
    copy = sqlite3.connect("", isolation_level=None)
    with closing(older):
        older.backup(copy)
    migrate(copy)
    return copy


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raises Corrupt for a damaged file, UsageError for a database of another program, Failure for a newer schema."""
    entries = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
    tables = {name for kind, name in entries if kind == "table"}
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if tables and application != APPLICATION and not tables >= TABLES:
        raise UsageError(f"{path} is a database of something else; choose another file with --store")
    if tables and (application != APPLICATION or not tables >= TABLES or version(connection, path) == 0):
        raise Corrupt(path, "its header or its list of tables is not that of a store")
    if any(kind not in ("table", "index") for kind, _ in entries):
        raise Corrupt(path, "it has views or triggers, which no store has")
    if version(connection, path) == 0:
        return
    size = path.stat().st_size
    if size < _size_in_header(path) and not Path(f"{path.resolve()}-wal").exists():  # what is missing may be in the log
        raise Corrupt(path, f"{size} bytes of {_size_in_header(path)} are left")
    for table in sorted(tables & TABLES if size <= CHECKED_WHOLE else (tables & TABLES) - {"records"}):
        how = "quick_check" if table == "records" else "integrity_check"  # the latter reads the indices too
        (verdict,) = connection.execute(f"PRAGMA {how}('{table}')").fetchone()
        if verdict != "ok":
            raise Corrupt(path, verdict.splitlines()[-1])


def _size_in_header(path: Path) -> int:
    """The file's size in bytes as its header has it (sqlite.org, Database File Format, section 1.3)."""
    with path.open("rb") as file:
        header = file.read(100)
    page = int.from_bytes(header[16:18], "big")
    return (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")


def version(connection: sqlite3.Connection, path: Path) -> int:
    """The file's schema, 0 for an empty one; raises Failure where it is newer than ours."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found < 0:
        raise Corrupt(path, f"its schema is {found}")
    if found > len(MIGRATIONS):
        raise Failure(
            f"{path} was written by a newer mdsbench (schema {found}, known here: {len(MIGRATIONS)}): upgrade mdsbench"
        )
    return int(found)


def not_empty(connection: sqlite3.Connection, path: Path) -> int:
    """The file's schema; raises UsageError for an empty file."""
    found = version(connection, path)
    if found == 0:
        raise UsageError(f"{path} is an empty file, no store")
    return found


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date, each step whole or not at all."""
    seal.register(connection)
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    for number, statements in enumerate(MIGRATIONS[found:], found + 1):
        connection.executescript(
            f"BEGIN; {statements}; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number}; COMMIT;"
        )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All of the block or nothing of it."""
    with said(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
