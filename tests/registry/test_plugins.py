"""Solvers that are not ours: from a file, from a module, from an installed package."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.registry import registry
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.execute import Cell, Run, execute

MINE = '''
from mdsbench import solver

@solver("mine", uses="gradient", reference="me")
def mine(oracle, x, rng, *, step=0.01):
    """Mine."""
    while True:
        x = x - step * oracle.gradient(x)
        yield x

def plain(fun, x0):
    """Looks twice."""
    fun(x0)
    return x0 if fun(x0) < fun(0.9 * x0) else 0.9 * x0

def with_gradient(fun, x0, jac):
    for _ in range(40):
        x0 -= 0.04 * jac(x0)
    return x0

def scipys(fun, x0):
    from scipy.optimize import minimize
    return minimize(fun, x0, method="Powell")

def forgets(fun, x0):
    fun(x0)

def bare(oracle, x, rng):
    yield x
'''


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return str(path)


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    before = dict(SOLVERS)
    yield
    for name in SOLVERS.keys() - before.keys():
        del SOLVERS[name]


def run(solver: str) -> Run:
    return execute(Cell("cities-6", solver, "published", Limits(calls=100)))


def test_a_decorated_function_from_a_file(mine: str) -> None:
    assert run(f"{mine}:mine(step=0.04)").gradients == 100
    assert SOLVERS.find(f"{mine}:mine").summary == "Mine."


def test_a_function_from_a_module() -> None:
    assert run("mdsbench.solvers.gradient_descent:gradient_descent").final_x == pytest.approx(run("gd").final_x)


def test_a_plain_callable_in_scipys_style_sees_values_only(mine: str) -> None:
    finished = run(f"{mine}:plain")
    assert (finished.evaluations, finished.gradients, finished.ending) == (3, 0, "converged")
    assert SOLVERS[f"{mine}:plain"].uses == "value"


def test_a_plain_callable_that_takes_jac_is_given_the_gradient(mine: str) -> None:
    finished = run(f"{mine}:with_gradient")
    assert (finished.evaluations, finished.gradients) == (0, 40)
    assert finished.gap < 1e-2


def test_a_plain_callable_may_return_a_result_with_an_x(mine: str) -> None:
    assert run(f"{mine}:scipys").ending == "budget"


def test_a_plain_callable_that_returns_nothing_is_told_so(mine: str) -> None:
    finished = run(f"{mine}:forgets")
    assert finished.ending == "error"
    assert "it returned nothing" in finished.message


def test_an_installed_package_declares_its_solvers(mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def declared(group: str) -> EntryPoints:
        assert group == "mdsbench.solvers"
        return EntryPoints([EntryPoint("theirs", f"{mine}:plain", group)])

    monkeypatch.setattr(registry, "entry_points", declared)
    assert run("theirs").evaluations == 3


def test_a_changed_file_is_another_version(tmp_path: Path) -> None:
    versions = set()
    for body in ("return x0", "return 2 * x0"):
        path = tmp_path / f"{body.replace(' ', '_')}.py"
        path.write_text(f"def solve(fun, x0):\n    {body}\n")
        versions.add(SOLVERS.find(f"{path}:solve").version)
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nowhere.py:mine", "there is no file nowhere.py"),
        ("no_such_module:mine", "cannot be imported"),
        ("math:nothing", "math has no 'nothing'"),
        ("{mine}:bare", "decorate it with @mdsbench.solver"),
    ],
)
def test_what_cannot_be_loaded_is_said_in_one_line(mine: str, text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected) as caught:
        SOLVERS.find(text.format(mine=mine))
    assert "\n" not in str(caught.value)
