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
    assert result.trace.evaluations.iloc[0] == 1
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
    assert (result.ending, result.success, result.nfev) == ("diverged", False, 50)


@pytest.mark.parametrize("wrong", [{"budget": 0}, {"budget": 1.5}, {"budget": 9, "jac": 3}])
def test_a_request_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        mdsbench.minimize("gd", "cities-6", np.zeros(12), **wrong)


class Broken:
    """A bowl that fails from a certain call on."""

    def __init__(self, at: int, error: BaseException) -> None:
        self.at, self.error, self.calls = at, error, 0

    def __call__(self, x: np.ndarray) -> float:
        self.calls += 1
        if self.calls >= self.at:
            raise self.error
        return bowl(x)


@pytest.mark.parametrize("solver", ["nelder-mead", "gd(step=0.1)", "cma-es", "powell", "dual-annealing"])
@pytest.mark.parametrize("at", [1, 2, 10])
def test_a_function_that_raises_is_an_ending_and_is_not_called_again(solver: str, at: int) -> None:
    broken = Broken(at, ValueError("simulator failed"))
    result = mdsbench.minimize(solver, broken, [0.0, 5.0], jac=slope, budget=100)
    assert (result.ending, result.success, broken.calls) == ("error", False, at)
    assert "ValueError: simulator failed (test_api.py, line" in result.message
    assert len(result.trace) > 0 or at == 1


def test_what_a_run_had_reached_comes_with_the_interruption() -> None:
    broken = Broken(30, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt, match="interrupted after 30 calls") as caught:
        mdsbench.minimize("nelder-mead", broken, [0.0, 5.0], budget=100)
    result = caught.value.result  # type: ignore[attr-defined]
    assert (result.ending, result.success, result.nfev) == ("interrupted", False, 30)
    assert result.fun < bowl(np.array([0.0, 5.0]))


@pytest.mark.parametrize("solver", ["nelder-mead", "cma-es", "nesterov(step=0.1)", "gd[spsa](step=0.1)", "l-bfgs-b"])
def test_a_function_is_called_as_often_as_the_account_says(solver: str) -> None:
    calls = 0

    def counted(x: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal calls
        calls += 1
        return bowl(x), slope(x)

    result = mdsbench.minimize(solver, counted, [0.0, 5.0], jac=True, budget=60)
    assert (result.nfev + result.njev, result.looks) == (calls, 0)
    looked = mdsbench.minimize(solver, counted, [0.0, 5.0], jac=True, budget=60, look=True)
    assert (looked.nfev + looked.njev, looked.fun) == (result.nfev + result.njev, result.fun)
    assert calls == 2 * (result.nfev + result.njev) + looked.looks
    assert looked.path.loss.notna().all()


@pytest.mark.parametrize("whole", [np.int64(50), np.uint8(50), 50])
def test_a_budget_may_come_from_numpy(whole: Any) -> None:
    assert mdsbench.minimize("cobyla", bowl, [0.0, 5.0], budget=whole, maxiter=whole, seed=whole).nfev <= 50


def test_a_function_without_a_bottom_is_no_success() -> None:
    for solver in ("gd(step=0.1)", "l-bfgs-b", "nelder-mead", "powell"):
        with np.errstate(all="ignore"):
            result = mdsbench.minimize(
                solver, lambda x: float(-(x**4).sum()), [1.0, 2.0], jac=lambda x: -4 * x**3, budget=2000
            )
        assert (result.ending, result.success) == ("diverged", False), solver


def test_further_arguments_reach_every_function() -> None:
    result = mdsbench.minimize(
        "newton-cg",
        lambda x, a, b: ((x - a) ** 2).sum() + b,
        [0.0, 5.0],
        args=(2.0, 7.0),
        jac=lambda x, a, _: 2 * (x - a),
        hess=lambda *_: 2 * np.eye(2),
        budget=100,
    )
    assert result.x == pytest.approx([2, 2])
    assert result.fun == pytest.approx(7)
    assert result.nhev > 0


def test_a_product_with_the_hessian_may_be_given() -> None:
    result = mdsbench.minimize("trust-ncg", bowl, [0.0, 5.0], jac=slope, hessp=lambda _, v: 2 * v, budget=100)
    assert result.x == pytest.approx([2, 2])


def test_residuals_make_a_function_a_sum_of_squares() -> None:
    result = mdsbench.minimize(
        "least-squares", bowl, [0.0, 5.0], residuals=lambda x: x - 2, jacobian=lambda _: np.eye(2), budget=50
    )
    assert result.x == pytest.approx([2, 2])


def test_what_is_known_of_a_function_reaches_the_step_rules() -> None:
    known: dict[str, Any] = {"jac": slope, "smoothness": 2.0, "best_known": 0.0, "budget": 100}
    assert mdsbench.minimize("gd", bowl, [0.0, 5.0], **known).fun == 0.0
    assert mdsbench.minimize("gd(step=polyak)", bowl, [0.0, 5.0], **known).fun < 1e-9


def test_a_callback_sees_the_iterates_in_both_of_scipys_ways_and_may_end_the_run() -> None:
    seen: list[Any] = []
    for callback in (lambda xk: seen.append(xk), lambda intermediate_result: seen.append(intermediate_result.x)):
        seen.clear()
        result = mdsbench.minimize("gd(step=0.1)", bowl, [0.0, 5.0], jac=slope, budget=9, callback=callback)
        assert len(seen) == result.nit == 9

    def enough(intermediate_result: Any) -> None:
        if intermediate_result.fun < 1:
            raise StopIteration

    result = mdsbench.minimize("gd(step=0.1)", bowl, [0.0, 5.0], jac=slope, budget=99, callback=enough)
    assert (result.ending, result.success) == ("interrupted", False)
    assert result.fun < 1


def test_options_are_those_of_the_solvers_name() -> None:
    by_name = mdsbench.minimize("nelder-mead(adaptive=true, xatol=0.1)", bowl, [0.0, 5.0], budget=200)
    by_option = mdsbench.minimize("nelder-mead", bowl, [0.0, 5.0], budget=200, options={"adaptive": True, "xatol": 0.1})
    assert by_name.nfev == by_option.nfev
    assert by_name.fun == by_option.fun
    with pytest.raises(UsageError, match="nelder-mead has no option 'maxfev': give budget="):
        mdsbench.minimize("nelder-mead", bowl, [0.0, 5.0], budget=200, options={"maxfev": 3})


def test_bounds_are_for_solvers_that_keep_to_them() -> None:
    with pytest.raises(UsageError, match="gd takes no bounds; these do:"):
        mdsbench.minimize("gd", bowl, [0.0, 5.0], jac=slope, bounds=[(0, 1)] * 2, budget=9)
    for wrong in ([(0, 1)], [(1, 0)] * 2, 3, "ab", [(0, "x")] * 2):
        with pytest.raises(UsageError, match="bounds"):
            mdsbench.minimize("nelder-mead", bowl, [0.0, 5.0], bounds=wrong, budget=9)


def test_results_are_copies_that_may_be_changed() -> None:
    result = mdsbench.minimize("gd(step=0.1)", bowl, [0.0, 5.0], jac=slope, budget=5)
    result.x += 1
    for x in result.path.x:
        x += 1
    assert result.path.x.iloc[0].tolist() == [1.0, 6.0]


def test_the_solver_may_be_a_function() -> None:
    def halve(fun: Any, x0: np.ndarray) -> np.ndarray:
        fun(x0)
        fun(x0 / 2)
        return x0 / 2

    result = mdsbench.minimize(halve, bowl, [0.0, 5.0], budget=50)
    assert (result.nfev, result.fun, result.ending) == (2, bowl(np.array([0, 2.5])), "converged")
    with pytest.raises(UsageError, match="is no solver"):
        mdsbench.minimize(3, bowl, [0.0, 5.0], budget=50)  # type: ignore[arg-type]
