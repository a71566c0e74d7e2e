"""`mdsbench compare`: two stores, and two versions of a solver's file, in pairs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mdsbench.cli.main import main
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.store.store import Store

SOLVERS = ("gd", "gd(step=1/L(times=0.5))", "nelder-mead")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three solvers on six cities from ten starts."""
    path = tmp_path_factory.mktemp("compare") / "a.sqlite"
    with Store.open(path) as store:
        for solver in SOLVERS:
            for seed in range(10):
                store.put(execute(Cell("cities-6", solver, f"uniform(seed={seed})", Limits(calls=300))))
    return path


def said(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> tuple[str, str]:
    """What a command prints that ends with that code."""
    capsys.readouterr()
    assert main(["compare", *words]) == code
    out, err = capsys.readouterr()
    assert err.count("\n") == (code > 0)
    assert "nan" not in out.lower()
    return out, err


def test_a_store_is_the_same_as_itself(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, 0, str(stored), str(stored), "--target", "0.01")
    assert "3 comparisons: 2 same and 1 nothing arrived." in out


def test_half_the_step_is_worse_and_twice_the_step_better(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, half = f"{stored}:gd", f"{stored}:gd(step=1/L(times=0.5))"
    out, err = said(capsys, 1, whole, half, "--target", "0.01")
    assert "1 comparison: 1 worse." in out
    assert "B is worse in 1 of 1 comparison" in err
    out, _ = said(capsys, 0, half, whole, "--target", "0.01")
    assert "1 comparison: 1 better." in out


def test_programs_get_json(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, 1, f"{stored}:gd", f"{stored}:nelder-mead", "--json", "--target", "0.01", "--margin", "0.1")
    found = json.loads(out)
    assert (found["margin"], found["worse"], len(found["comparisons"])) == (0.1, 1, 1)


def test_seconds_decide_nothing(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, 0, f"{stored}:gd", f"{stored}:nelder-mead", "--cost", "seconds", "--target", "0.01")


def test_versions_of_a_solver_are_named_by_their_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = Cell("cities-6", "gd", "published", Limits(calls=100))
    run = execute(cell)
    with Store.open(tmp_path / "a.sqlite") as store:
        for version in (1, 2):
            store.put(replace(run, cell=cell.of_versions([version])))
    out, _ = said(capsys, 0, f"{tmp_path}/a.sqlite:gd@1", f"{tmp_path}/a.sqlite:gd@2", "--target", "0.01")
    assert "second against first" in out
    _, err = said(capsys, 2, f"{tmp_path}/a.sqlite:gd@3", f"{tmp_path}/a.sqlite:gd@2")
    assert "there is no solver gd@3; name one of gd@1 and gd@2" in err


def test_other_limits_are_other_cells(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(tmp_path / "b.sqlite") as store:
        store.put(execute(Cell("cities-6", "gd", "uniform(seed=1)", Limits(calls=301))))
    _, err = said(capsys, 2, str(stored), str(tmp_path / "b.sqlite"))
    assert "no cell in common" in err


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["{}", "{}:gd"], 2, "name a solver on both sides, or on none"),
        (["{}:adam", "{}:gd"], 2, "there is no solver adam"),
        (["{}", "{}", "--target", "2"], 2, "between 0 and 1"),
        (["{}", "{}", "--gradient-cost", "measured"], 2, "give the price of a gradient as a number"),
        (["{}", "no.sqlite"], 2, "there is no store no.sqlite"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_line(
    stored: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, expected: str
) -> None:
    _, err = said(capsys, code, *(word.format(stored) for word in words))
    assert expected in err


def test_a_store_without_runs_says_so(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(tmp_path / "b.sqlite"):
        pass
    _, err = said(capsys, 1, str(stored), str(tmp_path / "b.sqlite"))
    assert "has no run yet" in err
