"""The only door: what it charges, what it records, and how it stops."""

import multiprocessing
import os
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.pool import ThreadPool

import numpy as np
import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, SolverError, Stop, StoppedInThread
from mdsbench.oracle.oracle import GradientOracle, HessianOracle, Oracle, ResidualOracle
from mdsbench.problems import problem
from mdsbench.problems.textbook import rosenbrock, sphere

X = np.ones(2)


def oracle(**limits: float) -> HessianOracle:
    return HessianOracle(sphere(n=2), X, Limits(**limits))  # type: ignore[arg-type]


def test_values_gradients_and_hessian_vector_products_are_charged_apart() -> None:
    door = oracle()
    for _ in range(3):
        door.value(X)
    for _ in range(2):
        door.gradient(X)
    door.hessian_vector(X, X)
    assert (door.evaluations, door.gradients, door.hessian_vectors, door.terms) == (3, 2, 1, 6)


def test_a_call_on_cities_touches_every_pair_once() -> None:
    door = GradientOracle(problem.find("cities-6"), np.zeros(12), Limits())
    door.value(np.zeros(12))
    door.gradient(np.zeros(12))
    assert door.terms == 2 * 15


def test_a_derivative_free_solver_is_given_no_gradient() -> None:
    assert not hasattr(Oracle, "gradient")
    assert not hasattr(Oracle, "hessian_vector")
    assert not hasattr(GradientOracle, "hessian_vector")
    assert not hasattr(ResidualOracle, "gradient")


def test_the_budget_ends_at_the_exact_call() -> None:
    door = oracle(calls=3)
    door.value(X)
    door.gradient(X)
    door.value(X)
    with pytest.raises(Stop, match="all 3 calls are spent"):
        door.value(X)
    assert door.evaluations + door.gradients == 3


def test_who_swallows_the_end_gets_it_again_and_no_further_call_is_computed() -> None:
    door = oracle(calls=1)
    door.value(X)
    for ask in (door.value, door.gradient, door.iterate, lambda x: door.hessian_vector(x, x)):
        for _ in range(3):
            with pytest.raises(Stop):
                ask(X)
    assert (door.evaluations, door.gradients, door.hessian_vectors, door.iterations) == (1, 0, 0, 0)


def test_an_except_exception_does_not_eat_the_end() -> None:
    assert not issubclass(Stop, Exception)
    assert not issubclass(Stop, StopIteration)


def test_the_target_ends_the_run_at_the_call_that_reaches_it() -> None:
    door = oracle(target=0.5)
    door.value(np.array([0.9, 0.9]))
    with pytest.raises(Stop) as caught:
        door.gradient(np.array([0.5, 0.5]))
    assert caught.value.ending == "target"
    assert door.improvements[-1].loss == pytest.approx(2 / 36)
    assert (door.evaluations, door.gradients) == (1, 1)


def test_iterations_are_bounded_and_the_last_iterate_is_recorded() -> None:
    door = oracle(iterations=2)
    door.iterate(X / 2)
    with pytest.raises(Stop, match="all 2 iterations are spent"):
        door.iterate(X / 3)
    assert np.array_equal(door.path[-1][1], X / 3)


def test_the_time_limit_ends_the_run() -> None:
    door = oracle(seconds=0.0)
    with pytest.raises(Stop) as caught:
        door.value(X)
    assert caught.value.ending == "timeout"


BAD = [np.array([np.nan, 0]), np.array([np.inf, 0])]


@pytest.mark.parametrize("bad", BAD)
def test_a_value_that_is_not_finite_is_an_answer_for_who_compares_values(bad: np.ndarray) -> None:
    door = oracle()
    assert door.value(bad) == np.inf
    assert door.value(X) < np.inf
    assert door.evaluations == 2


@pytest.mark.parametrize("bad", BAD)
def test_a_gradient_where_the_value_is_not_finite_is_divergence(bad: np.ndarray) -> None:
    door = oracle()
    with pytest.raises(Stop) as caught:
        door.gradient(bad)
    assert caught.value.ending == "diverged"


def test_a_gradient_that_is_not_finite_is_divergence_also_where_the_value_is() -> None:
    task = replace(sphere(n=2), value_and_gradient=lambda _: (1.0, np.array([np.inf, 0.0])), ours=False)
    with pytest.raises(Stop, match="the gradient holds something that is not a finite number"):
        GradientOracle(task, X, Limits()).gradient(X)


def test_a_long_gradient_whose_square_overflows_is_a_gradient() -> None:
    task = replace(sphere(n=2), value_and_gradient=lambda _: (1.0, np.array([1e200, 0.0])), ours=False)
    with np.errstate(over="ignore"):
        assert GradientOracle(task, X, Limits()).gradient(X)[0] == 1e200


def test_minus_infinity_is_no_target_and_no_result() -> None:
    door = Oracle(replace(sphere(n=2), value=lambda x: -np.inf if x[0] > 2 else 1.0), X, Limits())
    door.value(X)
    with pytest.raises(Stop) as caught:
        door.value(3 * X)
    assert caught.value.ending == "diverged"
    assert door.best_loss == 1.0


@pytest.mark.parametrize(
    ("limits", "message"), [({"ftol": 1e-3}, "|df|"), ({"xtol": 1e-3}, "|dx|"), ({"gtol": 1e-3}, "|gradient|")]
)
def test_each_stopping_criterion_is_chosen_apart_and_named(limits: dict[str, float], message: str) -> None:
    door, x = oracle(**limits), X
    with pytest.raises(Stop) as caught:
        for _ in range(200):
            x = x - 0.1 * door.gradient(x)
            door.iterate(x)
    assert caught.value.ending == "converged"
    assert caught.value.message.startswith(message)


def test_a_stopping_criterion_waits_until_it_holds() -> None:
    door, x = oracle(xtol=0.05), X  # steps shrink by 0.8 from 0.19: the seventh is the first below 0.05
    with pytest.raises(Stop):
        for _ in range(200):
            x = x - 0.1 * door.gradient(x)
            door.iterate(x)
    lengths = np.sqrt(2) * (2 / 3) * 0.2 * 0.8 ** np.arange(20)
    assert door.iterations == 1 + int(np.argmax(lengths < 0.05))


def test_what_the_referee_looks_at_is_neither_charged_nor_timed() -> None:
    def slow(x: np.ndarray) -> float:
        time.sleep(0.005)
        return float(x @ x)

    door = Oracle(replace(sphere(n=2), value=slow), X, Limits())
    began = time.perf_counter()
    for k in range(20):
        door.iterate(X / (k + 1))
    door.settle()
    assert door.evaluations == door.terms == 0
    assert len(door.path) == 21
    assert door.seconds < 0.05 < time.perf_counter() - began


def test_where_the_solver_asks_next_there_is_no_look_and_the_answer_is_the_iterates_loss() -> None:
    def nobody_asks(_: np.ndarray) -> float:
        raise AssertionError

    task = replace(sphere(n=2), value=nobody_asks, value_and_gradient=lambda x: (float(x @ x), 2 * x))
    door, x = GradientOracle(task, X, Limits(target=0.1)), X
    with pytest.raises(Stop, match="target"):
        for _ in range(10):
            x = x - 0.4 * door.gradient(x)  # shrinks by 5: the losses are 2, 0.08
            door.iterate(x)
    assert door.looks == 0
    assert (door.iterations, door.gradients, door.terms) == (1, 2, 2)
    assert [(moment.loss, moment.gradients) for moment, _ in door.path] == [(2, 0), (pytest.approx(0.08), 1)]
    assert [moment.gradients for moment in door.improvements] == [1, 2]


def test_a_look_makes_no_improvement_reaches_no_target_and_is_no_result() -> None:
    door = oracle(target=0.5, ftol=1e9)
    door.value(2 * X)
    door.iterate(X / 3)  # the lowest value: nobody has asked for it
    door.iterate(X / 2)
    door.value(3 * X)
    assert [moment.loss for moment, _ in door.path] == [sphere(n=2).value(x) for x in (X, X / 3, X / 2)]
    assert (door.looks, door.evaluations, len(door.improvements)) == (3, 2, 1)
    assert door.best_loss == sphere(n=2).value(2 * X)


def test_where_a_pass_is_long_the_referee_makes_one_for_three_of_the_solvers() -> None:
    looks: list[np.ndarray] = []

    def value(x: np.ndarray) -> float:
        looks.append(x)
        return float(x @ x)

    door = GradientOracle(replace(sphere(n=2), value=value, terms=10**6), X, Limits())
    for k in range(30):
        door.gradient(X / (k + 2))  # never where it moves to
        door.iterate(-X / (k + 2))
    door.settle()
    assert len(looks) == 1 + 30 // 3  # the start, then every third, the last among them


def test_what_is_kept_of_a_large_maps_path_is_bounded_and_holds_its_start_and_end() -> None:
    door = GradientOracle(sphere(n=20_000), np.ones(20_000), Limits())
    most = door.path_bytes // (8 * 20_000)
    x = np.ones(20_000)
    for _ in range(3 * most):
        x = x - 1e-3 * door.gradient(x)
        door.iterate(x)
    door.settle()
    kept = [moment.iterations for moment, _ in door.path]
    assert len(kept) <= most + 1
    assert (kept[0], kept[-1]) == (0, 3 * most)
    assert max(np.diff(kept)) <= 16


def test_the_path_keeps_every_iterate_first_and_ever_fewer_later() -> None:
    door = oracle()
    for k in range(5000):
        door.value(X)
        door.iterate(X / (k + 1))
    kept = [moment.iterations for moment, _ in door.path]
    assert kept[: door.every_iterate + 1] == list(range(door.every_iterate + 1))
    assert len(kept) < 1000
    assert max(np.diff(kept)) <= 1 + 5000 // 100


def test_records_are_copies() -> None:
    door, x = oracle(), X.copy()
    x -= 0.5
    door.value(x)
    door.iterate(x)
    x += 100
    assert np.array_equal(door.best_x, [0.5, 0.5])
    assert np.array_equal(door.path[-1][1], [0.5, 0.5])


def test_a_gradient_pass_records_the_loss_that_it_yields() -> None:
    door = oracle()
    door.gradient(np.array([0.5, 0.5]))
    assert door.improvements[-1].loss == pytest.approx(2 / 36)
    assert door.evaluations == 0


def test_the_value_where_the_gradient_was_taken_is_free() -> None:
    door = oracle()
    door.gradient(X / 2)
    assert door.value_here() == sphere(n=2).value(X / 2)
    assert (door.evaluations, door.gradients, door.terms) == (0, 1, 1)


def test_residuals_are_charged_as_a_value_and_their_jacobian_as_a_gradient() -> None:
    door = ResidualOracle(problem.find("cities-6"), np.zeros(12), Limits())
    x = np.arange(12.0) / 12
    residuals = door.residuals(x)
    assert residuals.shape == (15,)
    assert door.best_loss == pytest.approx(problem.find("cities-6").value(x)) == pytest.approx(residuals @ residuals)
    assert door.jacobian(x).shape == (15, 12)
    assert (door.evaluations, door.gradients, door.hessian_vectors, door.terms) == (1, 1, 0, 30)


def test_residuals_of_the_textbook_functions_have_their_jacobian_and_sum() -> None:
    for task in (sphere(n=3), rosenbrock(n=4)):
        assert task.residuals is not None
        assert task.jacobian is not None
        x = np.linspace(-1, 2, task.dimension)
        residuals = task.residuals(x)
        assert residuals @ residuals == pytest.approx(task.value(x))
        assert 2 * task.jacobian(x).T @ residuals == pytest.approx(task.value_and_gradient(x)[1])


@pytest.mark.parametrize("bad", [np.ones(3), np.ones((2, 1)), [1.0, 1.0], None])
def test_a_question_of_the_wrong_shape_says_the_right_one(bad: object) -> None:
    with pytest.raises(SolverError, match=r"takes an array of shape \(2,\)"):
        oracle().value(bad)  # type: ignore[arg-type]


def test_who_moves_and_never_asks_is_stopped() -> None:
    door = oracle()
    with pytest.raises(SolverError, match="without a question"):
        for _ in range(20_000):
            door.iterate(X)


def cities_door(**limits: float) -> GradientOracle:
    return GradientOracle(problem.find("cities-6"), np.linspace(0, 1, 12), Limits(**limits))  # type: ignore[arg-type]


def test_a_guttman_transform_is_charged_as_one_gradient_and_shows_the_loss() -> None:
    door = cities_door()
    door.guttman(np.linspace(0, 1, 12) ** 2)
    assert (door.evaluations, door.gradients, door.terms) == (0, 1, 15)
    assert door.value_here() == door.value(np.linspace(0, 1, 12) ** 2)


def test_a_batch_is_charged_by_the_pairs_that_it_touches_and_the_budget_ends_at_the_exact_pair() -> None:
    door, x = cities_door(calls=1), np.linspace(0, 1, 12)
    for _ in range(3):
        door.batch_gradient(x, np.arange(5))
    assert (door.evaluations, door.gradients, door.terms) == (0, 0, 15)
    with pytest.raises(Stop, match="all 1 calls are spent"):
        door.batch_gradient(x, np.arange(1))


def test_what_a_problem_does_not_have_is_said_in_words() -> None:
    with pytest.raises(UsageError, match="sphere-2 has no Guttman transform"):
        oracle().guttman(X)
    with pytest.raises(UsageError, match="sphere-2 has no terms"):
        oracle().batch_gradient(X, np.arange(1))


def test_the_value_of_the_last_gradient_costs_nothing() -> None:
    door = oracle()
    door.gradient(X / 2)
    assert door.value_here() == pytest.approx(2 / 36)
    assert (door.evaluations, door.gradients) == (0, 1)


def test_a_start_that_nobody_has_asked_for_reaches_no_target() -> None:
    door = HessianOracle(sphere(n=2), X, Limits(target=10.0))
    with pytest.raises(Stop) as caught:
        door.value(X)
    assert caught.value.ending == "target"
    assert door.terms == 1


def test_a_user_function_is_looked_at_only_on_request() -> None:
    users = replace(sphere(n=2), ours=False)
    for look, looks in ((None, 0), (True, 2)):
        door = Oracle(users, X, Limits(), look=look)
        door.iterate(X / 2)
        door.value(3 * X)
        assert door.looks == looks
        assert [np.isnan(moment.loss) for moment, _ in door.path] == [not looks] * 2


def test_a_call_that_raises_is_charged_ends_the_run_and_is_the_last() -> None:
    def fails(x: np.ndarray) -> float:
        raise ValueError("simulator failed")

    door = Oracle(replace(sphere(n=2), value=fails, ours=False), X, Limits())
    for _ in range(3):
        with pytest.raises(Stop, match="ValueError: simulator failed") as caught:
            door.value(X)
    assert caught.value.ending == "error"
    assert door.evaluations == door.terms == 1


def test_an_oracle_cannot_be_sent_to_another_process() -> None:
    with pytest.raises(SolverError, match="cannot be sent to another process"):
        pickle.dumps(oracle())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_call_in_a_forked_process_is_refused() -> None:
    door = oracle()
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()

    def child() -> None:
        try:
            door.value(X)
        except SolverError as error:
            answer.put(str(error))

    process = context.Process(target=child)
    process.start()
    process.join()
    assert "another process" in answer.get()
    assert door.evaluations == 0


@pytest.mark.parametrize("pool", [ThreadPool, ThreadPoolExecutor])
def test_calls_from_threads_are_counted_to_the_last_and_the_end_reaches_the_solver(pool: type) -> None:
    door = oracle(calls=50)
    with pool(4) as workers, pytest.raises(StoppedInThread, match="all 50 calls are spent"):
        list(workers.map(door.value, [X] * 100))
    assert door.evaluations == door.terms == 50
    with pytest.raises(Stop):
        door.value(X)


def test_a_callback_sees_every_iterate_and_may_end_the_run() -> None:
    door, seen = oracle(), []

    def callback(x: np.ndarray, _: float) -> None:
        seen.append(x)
        if len(seen) == 3:
            raise StopIteration

    door.callback = callback
    with pytest.raises(Stop) as caught:
        for k in range(10):
            door.iterate(X / (k + 1))
    assert caught.value.ending == "interrupted"
    assert [x[0] for x in seen] == [1, 1 / 2, 1 / 3]


@pytest.mark.parametrize("x", [np.array([1, 2]), np.array([1, 2], dtype=np.float32), np.ma.array([1.0, 2.0])])
def test_numbers_of_another_type_are_a_position(x: np.ndarray) -> None:
    assert oracle().value(x) == sphere(n=2).value(np.array([1.0, 2.0]))


@pytest.mark.parametrize("x", [np.array([1, 2j]), np.array(["a", "b"]), np.array([None, 1])])
def test_what_is_no_real_numbers_is_no_position(x: np.ndarray) -> None:
    for ask in (oracle().value, oracle().iterate):
        with pytest.raises(SolverError, match="an array of"):
            ask(x)
