"""A cell is canonical from its creation, and its key is a hash of plain JSON."""

import hashlib
import json
import pickle
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.runs.cell import Cell

LIMITS = Limits(calls=100)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("cities(n=6)", "gd", "published"), ("cities-6", "gd", "published")),
        (("cities-6(noise=0.0)", "gd", "published"), ("cities-6", "gd", "published")),
        (("cities-6(missing=0, noise=1)", "gd", "published"), ("cities-6(noise=1.0)", "gd", "published")),
        (("sphere", "gd", "published"), ("sphere-2", "gd", "published")),
        (("cities-6", "nelder-mead(adaptive=false)", "published"), ("cities-6", "nelder-mead", "published")),
        (("cities-6", "gd( step = 0.1 )", "published"), ("cities-6", "gd(step=0.1)", "published")),
        (("cities-6", "gd", "small(seed=3,scale=0.01)"), ("cities-6", "gd", "small(seed=3)")),
    ],
)
def test_cells_that_mean_the_same_are_equal_and_have_one_key(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    first, second = Cell(*one, LIMITS), Cell(*other, LIMITS)
    assert first == second
    assert hash(first) == hash(second)
    assert first.key == second.key


@pytest.mark.parametrize(
    "other",
    [
        Cell("cities-15", "gd", "published", LIMITS),
        Cell("cities-6", "gd(step=0.1)", "published", LIMITS),
        Cell("cities-6", "gd", "uniform(seed=0)", LIMITS),
        Cell("cities-6", "gd", "published", Limits(calls=101)),
        Cell("cities-6", "gd", "published", LIMITS, seed=1),
        Cell("cities-6(noise=0.1)", "gd", "published", LIMITS),
    ],
)
def test_cells_that_differ_have_different_keys(other: Cell) -> None:
    assert Cell("cities-6", "gd", "published", LIMITS).key != other.key


@given(
    some.sampled_from(["cities-6", "sphere-3", "rosenbrock(n=4)"]),
    some.sampled_from(["gd", "nelder-mead(adaptive=true)", "gd[mini-batch](step=power)"]),
    some.integers(0, 9),
    some.builds(Limits, calls=some.integers(1, 10**6), gtol=some.sampled_from([None, 1e-6])),
)
def test_the_key_is_the_hash_of_what_json_writes(task: str, solver: str, seed: int, limits: Limits) -> None:
    cell = Cell(task, solver, f"uniform(seed={seed})", limits, seed)
    plain = {
        "problem": problem.find(task).name,
        "solver": solver,
        "start": f"uniform(seed={seed})",
        "seed": seed,
        "limits": {name: bound for name, bound in asdict(limits).items() if bound is not None},
        "versions": cell.versions,
    }
    assert cell.key == hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def test_a_file_of_coordinates_counts_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    rows = "latitude,longitude\n50,10\n51,11\n52,12.5\n49,13\n"
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(rows)
    a, b = (Cell(f'coordinates(file="{tmp_path / name}")', "gd", "published", LIMITS) for name in ("a.csv", "b.csv"))
    assert a.key == b.key
    (tmp_path / "b.csv").write_text(rows.replace("52", "53"))
    assert a.key != b.key


GOLDEN = {
    ("cities-6", "gd", "published"): "26f0ba74161fba1c",
    ("sphere-3(noise=0.1)", "gd(step=power)", "uniform(seed=1)"): "d1b6a4c1cc6c7aee",
    ("places-20", "nelder-mead(adaptive=true)", "small(seed=3)"): "5891d2b16f647d2e",
    ("rosenbrock", "momentum(step=0.1)", "torgerson"): "53c793ce2ed5fd40",
}


@pytest.mark.parametrize("names", GOLDEN)
def test_the_key_of_a_cell_that_names_only_what_is_registered_here_never_changes(names: tuple[str, str, str]) -> None:
    assert Cell(*names, LIMITS).key == GOLDEN[names]


def test_a_stored_cell_keeps_its_key_and_versions_and_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import pathlib\npathlib.Path(__file__).with_name('trace').touch()\n")
    names = ("cities(n=6)", f"{tmp_path}/mine.py:solve", "no such start(")
    cell = Cell.as_stored(*names, LIMITS, 7, key="0123456789abcdef", versions=[3, 4])
    assert (cell.problem, cell.solver, cell.start) == names
    for copy in (cell, pickle.loads(pickle.dumps(cell))):
        assert (copy.key, copy.versions, copy.seed) == ("0123456789abcdef", [3, 4], 7)
    assert not (tmp_path / "trace").exists()


def test_a_cell_made_of_a_stored_one_has_a_key_of_its_own() -> None:
    cell = Cell.as_stored("cities-6", "gd", "published", LIMITS, 0, key="0123456789abcdef", versions=[3])
    assert replace(cell, seed=0).key == Cell("cities-6", "gd", "published", LIMITS).key
