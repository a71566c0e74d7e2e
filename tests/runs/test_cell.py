"""A cell is canonical from its creation, and its key is a hash of plain JSON."""

import hashlib
import json
from dataclasses import asdict
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
