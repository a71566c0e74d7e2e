"""The file under a store: one SQLite database, its schema, its one writer, and what is said when it fails.

Write-ahead log with synchronous=NORMAL: a transaction is with the operating system when it is committed, so no kill of
a process loses it; a power cut may lose the last ones, which the next `run` repeats, and never corrupts the file.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mdsbench.errors import Failure, UsageError

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
]


# A store up to this size is checked whole when it is opened. Of a larger one the records, nearly all of it, are not:
# that would read the file from end to end for a mere `status`. Their checksums are looked at when they are read.
CHECKED_WHOLE = 100_000_000  # bytes


class Corrupt(Failure):
    """The file at `path` is damaged."""

    def __init__(self, path: Path, how: object) -> None:
        super().__init__(f"{path} is damaged ({how})")
        self.path = path


@contextmanager
def said(path: Path) -> Iterator[None]:
    """What SQLite raises in the block, as one line that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith("SQLITE_CORRUPT") or "malformed" in str(error):
            raise Corrupt(path, error) from None
        if name == "SQLITE_NOTADB":
            raise Corrupt(path, f"or no store: {error}") from None
        if name == "SQLITE_FULL":
            raise Failure(
                f"the disk under {path} is full; every finished run is kept: make room, and give the same command again"
            ) from None
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR")):
            raise Failure(f"cannot use {path}: {error}; choose another place with --store") from None
        raise Failure(f"{path}: {error}") from None


def locked(path: Path) -> FileLock:
    """The right to write, which the system takes back from a process that dies; raises Failure where another has it."""
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        Path(lock.lock_file).touch()  # FileLock does not tell a folder that refuses from a lock that is taken
        lock.acquire()
    except Timeout:
        raise Failure(f"another mdsbench is writing to {path}; wait for it, or give another --store") from None
    except OSError as error:
        raise Failure(f"cannot write to {path}: {error.strerror or error}; choose another place with --store") from None
    return lock


def is_locked(path: Path) -> bool:
    """Whether a driver is at work on the store."""
    if not Path(f"{path}.lock").exists():
        return False
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def connect_to_write(path: Path) -> sqlite3.Connection:
    """Open or make the database and bring its schema up to date; the caller holds the lock."""
    with said(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            check(connection, path)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            migrate(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that is there, also where nothing can be written."""
    if not path.is_file():
        raise UsageError(f"there is no store {path}")
    uri = path.resolve().as_uri()
    with said(path):
        try:
            connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None)
            connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        except sqlite3.OperationalError:  # a folder without write permission has no room for the log's index
            if Path(f"{path}-wal").exists():
                raise
            connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, isolation_level=None)
        try:
            check(connection, path)
            if 0 < version(connection, path) < len(MIGRATIONS):
                connection = _migrated_copy(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _migrated_copy(older: sqlite3.Connection) -> sqlite3.Connection:
    """A temporary copy of a database with an older schema, brought up to date; the file itself is not changed."""
    copy = sqlite3.connect("", isolation_level=None)
    with closing(older):
        older.backup(copy)
    migrate(copy)
    return copy


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raises Corrupt for a damaged file, UsageError for a database of another program, Failure for a newer schema."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if tables and application != APPLICATION:
        raise UsageError(f"{path} is a database of something else; choose another file with --store")
    if version(connection, path) == 0:
        return
    size = path.stat().st_size
    if size < _size_in_header(path) and not Path(f"{path}-wal").exists():  # what is missing may be in the log
        raise Corrupt(path, f"{size} bytes of {_size_in_header(path)} are left")
    for table in sorted(tables if size <= CHECKED_WHOLE else tables - {"records"}):
        (verdict,) = connection.execute(f"PRAGMA quick_check('{table}')").fetchone()
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
    if found > len(MIGRATIONS):
        raise Failure(
            f"{path} was written by a newer mdsbench (schema {found}, known here: {len(MIGRATIONS)}): upgrade mdsbench"
        )
    return int(found)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date, each step whole or not at all."""
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
