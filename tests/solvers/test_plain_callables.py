"""What a plain callable may return, and what is said of anything else."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from mdsbench.oracle.account import Limits
from mdsbench.problems.problem import find
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute_on
from mdsbench.runs.run import Run

pytestmark = pytest.mark.usefixtures("restored_registries")


def run(function: Any, dimension: int = 2) -> Run:
    SOLVERS["plain"] = SOLVERS.entry_of(function)
    task = find(f"sphere-{dimension}")
    return execute_on(task, np.full(dimension, 3.0), Cell(task.name, "plain", "given", Limits(calls=20)), 0)


@pytest.mark.parametrize(
    "shape",
    [
        lambda x: x,
        lambda x: x.tolist(),
        lambda x: tuple(x.tolist()),
        lambda x: x.astype(int),
        lambda x: x[:, None],
        lambda x: (x, 0.0),
        lambda x: (x, 0.0, {"nit": 1}),
        lambda x: [x.tolist(), 0.0],
        lambda x: {"x": x, "fun": 0.0},
        lambda x: {"x": x.tolist()},
        lambda x: SimpleNamespace(x=x),
        lambda x: OptimizeResult(x=x, success=True),
    ],
)
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_position_is_taken_in_any_shape_that_says_which_it_is(shape: Any, dimension: int) -> None:
    def solve(fun: Any, x0: Any) -> Any:
        x0 -= 2.0  # it is a copy
        fun(x0)
        return shape(x0)

    finished = run(solve, dimension)
    assert (finished.ending, finished.final_x.tolist()) == ("converged", [1.0] * dimension)
    assert finished.spent.iterations == 1


def test_one_variable_may_be_a_plain_number() -> None:
    assert run(lambda fun, _: (fun(1.0), 1.0)[1], 1).final_x.tolist() == [1.0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "it returned nothing"),
        ("done", "it returned 'done'"),
        (5.0, "it returned an array of shape ()"),
        ([1.0, 2.0, 3.0], "it returned an array of shape (3,)"),
        ({"fun": 1.0}, "it returned {'fun': 1.0}"),
        (SimpleNamespace(x=[1.0]), "it returned an array of shape (1,)"),
        ((1.0, np.zeros(2)), "it returned (1.0, array([0., 0.]))"),
        (np.array([1j, 2]), "it returned array([0.+1.j, 2.+0.j])"),
        (lambda: None, "it returned <function"),
        (OptimizeResult(x=None, success=True), "it returned"),
    ],
)
def test_anything_else_is_said_in_one_line(answer: Any, said: str) -> None:
    finished = run(lambda *_: answer)
    assert finished.ending == "error"
    assert finished.message.startswith(said)
    assert "return x, or a result with an x" in finished.message
    assert "\n" not in finished.message


def test_a_coroutine_is_refused_without_a_warning() -> None:
    async def solve(fun: Any, x0: Any) -> Any:
        return x0

    finished = run(solve)
    assert (finished.ending, finished.message) == (
        "error",
        "it returned a coroutine: write a plain def, without async; return x, or a result with an x",
    )


@pytest.mark.parametrize("x", [np.ones(2), None])
def test_a_result_without_success_has_given_up_and_says_why(x: Any) -> None:
    finished = run(lambda *_: OptimizeResult(x=x, success=False, message="no luck"))
    assert (finished.ending, finished.message) == ("gave-up", "no luck")


def test_a_result_says_its_message() -> None:
    finished = run(lambda fun, x0: OptimizeResult(x=x0, fun=fun(x0), success=np.True_, message="fine"))
    assert (finished.ending, finished.message) == ("converged", "fine")


def test_a_generator_yields_positions() -> None:
    def solve(fun: Any, x0: Any) -> Iterator[Any]:
        for factor in (2.0, 1.0):
            fun([factor, factor])
            yield [factor, factor]

    finished = run(solve)
    assert (finished.ending, finished.spent.iterations, finished.final_x.tolist()) == ("converged", 2, [1.0, 1.0])


def test_a_generator_that_yields_something_else_is_refused() -> None:
    def solve(fun: Any, x0: Any) -> Iterator[Any]:
        yield "x"

    assert run(solve).message.startswith("it returned 'x'")
