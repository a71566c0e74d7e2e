"""What the program can do, listed; and a solver held to its promises from the command line."""

import ast
import json
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

import mdsbench
from mdsbench.cli import list as catalogue
from mdsbench.cli import main
from mdsbench.registry import registry
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


DECORATORS = {
    "solvers": "solver",
    "sources": "gradient_source",
    "steps": "step_rule",
    "starts": "start",
    "problems": "problem",
    "variants": "variant",
}


def decorated(decorator: str) -> dict[str, tuple[str, str]]:
    """The first line of the docstring and the reference of each decorated function in the source, by its name there."""
    found = {}
    for path in Path(mdsbench.__file__).parent.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for node in (node for node in nodes if isinstance(node, ast.FunctionDef)):
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == decorator:
                    options = {option.arg: ast.literal_eval(option.value) for option in call.keywords}
                    summary = (ast.get_docstring(node) or "").partition("\n")[0]
                    found[ast.literal_eval(call.args[0])] = (summary, options["reference"])
    return found


@pytest.fixture(scope="module")
def printed() -> dict[str, list[dict[str, Any]]]:
    """What a new process lists: in this one other tests have registered more."""
    command = [sys.executable, "-m", "mdsbench", "list", "--json"]
    rows: dict[str, list[dict[str, Any]]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return rows


@pytest.mark.parametrize("kind", catalogue.KINDS)
def test_every_entry_is_listed_with_what_it_is_and_where_it_comes_from(
    kind: str, printed: dict[str, list[dict[str, Any]]]
) -> None:
    rows = printed[kind]
    listed = {row["name"]: (row["summary"], row["reference"]) for row in rows}
    assert listed == decorated(DECORATORS[kind])
    assert len(listed) == len(rows) > 1
    assert all(summary and reference for summary, reference in listed.values())
    json.dumps(catalogue.rows(kind), allow_nan=False)


@pytest.mark.usefixtures("restored_registries")
def test_an_entry_point_that_cannot_be_loaded_is_listed_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def declared(group: str) -> EntryPoints:
        return EntryPoints([EntryPoint("theirs", "no_such_module:solve", group)])

    monkeypatch.setattr(registry, "entry_points", declared)
    (row,) = [row for row in catalogue.rows("solvers") if row["name"] == "theirs"]
    assert "no_such_module cannot be imported" in row["summary"]


def test_the_listing_for_programs_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert list(listed) == list(catalogue.KINDS)
    (gd,) = [row for row in listed["solvers"] if row["name"] == "gd"]
    assert (gd["camp"], gd["uses"], gd["options"]) == ("gradient", "gradient", {"step": "1/L"})


def test_the_listing_for_people_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["list"]) == 0
    printed = capsys.readouterr().out
    for kind in (SOLVERS, SOURCES, STARTS, STEPS):
        assert all(name in printed for name, entry in kind.items() if entry.is_ours)


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
