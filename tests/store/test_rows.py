"""What a run says is kept, whatever it is; versions have short labels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import lost
from mdsbench.store.frames import frames
from mdsbench.store.labels import Version, labels, versions_of_row
from mdsbench.store.store import Store

CELL = Cell("cities-6", "gd", "published", Limits())


def test_a_store_takes_any_text(tmp_path: Path) -> None:
    cell = Cell.as_stored("cities-6", "caf\udce9.py:s", "published", Limits(), 0, key="0123456789abcdef", versions=[1])
    with Store.open(tmp_path / "a") as store:
        store.list_cells(
            "n\udce9\0me", "te\0xt\udce9", {cell.key: cell}, '{"host": "\udce9"}', 1, {cell.key: "b\udce9"}
        )
    with Store.open(tmp_path / "a") as store:
        store.list_cells("n\udce9\0me", "te\0xt\udce9", {cell.key: cell}, "{}", 1, {cell.key: "b\udce9"})
        store.put(lost(cell, Ending.ERROR, "no such file: caf\udce9.dat \0 \x1b[31m"))
        assert store.count("n\udce9\0me") == (0, 1, 0)
    with Store.read(tmp_path / "a") as store:
        assert store.stored_as(cell.key).message == "no such file: caf\\udce9.dat \\x00 \x1b[31m"
        assert store.stored_as(cell.key).cell.solver == "caf\\udce9.py:s"


def test_every_ending_is_kept(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a") as store:
        for ending in Ending:
            store.put(lost(CELL, ending, ""))
            assert store.get(CELL).ending is ending


def test_counts_of_numpy_and_looks_are_kept(tmp_path: Path) -> None:
    spent = Moment._make([*map(np.int64, (1, 2, 3, 4, 5)), np.float32(0.5), np.float64(1.5), *map(np.int64, (6, 8))])
    with Store.open(tmp_path / "a") as store:
        store.put(replace(lost(CELL, Ending.BUDGET, ""), spent=spent, looks=7))
        found = store.get(CELL)
    assert (found.spent, found.looks) == (spent, 7)
    assert list(frames(tmp_path / "a").runs["looks"]) == [7]


def test_a_run_is_stored_under_the_key_and_versions_that_it_has(tmp_path: Path) -> None:
    ran = Cell.as_stored("cities-6", "m.py:s", "published", Limits(), 0, key="0123456789abcdef", versions=[0x3F2A1B2C])
    with Store.open(tmp_path / "a") as store:
        store.put(lost(ran, Ending.BUDGET, ""))
    row = frames(tmp_path / "a").runs.iloc[0]
    assert (row["key"], row["versions"], row["version"]) == ("0123456789abcdef", "[1059724076]", "m.py:s@3f2a")


def test_labels_are_short_and_tell_versions_apart() -> None:
    same = [Version("m.py:s", (0x3F2A0000 + k,)) for k in range(2)]
    others = [Version("gd", (1,)), Version("adam(step=0.1)", (2,)), Version("/home/me/m.py:s(k=1)", (0x0012FFFF,))]
    found = list(labels([*others, *same]).values())
    assert found == ["gd", "adam@2", "m.py:s@0012", "m.py:s@3f2a0000", "m.py:s@3f2a0001"]


@pytest.mark.parametrize(
    ("problem", "solver", "start", "text", "expected"),
    [
        ("cities-6", "gd", "published", "[1]", ((), (1,), ())),
        ("cities-6", "gd[fd](step=armijo)", "published", "[1, 2, 3]", ((), (1, 2, 3), ())),
        ("m.py:bowl", "gd", "published", "[1, 5000]", ((5000,), (1,), ())),
        ("cities-6", "m.py:s", "a.py:b", "[4000, 5000]", ((), (4000,), (5000,))),
        ("m.py:bowl(k='a:b')", "gd", "a.py:b", "[1, 4000, 5000]", ((4000,), (1,), (5000,))),
        ("coordinates(file='c:x.csv')", "gd", "published", "[1]", ((), (1,), ())),
    ],
)
def test_each_name_of_a_cell_has_its_own_versions(
    problem: str, solver: str, start: str, text: str, expected: tuple[tuple[int, ...], ...]
) -> None:
    assert tuple(version.numbers for version in versions_of_row(problem, solver, start, text)) == expected


def test_a_solver_on_problems_of_several_files_is_one_version(tmp_path: Path) -> None:
    def ran(problem: str, solver: str, *versions: int) -> Cell:
        key = f"{hash((problem, solver, versions)) % 2**64:016x}"
        return Cell.as_stored(problem, solver, "published", Limits(), 0, key=key, versions=versions)

    cells = [ran("cities-6", "gd", 1), ran("a.py:f", "gd", 1, 2000), ran("b.py:f", "gd", 1, 3000)]
    with Store.open(tmp_path / "a") as store:
        store.list_cells("c", "", {cell.key: cell for cell in cells}, "{}", 1)
        for cell in cells:
            store.put(lost(cell, Ending.BUDGET, ""))
        assert store.versions("c") == {}
        edited = ran("b.py:f", "gd", 1, 4000)
        store.list_cells("c", "", {edited.key: edited}, "{}", 1, whole=False)
        store.put(lost(edited, Ending.BUDGET, ""))
    found = frames(tmp_path / "a").runs
    assert set(found["version"]) == {"gd"}
    assert list(found["problem_version"]) == ["cities-6", "a.py:f@0000", "b.py:f@00000bb8", "b.py:f@00000fa0"]


def test_a_part_of_a_campaign_is_added_to_its_list(tmp_path: Path) -> None:
    cells = {cell.key: cell for cell in (replace(CELL, seed=seed) for seed in range(4))}
    first, rest = dict(list(cells.items())[:3]), dict(list(cells.items())[2:])
    with Store.open(tmp_path / "a") as store:
        store.list_cells("c", "", first, "{}", 1)
        store.list_cells("c", "", rest, "{}", 1, whole=False)
        assert store.count("c").left == 4
        assert store.count("c", rest.keys()).left == 2
        store.list_cells("c", "", first, "{}", 1)
        assert store.count("c").left == 3


def test_another_version_of_a_cell_takes_its_place_in_a_campaign(tmp_path: Path) -> None:
    old = Cell.as_stored("cities-6", "m.py:s", "published", Limits(), 0, key="0" * 16, versions=[2000])
    new = Cell.as_stored("cities-6", "m.py:s", "published", Limits(), 0, key="1" * 16, versions=[3000])
    other = Cell.as_stored("cities-6", "m.py:s", "published", Limits(), 1, key="2" * 16, versions=[2000])
    with Store.open(tmp_path / "a") as store:
        store.list_cells("c", "", {old.key: old, other.key: other}, "{}", 1)
        store.list_cells("c", "", {new.key: new}, "{}", 1, whole=False)
        assert store.unfinished("c") == {new.key, other.key}
        for cell in (new, other):
            store.put(lost(cell, Ending.ERROR, "why"))
        assert sorted(label for label, _ in store.versions("c").values()) == ["m.py:s@000007d0", "m.py:s@00000bb8"]
