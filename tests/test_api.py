"""The solvers as functions, with SciPy's names for what comes back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mdsbench
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem, starts
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute


def bowl(x: np.ndarray) -> float:
    return float((x - 2) @ (x - 2))


def slope(x: np.ndarray) -> np.ndarray:
    return 2 * (x - 2)


def test_a_named_problem_gives_what_a_run_gives() -> None:
    x0 = starts.published(problem.find("cities-6"))
    result = mdsbench.minimize("gd", "cities-6", x0, budget=200, gtol=1e-6)
    run = execute(Cell("cities-6", "gd", "published", Limits(calls=200, gtol=1e-6)))
    assert (result.fun, result.nit, result.nfev, result.njev, result.ending) == (
        run.final_loss,
        run.spent.iterations,
        0,
        run.spent.gradients,
        "converged",
    )
    assert result.success
    assert np.array_equal(result.x, run.final_x)


def test_the_trace_falls_from_the_start_to_the_result() -> None:
    result = mdsbench.minimize("nelder-mead", "cities-6", np.linspace(0, 1, 12), budget=300)
    assert result.trace.loss.is_monotonic_decreasing
    assert result.trace.evaluations.iloc[0] == 0
    assert result.trace.loss.iloc[-1] == result.fun
    assert (result.nfev, result.success, result.status) == (300, False, 1)
    assert result.path.x.iloc[0].shape == (12,)


@pytest.mark.parametrize("solver", ["gd(step=0.1)", "gd[central-difference](step=0.1)", "l-bfgs-b", "nelder-mead"])
def test_a_function_of_ones_own(solver: str) -> None:
    result = mdsbench.minimize(solver, bowl, [0.0, 5.0], jac=slope, budget=500)
    assert result.x == pytest.approx([2, 2], abs=1e-4)


def test_a_gradient_that_was_not_given_is_asked_for() -> None:
    with pytest.raises(UsageError, match="give jac="):
        mdsbench.minimize("gd(step=0.1)", bowl, [0.0, 5.0], budget=500)
    assert mdsbench.minimize("nelder-mead", bowl, [0.0, 5.0], budget=500).fun < 1e-6


def test_a_seed_decides_a_random_solver() -> None:
    def fun(seed: int) -> float:
        return float(mdsbench.minimize("random-search", bowl, [0.0, 5.0], budget=50, seed=seed).fun)

    assert fun(1) == fun(1) != fun(2)


@pytest.mark.parametrize(
    ("x0", "expected"), [([0.0] * 11, "x0 has 11 variables, cities-6 has 12"), ([np.nan] * 12, "not a finite number")]
)
def test_a_start_that_does_not_fit_is_one_line(x0: list[float], expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        mdsbench.minimize("gd", "cities-6", x0, budget=10)


@pytest.mark.usefixtures("restored_registries")
def test_a_solver_of_ones_own_is_entered_by_the_decorator() -> None:
    @mdsbench.solver("to-the-bottom", uses="value", reference="a test")
    def to_the_bottom(oracle: Any, x: np.ndarray, rng: object, *, share: float = 0.5) -> Iterator[np.ndarray]:
        """Steps towards the bottom of the bowl."""
        while True:
            x = x + share * (2 - x)
            oracle.value(x)
            yield x

    assert to_the_bottom is SOLVERS["to-the-bottom"].function
    half_way = mdsbench.minimize("to-the-bottom", bowl, [0.0, 6.0], budget=1)
    assert half_way.x.tolist() == [1, 4]
    there = mdsbench.minimize("to-the-bottom(share=1.0)", bowl, [0.0, 6.0], budget=1)
    assert (there.fun, there.nfev, there.njev) == (0, 1, 0)


@pytest.mark.usefixtures("restored_registries")
@pytest.mark.parametrize("message", ["it has seen enough", None])
def test_a_solver_may_be_a_plain_function_that_returns_its_message(message: str | None) -> None:
    @mdsbench.solver("two-looks", uses="value", reference="a test")
    def two_looks(oracle: Any, x: np.ndarray, rng: object) -> str | None:
        """Evaluates two points and reports the second as an iterate."""
        oracle.value(x)
        oracle.value(x + 1)
        oracle.iterate(x + 1)
        return message

    result = mdsbench.minimize("two-looks", bowl, [0.0, 0.0], budget=10)
    assert (result.ending, result.message) == ("converged", message or "the solver stopped by itself")
    assert (result.nfev, result.nit, result.fun) == (2, 1, 2)
    cut = mdsbench.minimize("two-looks", bowl, [0.0, 0.0], budget=1)
    assert (cut.ending, cut.nfev, cut.fun) == ("budget", 1, 8)
    again = mdsbench.minimize("multistart(solver=two-looks)", bowl, [0.0, 0.0], budget=7)
    assert (again.ending, again.nfev) == ("budget", 7)


def test_a_function_that_is_no_number_anywhere_diverges() -> None:
    result = mdsbench.minimize("nelder-mead", lambda _: float("nan"), [0.0, 5.0], budget=50)
    assert (result.ending, result.success, result.nfev) == ("diverged", False, 0)


@pytest.mark.parametrize("wrong", [{"budget": 0}, {"budget": 1.5}, {"budget": 9, "jac": True}])
def test_a_request_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        mdsbench.minimize("gd", "cities-6", np.zeros(12), **wrong)
