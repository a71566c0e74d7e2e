"""What is not ours, of each kind: from a file, from a module, from an installed package."""

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

import mdsbench
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.registry import registry
from mdsbench.registry.registry import SOLVERS, SOURCES, STARTS, STEPS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run

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

def bare_and_plain(oracle, x, rng):
    oracle.value(x)
'''


EVERY_KIND = '''
import numpy as np
import mdsbench
from mdsbench.solvers.gradient_sources import View

@mdsbench.problem("my-bowl", reference="me")
def bowl(*, n=2):
    """A round bowl whose bottom is at 1."""
    return mdsbench.Problem(
        name=f"my-bowl-{n}",
        dimension=n,
        value=lambda x: float((x - 1) @ (x - 1)),
        value_and_gradient=lambda x: (float((x - 1) @ (x - 1)), 2 * (x - 1)),
        best_known=0.0,
        provenance="a sum of squares is not negative",
    )

@mdsbench.start("my-corner", reference="me")
def corner(problem, *, at=5.0):
    """Every variable the same."""
    return np.full(problem.dimension, at)

@mdsbench.step_rule("my-quarter", reference="me")
def quarter(oracle, *, times=1.0):
    """A quarter of the gradient."""
    return lambda k, x, g, p: 0.25 * times

@mdsbench.gradient_source("my-double", uses="gradient", reference="me")
def double(oracle, rng):
    """Twice the gradient."""
    return View(oracle, lambda x: (None, 2 * oracle.gradient(x)))

@mdsbench.solver("my-descent", uses="gradient", reference="me")
def descent(oracle, x, rng):
    """One step of a quarter of the gradient after the other."""
    while True:
        x = x - 0.25 * oracle.gradient(x)
        yield x
'''

pytestmark = pytest.mark.usefixtures("restored_registries")


@pytest.fixture
def every_kind(tmp_path: Path) -> str:
    path = tmp_path / "every_kind.py"
    path.write_text(EVERY_KIND)
    return str(path)


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return str(path)


def run(solver: str) -> Run:
    return execute(Cell("cities-6", solver, "published", Limits(calls=100)))


def test_a_decorated_function_from_a_file(mine: str) -> None:
    assert run(f"{mine}:mine(step=0.04)").spent.gradients == 100
    assert SOLVERS.find(f"{mine}:mine").summary == "Mine."


def first_step(problem: str, solver: str, start: str) -> list[float]:
    """Where a run is after one gradient."""
    finished = execute(Cell(problem, solver, start, Limits(calls=100, iterations=1)))
    assert finished.spent.gradients == 1
    return list(map(float, finished.path[-1][1]))


def test_a_problem_from_a_file(every_kind: str) -> None:
    task = problem.find(f"{every_kind}:bowl-3")
    assert (task.name, task.dimension, task.best_known) == ("my-bowl-3", 3, 0.0)
    assert first_step(f"{every_kind}:bowl-3", "gd(step=0.25)", "zeros") == [0.5, 0.5, 0.5]


def test_a_start_from_a_file(every_kind: str) -> None:
    finished = execute(Cell("sphere-2", "gd", f"{every_kind}:corner(at=4.0)", Limits(calls=1)))
    assert finished.path[0][1].tolist() == [4, 4]


def test_a_step_rule_from_a_file(every_kind: str) -> None:
    assert first_step(f"{every_kind}:bowl", f"gd(step={every_kind}:quarter)", "zeros") == [0.5, 0.5]
    assert first_step(f"{every_kind}:bowl", f"gd(step={every_kind}:quarter(times=2.0))", "zeros") == [1, 1]


def test_a_gradient_source_from_a_file(every_kind: str) -> None:
    assert first_step(f"{every_kind}:bowl", f"gd[{every_kind}:double](step=0.25)", "zeros") == [1, 1]


@pytest.mark.parametrize("solver", ["gd(step={file}:quarter)", "multistart(solver={file}:descent)"])
def test_a_key_does_not_depend_on_whether_the_file_is_loaded(solver: str, every_kind: str) -> None:
    cell = Cell("sphere-2", solver.format(file=every_kind), "zeros", Limits(calls=3))
    before = cell.key
    execute(cell)
    assert cell.key == before


def test_a_solver_from_a_file_on_a_problem_from_it(every_kind: str) -> None:
    assert first_step(f"{every_kind}:bowl", f"{every_kind}:descent", f"{every_kind}:corner(at=5.0)") == [3, 3]


@pytest.mark.parametrize(
    ("kind", "decorator"),
    [
        (SOLVERS, "solver"),
        (STARTS, "start"),
        (STEPS, "step_rule"),
        (SOURCES, "gradient_source"),
    ],
)
def test_an_undecorated_function_is_refused_with_the_name_of_a_decorator_that_exists(
    mine: str, kind: registry.Registry, decorator: str
) -> None:
    with pytest.raises(UsageError) as caught:
        kind.find(f"{mine}:bare")
    assert str(caught.value) == f"{mine}:bare is no {kind.kind}: decorate it with @mdsbench.{decorator}(...)"
    assert callable(getattr(mdsbench, decorator))


def test_a_function_from_a_module() -> None:
    assert run("mdsbench.solvers.gradient_descent:gradient_descent").final_x == pytest.approx(run("gd").final_x)


def test_a_plain_callable_in_scipys_style_sees_values_only(mine: str) -> None:
    finished = run(f"{mine}:plain")
    assert (finished.spent.evaluations, finished.spent.gradients, finished.ending) == (3, 0, "converged")
    assert SOLVERS[f"{mine}:plain"].uses == "value"


def test_a_plain_callable_that_takes_jac_is_given_the_gradient(mine: str) -> None:
    finished = run(f"{mine}:with_gradient")
    assert (finished.spent.evaluations, finished.spent.gradients) == (0, 40)
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
    assert run("theirs").spent.evaluations == 3


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
        ("{mine}:bare_and_plain", "decorate it with @mdsbench.solver"),
    ],
)
def test_what_cannot_be_loaded_is_said_in_one_line(mine: str, text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected) as caught:
        SOLVERS.find(text.format(mine=mine))
    assert "\n" not in str(caught.value)
