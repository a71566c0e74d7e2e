"""Who may take a name: the newest definition of one place, and nobody what belongs to another."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import mdsbench
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.registry.registry import PROBLEMS, SOLVERS, SOURCES, STARTS, STEPS, Registry
from mdsbench.runs.cell import Cell

pytestmark = pytest.mark.usefixtures("restored_registries")

KINDS = pytest.mark.parametrize(
    ("registry", "decorator", "taken"),
    [
        (SOLVERS, mdsbench.solver, "gd"),
        (PROBLEMS, mdsbench.problem, "sphere"),
        (STARTS, mdsbench.start, "zeros"),
        (STEPS, mdsbench.step_rule, "armijo"),
        (SOURCES, mdsbench.gradient_source, "mini-batch"),
    ],
)


def cell(text: str, **module: Any) -> None:
    """A notebook's cell."""
    exec(text, {"__name__": "__main__", "mdsbench": mdsbench, **module})


@KINDS
def test_a_cell_that_is_run_again_replaces_what_it_registered(
    registry: Registry, decorator: Callable[..., Any], taken: str
) -> None:
    text = f"@mdsbench.{decorator.__name__}('mine', reference='me')\ndef mine(*, step=0.01):\n    'Mine.'\n"
    versions = []
    for step in ("0.01", "0.04", "0.01"):
        cell(text.replace("0.01", step))
        assert registry.find("mine").options == {"step": float(step)}
        versions.append(registry.find("mine").version)
    assert versions[0] == versions[2] != versions[1]
    assert not registry.is_ours("mine")


@KINDS
def test_a_name_of_this_package_is_protected(registry: Registry, decorator: Callable[..., Any], taken: str) -> None:
    with pytest.raises(ValueError, match="which mdsbench registers: take another name"):
        decorator(taken, reference="me")(lambda: None)
    assert registry.is_ours(taken)


@pytest.mark.parametrize("name", ["", "my solver", "mine.py:solve", "mine(step=1)", "mine[x]", '"mine"'])
def test_a_name_that_no_spec_can_say_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"no name for a solver|cannot read"):
        mdsbench.solver(name, reference="me")(lambda: None)
    assert name not in SOLVERS


def test_a_name_of_another_file_is_refused_and_the_file_is_named() -> None:
    text = "@mdsbench.solver('mine', reference='me')\ndef mine(oracle, x, rng): ...\n"
    cell(text, __file__="a.py")
    cell(text, __file__="a.py")
    with pytest.raises(ValueError, match=r"there is a solver 'mine' already, which a\.py registers"):
        cell(text, __file__="b.py")


def test_two_files_with_one_name_are_told_apart_by_their_full_names(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text(
            f"import mdsbench\n@mdsbench.solver('mine', reference='me')\ndef mine(oracle, x, rng):\n    '{name}'\n"
        )
    found = [SOLVERS.find(f"{tmp_path}/{name}.py:mine").summary for name in ("a", "b", "a")]
    assert found == ["a", "b", "a"]
    assert SOLVERS.find("mine").summary == "a"


def test_a_solver_of_this_package_that_is_registered_under_a_users_name_is_the_users() -> None:
    mdsbench.solver("my-descent", reference="me")(SOLVERS["gd"].function)
    assert not SOLVERS.is_ours("my-descent")


def test_asking_whose_something_is_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise SystemExit\n")
    for registry in (SOLVERS, PROBLEMS):
        assert not registry.is_ours(f"{tmp_path}/mine.py:solve")
    with pytest.raises(UsageError, match="did you mean 'gd'"):
        SOLVERS.is_ours("gdd")


def test_a_key_changes_with_the_code_of_a_session_and_names_keep_their_options() -> None:
    text = "@mdsbench.solver('mine', uses='gradient', reference='me')\ndef mine(oracle, x, rng, *, step=0.01): ...\n"
    keys = []
    for step in ("0.01", "0.04"):
        cell(text.replace("0.01", step))
        made = Cell("cities-6", "mine(step=0.01)", "published", Limits(calls=1))
        assert made.solver == "mine(step=0.01)"
        keys.append(made.key)
    assert keys[0] != keys[1]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module without a file, as a notebook's is."""
    module = ModuleType("a_session")
    monkeypatch.setitem(sys.modules, "a_session", module)
    return module


class Solve:
    """Stays where it is."""

    def __init__(self, _: Any, x0: Any) -> None:
        self.x = x0

    @staticmethod
    def static(_: Any, x0: Any) -> Any:
        return 3 * x0


def test_a_module_without_a_file_gives_what_it_has_now(session: ModuleType) -> None:
    versions = []
    for solve in (lambda _, x0: x0, lambda _, x0: 2 * x0, partial(np.add, 1), Solve, Solve.static, np.add):
        session.solve = solve  # type: ignore[attr-defined]
        versions.append(SOLVERS.find("a_session:solve").version)
    assert len(set(versions)) == len(versions)
    session.Solve = Solve  # type: ignore[attr-defined]
    assert SOLVERS.find("a_session:Solve.static").uses == "value"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sys:exit", "it takes (status), not (fun, x0)"),
        ("sys:path", "is a list: name a function"),
        ("math:pi", "is a float: name a function"),
        ("a_session:solve", "has no 'solve'"),
        (":solve", "a module without a name"),
        ("..:solve", "cannot be imported"),
    ],
)
def test_what_is_no_solver_in_a_module_is_said_in_one_line(session: ModuleType, name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        SOLVERS.find(name)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_module_that_is_edited_is_executed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    versions = []
    for factor in (1, 2):
        (tmp_path / "edited_module.py").write_text(f"def solve(fun, x0):\n    'times {factor}'\n")
        entry = SOLVERS.find("edited_module:solve")
        versions.append(entry.version)
        assert entry.summary == f"times {factor}"
    assert versions[0] != versions[1]


def test_the_entry_of_a_callable() -> None:
    def solve(fun: Any, x0: Any, jac: Any) -> Any:
        """Stays."""
        return x0

    def enclosed(o: Any, x: Any, rng: Any) -> Any: ...

    before = dict(SOLVERS)
    entry = SOLVERS.entry_of(solve)
    assert (entry.uses, entry.summary, entry.is_ours) == ("gradient", "Stays.", False)
    assert entry.name.endswith("solve")
    assert SOLVERS.entry_of(SOLVERS["adam"].function) is SOLVERS["adam"]
    assert SOLVERS.entry_of(partial(solve, jac=1)).name == entry.name
    assert before == SOLVERS
    for wrong in (5, enclosed):
        with pytest.raises(UsageError):
            SOLVERS.entry_of(wrong)  # type: ignore[arg-type]
