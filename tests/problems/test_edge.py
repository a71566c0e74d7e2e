"""What others' functions are given and return: copied, checked, and named where it is wrong."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdsbench.problems.edge import ProblemError, guarded, number, position
from mdsbench.problems.problem import Problem

X = np.array([1.0, 2.0, 3.0])


def problem(**functions: Any) -> Problem:
    fixed: dict[str, Any] = {
        "dimension": 3,
        "value": lambda x: x @ x,
        "value_and_gradient": lambda x: (x @ x, 2 * x),
        **functions,
    }
    return guarded(Problem(name="mine", best_known=0.0, provenance="a test", **fixed))


NUMBERS = [3, 3.0, True, np.float32(3), np.int64(3), np.array(3.0), np.array([3.0]), np.array([[3.0]]), Decimal(3)]


@pytest.mark.parametrize("answer", [*NUMBERS, Fraction(3), pd.Series([3.0]), [3.0], (3,)], ids=repr)
def test_a_number_of_any_kind_is_a_value(answer: Any) -> None:
    found = number(answer, "value")
    assert type(found) is float
    assert found in (3.0, 1.0)


@pytest.mark.parametrize("answer", [None, "3", b"3", 3 + 0j, [1.0, 2.0], {"f": 3}, print, [], pd.NA, ...], ids=repr)
def test_what_is_no_number_is_said_in_one_line(answer: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        number(answer, "value")
    assert str(caught.value).startswith("the value ")
    assert "\n" not in str(caught.value)


def test_a_function_may_work_in_place_on_its_x() -> None:
    def value(x: np.ndarray) -> float:
        x -= 2
        return float(x @ x)

    def gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        x *= 2
        return 0.0, x

    mine, x = problem(value=value, value_and_gradient=gradient, hessian_vector=lambda x, v: np.multiply(x, v, out=v)), X
    for _ in range(2):
        assert mine.value(x) == 2.0
        assert np.array_equal(mine.value_and_gradient(x)[1], 2 * x)
        assert mine.hessian_vector
        assert np.array_equal(mine.hessian_vector(x, x), x * x)
    assert np.array_equal(x, [1, 2, 3])


def test_an_array_that_a_function_returns_again_and_again_is_copied() -> None:
    kept = np.zeros(3)

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        kept[:] = 2 * x
        return 0.0, kept

    mine = problem(value_and_gradient=value_and_gradient)
    first = mine.value_and_gradient(X)[1]
    mine.value_and_gradient(-X)
    assert np.array_equal(first, 2 * X)


@pytest.mark.parametrize("gradient", [X[:-1], X[:, None], 1.0, np.append(X, 0)], ids=np.shape)
def test_a_gradient_of_another_shape_is_refused_with_both_shapes(gradient: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        problem(value_and_gradient=lambda _: (0.0, gradient)).value_and_gradient(X)
    assert f"the gradient has the shape {np.shape(gradient)}, x has the shape (3,)" in str(caught.value)


@pytest.mark.parametrize("gradient", [None, "x", [1j, 2, 3], [[1], [2, 3]], {}], ids=repr)
def test_a_gradient_that_is_no_array_of_numbers_is_refused(gradient: Any) -> None:
    with pytest.raises(ProblemError, match="the gradient is"):
        problem(value_and_gradient=lambda _: (0.0, gradient)).value_and_gradient(X)


def test_a_gradient_of_one_variable_may_be_a_number() -> None:
    mine = problem(dimension=1, value_and_gradient=lambda x: (x[0] ** 2, 2 * x[0]))
    assert np.array_equal(mine.value_and_gradient(np.array([3.0]))[1], [6.0])


@pytest.mark.parametrize(
    ("functions", "ask", "words"),
    [
        (
            {"value_and_gradient": lambda x: 2 * x},
            lambda p: p.value_and_gradient(X),
            "return the value and the gradient",
        ),
        (
            {"hessian_vector": lambda *_: 1.0},
            lambda p: p.hessian_vector(X, X),
            "Hessian-vector product has the shape",
        ),
        ({"residuals": lambda _: np.eye(3)}, lambda p: p.residuals(X), "it has one axis"),
        ({"jacobian": lambda _: np.eye(2)}, lambda p: p.jacobian(X), "not (residuals, 3)"),
    ],
)
def test_every_function_is_checked(functions: dict[str, Any], ask: Callable[[Problem], Any], words: str) -> None:
    with pytest.raises(ProblemError) as caught:
        ask(problem(**functions))
    assert words in str(caught.value)


@pytest.mark.parametrize("dimension", [0, -1, 2.0, True, None, "3"])
def test_a_dimension_is_a_positive_whole_number(dimension: Any) -> None:
    with pytest.raises(ProblemError, match="dimension="):
        problem(dimension=dimension)


def test_what_is_no_problem_is_said() -> None:
    with pytest.raises(ProblemError, match=r"return a mdsbench\.Problem"):
        guarded(3)  # type: ignore[arg-type]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_a_position_is_a_copy_of_what_is_given(numbers: list[float]) -> None:
    found = position(numbers, len(numbers), "start")
    assert found.tolist() == numbers
    with pytest.raises(ProblemError, match="the start has the shape"):
        position(numbers, len(numbers) + 1, "start")


@pytest.mark.parametrize("bad", [[1.0, np.nan], [np.inf, 0.0]])
def test_a_position_is_finite(bad: list[float]) -> None:
    with pytest.raises(ProblemError, match="not a finite number"):
        position(bad, 2, "start")
