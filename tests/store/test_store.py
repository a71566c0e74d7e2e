"""What is in a store stays in it, and is what was put there."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import FAILED, Ending
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run, lost
from mdsbench.store import database, encoding, rows, salvage
from mdsbench.store.database import MIGRATIONS
from mdsbench.store.frames import frames, traces
from mdsbench.store.lock import is_locked
from mdsbench.store.merge import difference, merge
from mdsbench.store.store import Store

CELLS = [
    Cell("cities-6", solver, f"uniform(seed={seed})", Limits(calls=100))
    for solver in ("gd", "nelder-mead")
    for seed in range(3)
]


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [execute(cell) for cell in CELLS]


@pytest.fixture
def full(tmp_path: Path, runs: list[Run]) -> Path:
    """A store with all the runs."""
    return fill(tmp_path / "full.sqlite", runs)


def fill(path: Path, runs: list[Run]) -> Path:
    with Store.open(path) as store:
        store.list_cells("test", "a campaign", {cell.key: cell for cell in CELLS}, "{}", 2)
        for run in runs:
            store.put(run)
    return path


@given(
    arrays.arrays(float, some.tuples(some.integers(0, 20), some.integers(1, 9)), elements=some.floats(allow_nan=True))
)
def test_what_is_packed_comes_out_bit_by_bit(table: Any) -> None:
    there = encoding.unpack(encoding.pack(table), table.shape[1], len(table))
    assert there.tobytes() == np.ascontiguousarray(table).tobytes()


COUNTS = [some.integers(0, 2**50)]


@given(some.lists(some.builds(Moment, *COUNTS * 5, *[some.floats(allow_nan=False)] * 2, *COUNTS * 2)))
def test_moments_come_out_as_they_went_in(moments: list[Moment]) -> None:
    assert encoding.moments(*encoding.table(moments), len(moments)) == moments


def test_a_run_comes_out_as_it_went_in(full: Path, runs: list[Run]) -> None:
    with Store.read(full) as store:
        assert [difference(store.get(run.cell), run) for run in runs] == [""] * len(runs)
        assert [store.get(run.cell).spent.seconds for run in runs] == [run.spent.seconds for run in runs]
        assert [store.get(run.cell).message for run in runs] == [run.message for run in runs]


def test_parts_of_the_records_are_those_of_the_runs(full: Path, runs: list[Run]) -> None:
    with Store.read(full) as store:
        keys = [run.cell.key for run in runs][::-1]
        assert list(store.listed("test")) == [cell.key for cell in CELLS]
        assert store.listed("none") == {}
        accounts, positions, results = (dict(part(keys)) for part in (store.paths, store.positions, store.results))
        assert list(accounts) == list(positions) == list(results) == keys
        assert dict(store.results(["no such key"])) == {}
    for run in runs:
        key = run.cell.key
        assert accounts[key].tolist() == [list(moment) for moment, _ in run.path]
        assert np.array_equal(positions[key], np.array([x for _, x in run.path]))
        assert np.array_equal(results[key], run.final_x)


def test_a_run_without_numbers_is_kept_too(tmp_path: Path) -> None:
    cell = Cell("cities-6", "gd", "no-such-start", Limits())
    with Store.open(tmp_path / "a") as store:
        store.put(lost(cell, Ending.KILLED, "why"))
        assert np.isnan(store.get(cell).final_loss)


def test_pending_are_those_without_a_run(tmp_path: Path, runs: list[Run]) -> None:
    with Store.read(fill(tmp_path / "half", runs[:2])) as store:
        assert store.pending([*CELLS, *CELLS]) == CELLS[2:]
        assert store.count("test") == (2, 0, 4)
        assert store.left("test") == {("cities-6", "gd"): 1, ("cities-6", "nelder-mead"): 3}


def test_failed_runs_are_pending_on_request_and_are_replaced(tmp_path: Path, runs: list[Run]) -> None:
    with Store.open(fill(tmp_path / "a", [lost(CELLS[0], Ending.ERROR, "too long"), *runs[1:]])) as store:
        assert store.count("test") == (5, 1, 0)
        assert store.failures("test") == [("gd", "error", 1, "too long")]
        assert store.pending(CELLS) == []
        assert store.unfinished("test", FAILED) == {CELLS[0].key}
        store.put(runs[0])
        assert store.unfinished("test", FAILED) == set()


def test_a_new_version_of_a_solver_makes_new_cells(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOLVERS, "gd", replace(SOLVERS["gd"], version=99))
    with Store.read(full) as store:
        assert store.pending(CELLS) == CELLS[:3]


def test_a_limit_that_is_not_set_is_not_in_the_key() -> None:
    assert (
        Cell("cities-6", "gd", "published", Limits(calls=1, megabytes=None)).key
        == Cell("cities-6", "gd", "published", Limits(calls=1)).key
    )


def test_frames_hold_every_run_and_say_which_failed(tmp_path: Path, runs: list[Run]) -> None:
    found = frames(fill(tmp_path / "a", [lost(CELLS[0], Ending.ERROR, "too long"), *runs[1:]]))
    assert list(found.runs["failed"]) == [True] + [False] * 5
    assert list(found.runs["limit_calls"]) == [100] * 6
    assert set(found.runs["key"]) == {cell.key for cell in CELLS}
    assert set(found.improvements["key"]) == set(found.path["key"]) == {cell.key for cell in CELLS[1:]}
    assert list(found.improvements["loss"][-len(runs[-1].improvements) :]) == [m.loss for m in runs[-1].improvements]


def test_what_statistics_need_is_read_without_the_positions(full: Path, runs: list[Run]) -> None:
    with Store.read(full) as store:
        found = traces(store)
    assert set(found.runs["key"]) == {cell.key for cell in CELLS}
    for run in runs:
        (account,) = [rows for key, rows in found.improvements.groupby("key") if key == run.cell.key]
        assert [tuple(row) for row in account[list(Moment._fields)].itertuples(index=False)] == run.improvements
    assert found.improvements["terms"].dtype == np.int64


def test_a_store_without_runs_has_empty_tables(tmp_path: Path) -> None:
    with Store.read(fill(tmp_path / "a", [])) as store:
        found = traces(store)
    assert (len(found.runs), list(found.improvements)) == (0, ["key", *Moment._fields])


def test_a_second_driver_is_refused_and_a_reader_is_not(full: Path) -> None:
    with Store.open(full):
        with pytest.raises(Failure, match="another mdsbench is writing"):
            Store.open(full)
        with Store.read(full) as reader:
            assert len(reader.keys()) == 6
        assert is_locked(full)
    assert not is_locked(full)


def test_a_newer_schema_is_refused(full: Path) -> None:
    edit(full, "PRAGMA user_version = 7")
    for opens in (Store.open, Store.read):
        with pytest.raises(Failure, match=r"newer mdsbench .schema 7"):
            opens(full)


def test_an_older_schema_is_migrated(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, "ALTER TABLE runs ADD COLUMN host TEXT"])
    with Store.open(full) as store:
        assert len(store.keys()) == 6
    with sqlite3.connect(full) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
    connection.close()


@pytest.mark.parametrize("opens", [Store.open, Store.read])
def test_a_store_of_the_first_schema_is_read_and_written(
    tmp_path: Path, runs: list[Run], monkeypatch: pytest.MonkeyPatch, opens: Callable[[Path], Store]
) -> None:
    path = tmp_path / "first.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f"{MIGRATIONS[0]}; PRAGMA application_id = {database.APPLICATION}; PRAGMA user_version = 1"
        )
        for number, run in enumerate(runs, 1):
            row = dict(zip(rows.RUN, rows.run_row(run), strict=True))
            for later in ("terms_per_pass", "looks", "comparisons", "directional_derivatives"):
                del row[later]
            row["pairs"] = row.pop("terms")
            marks = ", ".join("?" * len(row))
            cell = [number, run.cell.key, *rows.cell_row(run.cell)]
            connection.execute("INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?)", cell)
            names = ", ".join(row)
            connection.execute(
                f"INSERT INTO runs(cell, finished, {names}) VALUES (?, '', {marks})", [number, *row.values()]
            )
            connection.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", [number, *rows.blobs(run)])
        connection.commit()
    with opens(path) as store:
        assert [difference(store.get(run.cell), run) for run in runs] == [""] * len(runs)


def test_a_migration_that_fails_changes_nothing(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "ALTER TABLE runs ADD COLUMN host TEXT; SELECT * FROM nowhere"
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, broken])
    with pytest.raises(Failure, match="nowhere"):
        Store.open(full)
    monkeypatch.undo()
    with Store.open(full) as store:
        assert len(store.keys()) == 6


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    edit(tmp_path / "photos.db", "CREATE TABLE photos(name)")
    with pytest.raises(UsageError, match="database of something else"):
        Store.open(tmp_path / "photos.db")


def test_a_folder_that_refuses_and_a_store_that_is_not_there() -> None:
    with pytest.raises(Failure, match="cannot write to /proc/a"):
        Store.open(Path("/proc/a"))
    with pytest.raises(UsageError, match="there is no store"):
        Store.read(Path("/nowhere"))


def test_a_full_disk_is_said_and_what_was_finished_is_kept(tmp_path: Path, runs: list[Run]) -> None:
    path = tmp_path / "a"
    with Store.open(path) as store:
        store.put(runs[0])
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Failure, match=r"the disk under .* is full; every finished run is kept"):
            for run in runs[1:]:
                store.put(run)
        kept = store.keys()
    assert kept[0] == runs[0].cell.key
    with Store.open(path) as store:
        assert store.keys() == kept
        for run in runs:
            store.put(run)
        assert len(store.keys()) == 6


def test_a_truncated_store_is_left_alone_and_saved_beside(tmp_path: Path, runs: list[Run]) -> None:
    path = fill(tmp_path / "a.sqlite", runs)
    path.write_bytes(path.read_bytes()[:-20_000])
    check_salvage(path)


@pytest.mark.parametrize("page", [3, 8, 12, 16])
def test_a_store_with_a_page_of_rubbish_is_left_alone_and_saved_beside(
    tmp_path: Path, runs: list[Run], page: int
) -> None:
    path = fill(tmp_path / "a.sqlite", runs)
    content = bytearray(path.read_bytes())
    content[4096 * page : 4096 * (page + 1)] = bytes(range(256)) * 16
    path.write_bytes(content)
    check_salvage(path)


def check_salvage(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(Failure, match="is damaged") as failure, salvage.store_or_salvage(path):
        pass
    assert path.read_bytes() == before
    if "no run in it can be read" not in str(failure.value):
        with Store.read(path.with_name("a.salvaged.sqlite")) as saved:
            assert 0 < len(saved.keys()) <= 6
            assert f"{len(saved.keys())} runs of it are saved" in str(failure.value)
            assert {run.cell for run in saved} <= set(CELLS)


@pytest.mark.parametrize("opens", [Store.open, Store.read])
def test_damage_in_a_large_stores_records_is_found_when_they_are_read(
    tmp_path: Path, runs: list[Run], opens: Callable[[Path], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CHECKED_WHOLE", 0)
    path = fill(tmp_path / "a.sqlite", runs)
    with Store.open(path) as store:
        store._db.execute("UPDATE records SET positions = zeroblob(length(positions)) WHERE cell = 3")
    with opens(path) as store:
        assert len(store.keys()) == 6
    with pytest.raises(Failure, match="5 runs of it are saved"), salvage.store_or_salvage(path, opens) as store:
        list(store)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_text("dear diary " * 1000)
    check_salvage(tmp_path / "a.sqlite")
    assert not (tmp_path / "a.salvaged.sqlite").exists()


def test_merging_adds_what_is_missing(tmp_path: Path, runs: list[Run]) -> None:
    a, b = fill(tmp_path / "a", runs[:4]), fill(tmp_path / "b", runs[2:])
    with Store.open(a) as ours, Store.read(b) as theirs:
        assert merge(ours, theirs) == (2, 2)
        assert ours.pending(CELLS) == []
        assert ours.count("test") == (6, 0, 0)
        assert [difference(ours.get(run.cell), run) for run in runs] == [""] * 6


def test_a_conflict_is_stated_and_nothing_is_merged(tmp_path: Path, runs: list[Run]) -> None:
    a, b = fill(tmp_path / "a", runs[:2]), fill(tmp_path / "b", [lost(CELLS[1], Ending.KILLED, ""), *runs[2:]])
    with Store.open(a) as ours, Store.read(b) as theirs:
        with pytest.raises(Failure, match=r"disagree on 1 cells.*gd uniform\(seed=1\): ending 'budget' and 'killed'"):
            merge(ours, theirs)
        assert len(ours.keys()) == 2


def test_a_copy_without_its_log_index_can_be_read(full: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copyfile(full, copy)
    with Store.read(copy) as store:
        assert len(store.keys()) == 6


def edit(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
