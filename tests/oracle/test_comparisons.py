"""The oracle of comparisons: what it answers and what that costs, worked by hand."""

import pickle
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from mdsbench.oracle.account import Limits, SolverError, Stop
from mdsbench.oracle.comparisons import ComparisonOracle
from mdsbench.oracle.endings import Ending
from mdsbench.problems.disturbances import disturbed, normal_noise
from mdsbench.problems.problem import Array, Problem, find

A, B, C = (np.array([float(k), 0.0]) for k in (1, 2, 3))


def door(limits: Limits | None = None, task: Problem | None = None) -> ComparisonOracle:
    return ComparisonOracle(task or find("sphere-2"), C, limits or Limits(), np.random.default_rng(1))


def with_values(values: dict[float, float]) -> Problem:
    return replace(find("sphere-2"), value=lambda x: values[float(x[0])])


def test_a_comparison_costs_one_evaluation_for_each_new_point() -> None:
    oracle = door()
    assert oracle.below(A, B)
    assert (oracle.comparisons, oracle.evaluations, oracle.terms) == (1, 2, 2)
    assert not oracle.below(C, A)
    assert (oracle.comparisons, oracle.evaluations, oracle.terms) == (2, 3, 3)
    assert oracle.below(B, C)
    assert (oracle.comparisons, oracle.evaluations, oracle.terms) == (3, 3, 3)
    assert oracle.account()[1:5] == (3, 0, 0, 3)
    assert oracle.account().calls == 3
    assert oracle.account().comparisons == 3


def test_a_point_is_not_below_itself_and_costs_one_evaluation() -> None:
    oracle = door()
    assert not oracle.below(A, A.copy())
    assert oracle.evaluations == 1


def test_it_answers_nothing_but_comparisons() -> None:
    for name in ("value", "gradient", "directional_derivative", "hessian_vector", "residuals", "value_here"):
        assert not hasattr(door(), name)


def test_the_points_may_change_after_they_were_compared() -> None:
    oracle, x = door(), A.copy()
    oracle.below(x, B)
    x[0] = 9.0
    assert not oracle.below(x, B)
    assert oracle.evaluations == 3


def test_a_value_that_is_no_number_is_below_none() -> None:
    oracle = door(task=with_values({1.0: inf, 2.0: nan, 3.0: 1e300}))
    assert not oracle.below(A, B)
    assert not oracle.below(B, A)
    assert oracle.below(C, A)
    assert not oracle.below(B, C)


def test_the_budget_ends_a_comparison_between_its_points() -> None:
    oracle = door(Limits(calls=1))
    with pytest.raises(Stop) as stop:
        oracle.below(A, B)
    assert stop.value.ending is Ending.BUDGET
    assert (oracle.comparisons, oracle.evaluations, oracle.best_loss) == (1, 1, find("sphere-2").value(A))
    with pytest.raises(Stop):
        oracle.below(A, A)
    assert oracle.comparisons == 1


def test_the_target_ends_the_run_at_the_point_that_reaches_it() -> None:
    oracle = door(Limits(target=find("sphere-2").value(A)))
    with pytest.raises(Stop) as stop:
        oracle.below(A, B)
    assert stop.value.ending is Ending.TARGET
    assert oracle.evaluations == 1
    assert [moment.comparisons for moment in oracle.improvements] == [1]


def test_time_ends_a_run_that_compares_known_points_only() -> None:
    ticks = iter(range(1000))
    oracle = ComparisonOracle(find("sphere-2"), C, Limits(seconds=100), clock=lambda: float(next(ticks)))
    with pytest.raises(Stop) as stop:
        while True:
            oracle.below(A, B)
    assert stop.value.ending is Ending.TIMEOUT


def test_a_point_that_was_forgotten_is_evaluated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ComparisonOracle, "remembered", 2)
    oracle = door()
    oracle.below(A, B)
    oracle.below(A, C)  # A was used last, so B is forgotten
    assert (oracle.evaluations, oracle.below(A, C), oracle.evaluations) == (3, True, 3)
    assert (oracle.below(A, B), oracle.evaluations) == (True, 4)


def test_a_point_keeps_its_noise() -> None:
    oracle = door(task=disturbed(find("cities-4"), normal_noise(10.0), 10.0))
    x, y = np.zeros(8), np.ones(8)
    first = oracle.below(x, y)
    assert all(oracle.below(x, y) == first for _ in range(50))
    assert {oracle.below(x, x + 1e-9 * k) for k in range(1, 99)} == {True, False}


@pytest.mark.parametrize("wrong", [None, [1.0, 2.0], np.zeros(3), np.zeros((2, 1)), np.zeros(2, complex)])
def test_what_is_no_point_is_refused_in_words(wrong: Array) -> None:
    for points in ((wrong, A), (A, wrong)):
        with pytest.raises(SolverError, match=r"compared .*; this problem takes arrays of shape \(2,\)"):
            door().below(*points)


def test_integers_are_points() -> None:
    oracle = door()
    assert oracle.below(np.array([1, 0]), B)
    assert oracle.below(A, B)
    assert oracle.evaluations == 2


def test_a_function_that_raises_ends_the_run() -> None:
    oracle = door(task=with_values({1.0: 1.0}))
    with pytest.raises(Stop) as stop:
        oracle.below(A, B)
    assert stop.value.ending is Ending.ERROR
    assert (oracle.comparisons, oracle.evaluations) == (1, 2)


def test_it_cannot_be_sent_to_another_process() -> None:
    with pytest.raises(SolverError, match="another process"):
        pickle.dumps(door())
