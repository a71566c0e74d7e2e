"""What the program can do, listed; and a solver held to its promises from the command line."""

import json
from pathlib import Path

import pytest

from mdsbench.cli import list as catalogue
from mdsbench.cli import main
from mdsbench.registry.registry import SOLVERS, SOURCES, STARTS, STEPS

FOREVER = '''
from mdsbench import solver

@solver("forever", uses="value", reference="a test")
def forever(oracle, x, rng):
    """Swallows everything and never stops."""
    while True:
        try:
            oracle.value(x)
        except BaseException:
            pass
'''
PLAIN = '''
def solve(fun, x0):
    """Looks once."""
    fun(x0)
    return x0
'''


@pytest.mark.parametrize("kind", catalogue.KINDS)
def test_every_entry_is_listed_with_what_it_is_and_where_it_comes_from(kind: str) -> None:
    rows = catalogue.rows(kind)
    assert {row["name"] for row in rows} == set(catalogue.KINDS[kind])
    assert all(row["summary"] and row["reference"] for row in rows)
    json.dumps(rows, allow_nan=False)


def test_the_listing_for_programs_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert list(listed) == list(catalogue.KINDS)
    (gd,) = [row for row in listed["solvers"] if row["name"] == "gd"]
    assert (gd["camp"], gd["uses"], gd["options"]) == ("gradient", "gradient", {"step": "1/L"})


def test_the_listing_for_people_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["list"]) == 0
    printed = capsys.readouterr().out
    for registry in (SOLVERS, SOURCES, STARTS, STEPS):
        assert all(name in printed for name in registry)


def test_a_solver_that_keeps_its_promises(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["check-solver", "gd"]) == 0
    printed = capsys.readouterr().out
    assert "✗" not in printed
    assert "gd keeps 8 of 8 promises" in printed


def test_a_solver_that_does_not_is_told_what_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plain.py").write_text(PLAIN)
    assert main.main(["check-solver", f"{tmp_path}/plain.py:solve"]) == 1
    printed = capsys.readouterr()
    assert "✓ spends its budget" in printed.out
    assert "✗ places six cities" in printed.out
    assert printed.err.count("\n") == 1


@pytest.mark.slow
def test_a_solver_that_never_stops_is_found_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "forever.py").write_text(FOREVER)
    assert main.main(["check-solver", f"{tmp_path}/forever.py:forever", "--seconds", "3"]) == 1
    assert "it was still running after 3 s" in capsys.readouterr().out


def test_a_solver_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["check-solver", "adma"]) == 2
    assert capsys.readouterr().err == "mdsbench: there is no solver 'adma'; did you mean 'adam'?\n"
