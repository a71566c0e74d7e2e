"""A plain function as a problem: what is declared of it, what of it is refused, and its starts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, approx_fprime

import mdsbench
from mdsbench.errors import UsageError
from mdsbench.problems import problem
from mdsbench.problems.own_functions import declared
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.registry import PROBLEMS, STARTS
from mdsbench.registry.spec import parse
from mdsbench.testing import check_problem

FILE = """
import numpy as np

def loss(x, *, steep=10.0):
    return steep * np.sum((x[1:] - x[:-1] ** 2) ** 2) + np.sum((1 - x) ** 2)

def gradient(x, steep=10.0):
    across = x[1:] - x[:-1] ** 2
    g = -2 * (1 - x)
    g[:-1] -= 4 * steep * across * x[:-1]
    g[1:] += 2 * steep * across
    return g

def together(x):
    return loss(x), gradient(x).tolist()
together.jac = True
together.x0 = [[0, 0, 0], [1, 2, 3]]

class Simulator:
    dimension = 2
    bounds = (-1, None)

    def __call__(self, x):
        return np.float32(x @ x)

    def jac(self, x):
        return 2 * x

simulator = Simulator()

def two(x, y):
    return x + y

def nothing():
    return 3

number = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "simulator.py"
    path.write_text(FILE)
    return str(path)


def quadratic(x: Array) -> float:
    return float(x @ x)


def made(function: Callable[..., Any] = quadratic, **attributes: Any) -> Problem:
    """The problem of a function with these attributes."""
    own = partial(function)
    for key, value in attributes.items():
        setattr(own, key, value)
    return declared(own, {})


@pytest.mark.parametrize("text", ["{}:loss(dimension=4)", "{}:loss-4"])
def test_the_dimension_stands_in_the_name(file: str, text: str) -> None:
    found = problem.find(text.format(file))
    assert (found.name, found.dimension, found.has_gradient, found.ours) == ("loss", 4, False, False)
    assert found.value(np.zeros(4)) == 4.0


def test_a_parameter_of_the_function_is_an_option_and_its_gradient_has_it_too(file: str) -> None:
    found = problem.find(f"{file}:loss(dimension=5, steep=3, jac=gradient)")
    x = np.linspace(-1, 1, 5)
    value, gradient = found.value_and_gradient(x)
    assert value == found.value(x) == pytest.approx(3 * np.sum((x[1:] - x[:-1] ** 2) ** 2) + np.sum((1 - x) ** 2))
    assert gradient == pytest.approx(approx_fprime(x, found.value), abs=1e-5)


def test_a_value_with_its_gradient_as_scipy_takes_them(file: str) -> None:
    found = problem.find(f"{file}:together")
    assert found.dimension == 3
    assert found.value_and_gradient(np.ones(3))[1].tolist() == [0, 0, 0]
    check_problem(found)


def test_an_object_with_methods_is_a_function_with_what_they_declare(file: str) -> None:
    found = problem.find(f"{file}:simulator")
    assert found.bounds is not None
    assert [side.tolist() for side in found.bounds] == [[-1, -1], [np.inf, np.inf]]
    assert found.value_and_gradient(np.array([1.0, 2.0]))[1].tolist() == [2, 4]


def test_a_function_of_an_installed_module_needs_no_file() -> None:
    found = problem.find("scipy.optimize:rosen(dimension=3, jac=rosen_der, hessp=rosen_hess_prod)")
    check_problem(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}:loss", "how many variables does loss have"),
        ("{}:loss(dimension=0)", "dimension=0: it is a whole number, 1 or more"),
        ("{}:loss(dimension=2.5)", "takes a whole number"),
        ("{}:loss(dimension=2, steep=x)", "takes a number"),
        ("{}:loss(dimension=2, jac=slope)", "there is no function of that name"),
        ("{}:loss(dimension=2, low=1, high=0)", "the lowest value 1 is not below the highest, 0"),
        ("{}:loss(dimension=2, low=1, high=2, x0=0)", "x0 is outside of the bounds: variable 0 is 0"),
        ("{}:loss(dimension=2, noise=-1)", "0 or a positive number"),
        ("{}:two(dimension=2)", r"two takes \(x, y\), and a function to minimise takes one array x"),
        ("{}:nothing", "takes no x"),
        ("{}:number", "is a int: name a function of x"),
        ("{}:lost", "it has loss, gradient"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(file: str, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        problem.find(text.format(file))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("bounds", "dimension", "low"),
    [((0, 1), 3, [0, 0, 0]), ([(0, 1), (None, 2)], None, [0, -np.inf]), (Bounds([1, 2], [3, 4]), None, [1, 2])],
)
def test_bounds_have_scipys_forms(bounds: Any, dimension: int | None, low: list[float]) -> None:
    found = made(bounds=bounds, dimension=dimension)
    assert found.bounds is not None
    assert found.bounds[0].tolist() == low


@pytest.mark.parametrize(("x0", "points"), [([1, 2], 1), ([[1, 2], [3, 4], [5, 6]], 3)])
def test_the_starts_of_a_problem_are_its_own(x0: Any, points: int) -> None:
    found = made(x0=x0)
    at = [STARTS.bind(parse(f"x0(seed={k})"))(found).tolist() for k in range(points)]
    assert at == np.atleast_2d(x0).tolist()
    assert STARTS.bind(parse("published"))(found).tolist() == at[0]
    with pytest.raises(UsageError, match=rf"there is no x0\(seed={points}\)"):
        STARTS.bind(parse(f"x0(seed={points})"))(found)


def test_starts_are_within_the_bounds_and_a_latin_hypercube_has_a_point_in_each_part() -> None:
    found = made(bounds=[(-5, 5), (10, 20), (0, 0.5)])
    assert found.bounds is not None
    low, high = found.bounds
    for start in ("published", "uniform(seed=3)"):
        x = STARTS.bind(parse(start))(found)
        assert (low <= x).all()
        assert (x <= high).all()
    points = [STARTS.bind(parse(f"latin-hypercube(points=8, seed={k})"))(found) for k in range(16)]
    for design in (points[:8], points[8:]):
        parts = np.floor(8 * (np.array(design) - low) / (high - low))
        assert np.sort(parts, axis=0).tolist() == [[k] * 3 for k in range(8)]
    assert not np.array_equal(points[0], points[8])


@pytest.mark.parametrize(
    ("start", "attributes", "said"),
    [
        ("x0", {"dimension": 2}, "brings no start"),
        ("around-x0", {"dimension": 2}, "brings no start"),
        ("around-x0(radius=-1)", {"x0": [1, 2]}, "it is 0 or more"),
        ("uniform", {"bounds": (0, None), "dimension": 2}, "no box to draw from"),
        ("latin-hypercube(points=0)", {"dimension": 2}, "it takes 1 or more"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(start: str, attributes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        STARTS.bind(parse(start))(made(**attributes))


def test_starts_around_one_stay_within_the_bounds() -> None:
    found = made(x0=[0.0, 10.0], bounds=(0, 10))
    at = np.array([STARTS.bind(parse(f"around-x0(seed={k})"))(found) for k in range(20)])
    assert at.min() == 0
    assert at.max() == 10
    assert len(np.unique(at[:, 0])) > 5


@pytest.mark.usefixtures("restored_registries")
def test_the_decorator_declares_and_registers() -> None:
    @mdsbench.problem("slope", x0=[1.0, 2.0], jac=lambda x: 2 * x)
    def slope(x: Array) -> float:
        return float(x @ x)

    assert slope(np.ones(2)) == 2.0
    assert problem.find("slope").dimension == 2
    assert mdsbench.minimize("l-bfgs", "slope", [1.0, 2.0], budget=20).fun < 1e-9

    @mdsbench.problem(dimension=7)
    def nameless(x: Array) -> float:
        return float(x @ x)

    @mdsbench.problem
    def bare(x: Array) -> float:
        return float(x @ x)

    assert declared(nameless, {}).dimension == 7
    assert declared(bare, {"dimension": 3}).dimension == 3
    assert {"nameless", "bare"}.isdisjoint(PROBLEMS)


@pytest.mark.parametrize(("name", "declaration"), [(None, {}), ("made-up", {"dimension": 3}), ("made-up", {})])
def test_a_function_that_takes_no_x_needs_a_name_and_a_reference(name: str | None, declaration: dict[str, Any]) -> None:
    def make() -> None:
        """Takes no x."""

    with pytest.raises(ValueError, match="takes no x"):
        mdsbench.problem(name, **declaration)(make)


def test_mini_batches_are_pieces_of_the_sum() -> None:
    rng = np.random.default_rng(4)
    A = rng.normal(size=(50, 3))
    b = A @ np.array([1.0, 2.0, 3.0])
    found = made(
        lambda x: float(np.square(A @ x - b).sum()),
        dimension=3,
        jac=lambda x: 2 * A.T @ (A @ x - b),
        residuals=lambda x: A @ x - b,
        jacobian=lambda _: A,
        hess=lambda _: 2 * A.T @ A,
        batch_gradient=lambda x, rows: 100 / len(rows) * A[rows].T @ (A[rows] @ x - b[rows]),
        terms=50,
    )
    assert (found.name, found.terms) == ("<lambda>", 50)
    check_problem(found)
    run = mdsbench.minimize("gd[mini-batch](step=0.001)", found, np.zeros(3), budget=20)
    assert run.fun < 0.1 * found.value(np.zeros(3))


def test_minimize_knows_what_is_declared_of_a_function() -> None:
    def slope(x: Array) -> float:
        return float(x @ x)

    declare = mdsbench.problem(jac=lambda x: 2 * x, bounds=(1, 5))
    declare(slope)
    found = mdsbench.minimize("l-bfgs-b", slope, [2.0, 3.0], budget=20)
    assert found.x.tolist() == [1, 1]
    assert found.njev
    with pytest.raises(UsageError, match="takes no bounds"):
        mdsbench.minimize("l-bfgs", slope, [2.0, 3.0], budget=20)


@pytest.mark.usefixtures("restored_registries")
def test_an_entry_point_of_a_package_is_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    points = {"valley": "scipy.optimize:rosen"}
    monkeypatch.setattr(type(PROBLEMS), "points", lambda self: points if self is PROBLEMS else {})
    assert problem.find("valley(dimension=3)").value(np.ones(3)) == 0.0
    assert problem.find("valley-4").dimension == 4
