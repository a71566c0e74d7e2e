"""The counts that were added to the account: old stores and records stay as they are, new ones have them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mdsbench.errors import Failure
from mdsbench.oracle.account import Limits, Moment
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.store import encoding, frames, rows, seal
from mdsbench.store.merge import difference
from mdsbench.store.salvage import store_or_salvage
from mdsbench.store.store import Store

OLDER = [Cell("cities-6", solver, "published", Limits(calls=40)) for solver in ("gd", "nelder-mead")]
NEWER = [Cell("cities-6", s, "published", Limits(calls=40)) for s in ("pattern-search", "random-directions")]


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [execute(cell) for cell in (*OLDER, *NEWER)]


def filled(path: Path, runs: list[Run]) -> Path:
    with Store.open(path) as store:
        for run in runs:
            store.put(run)
    return path


def of_third_schema(path: Path, *statements: str) -> Path:
    """The store as the third schema has it, then changed by these statements."""
    columns = [name for name in seal.SEALED["runs"] if name not in rows.LATER]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        seal.register(connection)
        for name in rows.LATER:
            connection.execute(f"ALTER TABLE runs DROP COLUMN {name}")
        connection.execute(f"UPDATE runs SET checksum = checksum({', '.join(columns)})")
        connection.execute("PRAGMA user_version = 3")
        for statement in statements:
            connection.execute(statement)
    return path


def test_what_was_counted_comes_back(tmp_path: Path, runs: list[Run]) -> None:
    path = filled(tmp_path / "a.sqlite", runs)
    with Store.read(path) as store:
        assert [difference(store.get(run.cell), run) for run in runs] == [""] * 4
        found = frames.everything(store)
    table = found.runs.set_index("solver")
    searched, directed = runs[2].spent, runs[3].spent
    assert table.loc["pattern-search", "comparisons"] == searched.comparisons > searched.evaluations == 40
    assert table.loc["random-directions", "directional_derivatives"] == directed.directional_derivatives == 40
    assert table.loc[["gd", "nelder-mead"], list(rows.LATER)].to_numpy().tolist() == [[0, 0], [0, 0]]
    moments = found.improvements[found.improvements["key"] == runs[2].cell.key]
    assert moments["comparisons"].tolist() == [moment.comparisons for moment in runs[2].improvements]
    assert moments["comparisons"].dtype == moments["evaluations"].dtype


def test_a_record_without_the_later_counts_is_what_it_was() -> None:
    moments = [Moment(k, 2 * k, 0, 0, 2 * k, 0.5, 1.0 / (k + 1)) for k in range(5)]
    account, seconds = encoding.table(moments)
    assert encoding.unpack(account, 6, 5).shape == (5, 6)
    assert encoding.moments(account, seconds, 5) == moments
    more = [moment._replace(comparisons=3, directional_derivatives=k) for k, moment in enumerate(moments)]
    account, seconds = encoding.table(more)
    assert encoding.unpack(account, 8, 5).shape == (5, 8)
    assert encoding.moments(account, seconds, 5) == more
    assert encoding.moments(*encoding.table([]), 0) == []


@pytest.mark.parametrize("columns", [5, 7, 9])
def test_a_record_of_another_width_is_refused(columns: int) -> None:
    _, seconds = encoding.table([Moment(0, 1, 0, 0, 1, 0.5, 1.0)] * 3)
    account = encoding.pack(encoding.unpack(seconds, 1, 3).repeat(columns, axis=1))
    with pytest.raises(ValueError, match="not as long as its run"):
        encoding.accounts(account, seconds, 9)


@pytest.mark.parametrize("opens", [Store.read, Store.open])
def test_a_store_of_the_third_schema_is_read_and_equal(
    tmp_path: Path, runs: list[Run], opens: Callable[[Path], Store]
) -> None:
    path = of_third_schema(filled(tmp_path / "a.sqlite", runs[:2]))
    with opens(path) as store:
        assert [difference(store.get(run.cell), run) for run in runs[:2]] == ["", ""]
        assert set(store.keys()) == {run.cell.key for run in runs[:2]}


def test_a_store_of_the_third_schema_takes_new_runs(tmp_path: Path, runs: list[Run]) -> None:
    path = filled(of_third_schema(filled(tmp_path / "a.sqlite", runs[:2])), runs[2:])
    with Store.read(path) as store:
        assert [difference(store.get(run.cell), run) for run in runs] == [""] * 4


def test_damage_in_a_store_of_the_third_schema_is_not_sealed_by_its_migration(tmp_path: Path, runs: list[Run]) -> None:
    changed = "UPDATE runs SET evaluations = evaluations + 1 WHERE cell = 2"
    path = of_third_schema(filled(tmp_path / "a.sqlite", runs[:2]), changed)
    with pytest.raises(Failure, match="1 runs of it are saved") as failure, store_or_salvage(path, Store.open):
        pass
    assert "1 could not be saved" in str(failure.value)
    with Store.read(tmp_path / "a.salvaged.sqlite") as saved:
        assert difference(saved.get(OLDER[0]), runs[0]) == ""


def test_a_damaged_file_of_the_third_schema_is_salvaged_row_by_row(tmp_path: Path, runs: list[Run]) -> None:
    path = of_third_schema(filled(tmp_path / "a.sqlite", runs[:2]))
    content = bytearray(path.read_bytes())
    content[24:28] = b"\0\0\0\0"
    path.write_bytes(content[: len(content) - 100])
    with pytest.raises(Failure, match="runs of it are saved"), store_or_salvage(path, Store.read):
        pass
