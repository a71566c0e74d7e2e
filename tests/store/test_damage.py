"""A damaged store is said to be damaged: what is read of it is what was written, or is left out."""

import json
import random
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mdsbench.cli.main import main
from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run, lost
from mdsbench.store import rows, seal
from mdsbench.store.merge import difference
from mdsbench.store.salvage import salvage, store_or_salvage
from mdsbench.store.store import Store

CELLS = [
    Cell("cities-6", solver, f"uniform(seed={seed})", Limits(calls=60))
    for solver in ("gd", "cma-es")
    for seed in range(4)
]
HOSTILE = [
    "",
    "nan",
    "[]",
    "{",
    '{"calls": "x"}',
    '{"steps": 1}',
    "[" * 5000,
    "-1",
    "\x00",
    "é",
    "x" * 100_000,
    "9" * 5000,
]


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [*(execute(cell) for cell in CELLS[:-1]), lost(CELLS[-1], Ending.ERROR, "=1+1")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, runs: list[Run]) -> bytes:
    """The bytes of a store with all the runs."""
    path = tmp_path_factory.mktemp("whole") / "a.sqlite"
    with Store.open(path) as store:
        store.list_cells("test", "a campaign", {cell.key: cell for cell in CELLS}, '{"cores": 2}', 2)
        for run in runs:
            store.put(run)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, whole: bytes) -> Path:
    """A copy of the store."""
    (tmp_path / "a.sqlite").write_bytes(whole)
    return tmp_path / "a.sqlite"


def edit(path: Path, *statements: str, values: tuple[Any, ...] = (), sealed: bool = False) -> None:
    """Change a store by SQL; `sealed` makes the checksums fit."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        seal.register(connection)
        for statement in statements:
            connection.execute(statement, values)
        if sealed:
            for table in seal.SEALED:
                connection.execute(f"UPDATE {table} SET checksum = NULL")
                connection.execute(seal.sealing(table))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET evaluations = evaluations + 1 WHERE cell = 2",
        "UPDATE runs SET final_loss = final_loss * 1.0000001 WHERE cell = 2",
        "UPDATE runs SET ending = 'target' WHERE cell = 2",
        "UPDATE cells SET solver = 'ge' WHERE id = 2",
        "UPDATE cells SET seed = 1 WHERE id = 2",
        "UPDATE cells SET id = 99 WHERE id = 2",
        "UPDATE records SET final_x = (SELECT final_x FROM records WHERE cell = 3) WHERE cell = 2",
        "DELETE FROM records WHERE cell = 2",
    ],
)
def test_a_row_that_was_changed_is_left_out_and_counted(path: Path, runs: list[Run], statement: str) -> None:
    edit(path, statement)
    before = path.read_bytes()
    with (
        pytest.raises(Failure, match=r"is damaged .*7 runs of it are saved in .*, 1 could not be saved"),
        store_or_salvage(path, Store.read) as store,
    ):
        list(store)
    assert path.read_bytes() == before
    with Store.read(path.with_name("a.salvaged.sqlite")) as saved:
        assert sorted(saved.keys()) == sorted(run.cell.key for run in runs if run.cell != CELLS[1])


def test_salvage_keeps_keys_versions_times_and_environments_and_executes_nothing(path: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import pathlib\npathlib.Path(__file__).with_name('trace').touch()\n")
    identity = f"solver = '{tmp_path}/mine.py:s', versions = '[1067890123]', key = '0123456789abcdef'"
    change = (
        f"UPDATE cells SET {identity} WHERE id = 1",
        "UPDATE runs SET finished = '2020-02-02T20:20:20+00:00' WHERE cell = 1",
    )
    edit(path, *change, sealed=True)
    edit(path, "UPDATE runs SET iterations = 7 WHERE cell = 8")
    assert salvage(path, tmp_path / "b.sqlite") == (7, 1)
    with Store.read(tmp_path / "b.sqlite") as store:
        columns, found = store.read_runs()
        first = dict(zip(columns, found[0], strict=True))
        assert store.environments()[first["environment"]] == {"cores": 2}
        assert store.count("test").left == 1
    assert first["key"] == "0123456789abcdef"
    assert first["finished"] == "2020-02-02T20:20:20+00:00"
    assert first["versions"] == "[1067890123]"
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("column", ["solver", "problem", "start"])
def test_no_command_that_reads_a_store_executes_a_file_that_it_names(
    path: Path, tmp_path: Path, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("open('trace', 'w')\n")
    edit(path, f"UPDATE cells SET {column} = 'mine.py:s'", sealed=True)
    Path("b.sqlite").write_bytes(path.read_bytes())
    commands = ["status a.sqlite", "export a.sqlite --table path", "merge b.sqlite a.sqlite"]
    commands += ["draw a.sqlite --no-animation"] if column == "problem" else []
    for command in commands:
        code, said = ran(command.split())
        assert code in (0, 1, 2), said
    edit(path, "UPDATE runs SET iterations = 7 WHERE cell = 1")
    assert "7 runs of it are saved" in ran(["export", "a.sqlite"])[1]
    assert not Path("trace").exists()


@pytest.mark.parametrize(
    "limits", ['{"calls": 1', "[1]", '{"calls": "x"}', '{"steps": 1}', '{"calls": true}', "[" * 5000, "3", "null"]
)
def test_limits_that_are_none_are_damage(path: Path, limits: str) -> None:
    edit(path, "UPDATE cells SET limits = ? WHERE id = 2", values=(limits,))
    edit(path, sealed=True)
    for opens in (Store.read, Store.open):
        with pytest.raises(Failure, match=r"is damaged"):
            opens(path)


def test_a_record_that_inflates_without_bound_is_damage(path: Path) -> None:
    bomb = zlib.compress(bytes(50_000_000), 1)
    edit(path, "UPDATE records SET path = ?1, positions = ?1 WHERE cell = 2", values=(bomb,))
    edit(path, sealed=True)
    with Store.read(path) as store, pytest.raises(Failure, match="a record is not as long as its run"):
        list(store)


def test_a_store_of_an_older_schema_with_damage_is_saved_without_checksums(path: Path, tmp_path: Path) -> None:
    drops = [f"ALTER TABLE {table} DROP COLUMN checksum" for table in seal.SEALED]
    drops += [f"ALTER TABLE runs DROP COLUMN {name}" for name in ("looks", *rows.LATER)]
    edit(path, *drops, "PRAGMA user_version = 2")
    with Store.read(path) as store:
        assert len(list(store)) == 8
    edit(path, "UPDATE cells SET limits = '[]' WHERE id = 3")
    with pytest.raises(Failure, match="7 runs of it are saved"), store_or_salvage(path, Store.read):
        pass


@pytest.mark.parametrize("number", [0, 1, 2, 3, -5])
def test_a_header_with_another_schema_is_damage(path: Path, number: int) -> None:
    edit(path, f"PRAGMA user_version = {number}")
    for opens in (Store.read, Store.open):
        with pytest.raises(Failure, match="is damaged"):
            opens(path)


# What is done to a store, by a random generator.
def flip_bits(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 1, 3, 30])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def truncate(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])


def overwrite(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    length = chance.choice([1, 16, 512, 4096, 9000])
    begin = chance.randrange(len(content) - length)
    content[begin : begin + length] = chance.choice([bytes(length), chance.randbytes(length)])
    path.write_bytes(content)


def change_value(path: Path, chance: random.Random, sealed: bool = False) -> None:
    table = chance.choice(list(seal.SEALED))
    column = chance.choice(seal.SEALED[table])
    value = chance.choice(
        [*HOSTILE, None, 0, -1, 2**62, 1.5, float("inf"), -0.0, b"", b"\xff" * 50, "cities-7", "timeout"]
    )
    if column == "limits":
        value = chance.choice(HOSTILE)
    elif column in seal.SEALED["records"] and chance.random() < 0.7:
        value = chance.choice([bytes(3_000_000), zlib.compress(bytes(50_000_000)), zlib.compress(b"\xff" * 480)])
    with suppress(sqlite3.Error):
        some = "1" if chance.random() < 0.3 else "rowid = 2" if table != "listed" else "cell = 2"
        edit(path, f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {some}", values=(value,))
    if sealed:
        with suppress(sqlite3.Error):
            edit(path, sealed=True)


def change_value_and_seal(path: Path, chance: random.Random) -> None:
    change_value(path, chance, sealed=True)


def invalid_text(path: Path, chance: random.Random) -> None:
    column = chance.choice(["problem", "solver", "start", "limits", "versions", "key"])
    edit(path, f"UPDATE cells SET {column} = CAST(x'ff80fe' AS TEXT) WHERE id = 3")


def change_schema(path: Path, chance: random.Random) -> None:
    table = chance.choice(list(seal.SEALED))
    statement = chance.choice(
        [
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} RENAME TO other",
            f"ALTER TABLE {table} DROP COLUMN checksum",
            f"CREATE TABLE copied AS SELECT * FROM {table}",
            f"CREATE VIEW seen AS SELECT * FROM {table}",
            f"DELETE FROM {table}",
            f"CREATE TRIGGER t AFTER UPDATE ON {table} BEGIN SELECT 1; END",
            f"PRAGMA user_version = {chance.randrange(-2, 9)}",
            f"PRAGMA application_id = {chance.randrange(9)}",
        ]
    )
    with suppress(sqlite3.Error):
        edit(path, statement)


def log_of_rubbish(path: Path, chance: random.Random) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(chance.randbytes(5000))


DAMAGES: list[Callable[[Path, random.Random], None]] = [
    *(flip_bits, truncate, overwrite, change_value, change_value_and_seal),
    *(invalid_text, change_schema, log_of_rubbish),
]


def ran(arguments: list[str]) -> tuple[int, str]:
    """The exit code of a command and what it said."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(out):
        code = main(arguments)
    return code, out.getvalue()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(300))
def test_whatever_is_damaged_nothing_wrong_is_read(
    path: Path, tmp_path: Path, runs: list[Run], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chance = random.Random(seed)
    damage = DAMAGES[seed % len(DAMAGES)]
    Path("good.sqlite").write_bytes(path.read_bytes())
    damage(path, chance)
    after = path.read_bytes()
    forged = damage is change_value_and_seal  # its checksums are right: only that it is no traceback can be asked
    for found in read_all(path):
        check(found, runs, forged)
    for command in ("status a.sqlite", "export a.sqlite", "export a.sqlite --table path", "merge good.sqlite a.sqlite"):
        code, said = ran(command.split())
        assert code in (0, 1, 2), said
        assert "Traceback" not in said
    assert path.read_bytes() == after
    for saved in tmp_path.glob("*.salvaged*.sqlite"):
        for found in read_all(saved):
            check(found, runs, forged)
    for found in read_all(Path("good.sqlite")):
        check(found, runs, forged)


def read_all(path: Path) -> Iterator[Run]:
    with suppress(UsageError, Failure), Store.read(path) as store:
        store.count("test")
        store.environments()
        yield from store


def check(found: Run, runs: list[Run], forged: bool) -> None:
    """A run that was read is one that was written."""
    assert json.dumps(found.cell.limits.calls) is not None
    if forged:
        return
    (written,) = [run for run in runs if run.cell.key == found.cell.key]
    assert found.cell == written.cell
    assert difference(found, written) == ""
    assert (found.message, found.spent.seconds) == (written.message, written.spent.seconds)
