"""The oracle of directional derivatives: what it answers and what that costs."""

from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd
import pytest

from mdsbench.oracle.account import Limits, SolverError, Stop
from mdsbench.oracle.endings import Ending
from mdsbench.oracle.oracle import DirectionalOracle, GradientOracle, Oracle
from mdsbench.problems.edge import guarded
from mdsbench.problems.problem import Array, Problem, find
from mdsbench.statistics.arrivals import COUNTS, accounted, cost

CITIES, ROSENBROCK = find("cities-6"), find("rosenbrock-3")


def door(task: Problem, limits: Limits | None = None) -> DirectionalOracle:
    return DirectionalOracle(task, np.ones(task.dimension), limits or Limits())


def test_rosenbrocks_slope_by_hand() -> None:
    # f = 100 (x2 - x1^2)^2 + (1 - x1)^2 at (-1.2, 1): the gradient is (-215.6, -88), the value 24.2
    oracle, x = door(find("rosenbrock-2")), np.array([-1.2, 1.0])
    assert oracle.directional_derivative(x, np.array([1.0, 0.0])) == pytest.approx(-215.6)
    assert oracle.directional_derivative(x, np.array([2.0, -1.0])) == pytest.approx(-343.2)
    assert oracle.value_here() == pytest.approx(24.2)
    assert oracle.account()[1:5] == (0, 0, 0, 2)
    assert oracle.account().directional_derivatives == oracle.account().calls == 2


@pytest.mark.parametrize("task", [CITIES, ROSENBROCK, find("cities-6(loss=absolute)")], ids=lambda task: task.name)
def test_it_is_the_gradient_times_the_direction(task: Problem) -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        x, v = rng.normal(size=(2, task.dimension))
        assert door(task).directional_derivative(x, v) == task.value_and_gradient(x)[1] @ v


def accounts(*oracles: Oracle) -> pd.DataFrame:
    """The accounts of runs as a table of arrivals has them."""
    rows = pd.DataFrame([oracle.account() for oracle in oracles])
    passes = np.array([oracle.terms_per_pass for oracle in oracles], float)
    return pd.DataFrame(accounted(rows, passes), columns=COUNTS).assign(dimension=[o.dimension for o in oracles])


@pytest.mark.parametrize("task", [CITIES, ROSENBROCK], ids=lambda task: task.name)
def test_n_directional_derivatives_cost_n_times_one_gradient_where_that_is_the_price(task: Problem) -> None:
    n, x = task.dimension, np.linspace(0, 1, task.dimension)
    forward, reverse = door(task), GradientOracle(task, x, Limits())
    slopes = [forward.directional_derivative(x, e) for e in np.eye(n)]
    np.testing.assert_array_equal(slopes, reverse.gradient(x))
    assert forward.terms == n * reverse.terms
    table = accounts(forward, reverse)
    for price in (1.0, 0.3, 4.0):
        slope, gradient = cost(table, price, directional=price)
        assert slope == n * gradient == n * price
    assert cost(table).tolist() == [n, 1.0]
    assert cost(table, "dimension").tolist() == [n, n]


def test_a_function_that_offers_it_is_asked_for_it() -> None:
    calls: list[tuple[Array, Array]] = []

    def offered(x: Array, v: Array) -> tuple[float, float]:
        calls.append((x, v))
        return 7.0, 3.0

    task = replace(ROSENBROCK, directional_derivative=offered, ours=False)
    oracle, x = door(guarded(task)), np.zeros(3)
    assert oracle.directional_derivative(x, x) == 3.0
    assert (oracle.value_here(), oracle.best_loss, len(calls)) == (7.0, 7.0, 1)
    assert calls[0][0] is not x


@pytest.mark.parametrize("answer", [3.0, (1.0, 2.0, 3.0), (1.0, np.zeros(3)), ("a", 1.0), (1.0, 1j)])
def test_an_offer_that_answers_otherwise_is_named(answer: object) -> None:
    task = replace(ROSENBROCK, directional_derivative=lambda *_: answer, ours=False)  # type: ignore[arg-type]
    with pytest.raises(Stop) as stop:
        door(guarded(task)).directional_derivative(np.zeros(3), np.ones(3))
    assert stop.value.ending is Ending.ERROR
    assert "return" in stop.value.message


def test_a_slope_that_is_no_number_ends_the_run() -> None:
    for value, slope in ((1.0, nan), (nan, 1.0)):
        oracle = door(replace(ROSENBROCK, directional_derivative=lambda *_, v=value, s=slope: (v, s)))
        with pytest.raises(Stop) as stop:
            oracle.directional_derivative(np.zeros(3), np.ones(3))
        assert stop.value.ending is Ending.DIVERGED


def test_its_pass_reaches_the_target_and_spends_the_budget() -> None:
    x = np.ones(3)
    with pytest.raises(Stop) as stop:
        door(ROSENBROCK, Limits(target=0.0)).directional_derivative(x, x)
    assert stop.value.ending is Ending.TARGET
    oracle = door(ROSENBROCK, Limits(calls=1))
    oracle.directional_derivative(0 * x, x)
    with pytest.raises(Stop) as stop:
        oracle.directional_derivative(x, x)
    assert (stop.value.ending, oracle.directional_derivatives) == (Ending.BUDGET, 1)


@pytest.mark.parametrize("wrong", [None, 1.0, np.zeros(2), np.zeros(3, complex)])
def test_a_direction_of_another_shape_is_refused(wrong: Array) -> None:
    with pytest.raises(SolverError, match=r"asked along .*; give an array of shape \(3,\)"):
        door(ROSENBROCK).directional_derivative(np.zeros(3), wrong)


def test_a_solver_that_gives_directions_has_no_gradient() -> None:
    assert not hasattr(door(ROSENBROCK), "gradient")
    assert not hasattr(Oracle(ROSENBROCK, np.zeros(3), Limits()), "directional_derivative")
