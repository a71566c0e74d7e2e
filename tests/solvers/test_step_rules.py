"""Step rules: each does what its equation says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from mdsbench import minimize
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, SolverError
from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems import problem
from mdsbench.problems.problem import Array, Problem
from mdsbench.problems.textbook import rosenbrock, sphere
from mdsbench.registry.registry import STEPS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute, execute_on
from mdsbench.solvers import step_rules
from mdsbench.testing import CHECKS

A = np.diag([1.0, 4.0, 10.0])
X = np.array([1.0, -2.0, 0.5])


def quadratic() -> Problem:
    """Half of x A x, lowest at 0."""
    return Problem(
        name="quadratic",
        dimension=3,
        value=lambda x: float(x @ A @ x) / 2,
        value_and_gradient=lambda x: (float(x @ A @ x) / 2, A @ x),
        smoothness=10.0,
        best_known=0.0,
        provenance="by construction",
    )


def descend(
    step: step_rules.Step, iterations: int, task: Problem | None = None, x: Array = X
) -> tuple[Array, GradientOracle]:
    """Gradient descent with that step, and the oracle that it asked."""
    oracle = GradientOracle(task or quadratic(), x, Limits())
    length = step_rules.bind(step, oracle)
    for k in range(iterations):
        g = oracle.gradient(x)
        x = x + length(k, x, g, -g) * -g
    return x, oracle


def first(step: step_rules.Step, task: Problem | None = None, x: Array = X) -> float:
    """The rule's first step along the antigradient."""
    oracle = GradientOracle(task or quadratic(), x, Limits())
    length = step_rules.bind(step, oracle)
    g = oracle.gradient(x)
    return length(0, x, g, -g)


def lengths(step: step_rules.Step, iterations: int) -> list[float]:
    """What a schedule says."""
    rule = step_rules.bind(step, GradientOracle(quadratic(), X, Limits()))
    return [rule(k, X, A @ X, -A @ X) for k in range(iterations)]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0.3, [0.3, 0.3, 0.3]),
        (2, [2, 2, 2]),
        ("constant(c=0.3)", [0.3, 0.3, 0.3]),
        ("constant", [0.1, 0.1, 0.1]),
        ("1/L", [0.1, 0.1, 0.1]),
        ("1/L(times=1.5)", [0.15, 0.15, 0.15]),
        ("1/k(c=6)", [6, 3, 2]),
        ("1/k", [0.1, 0.05, 0.1 / 3]),
        ("power(scale=8, s0=1, p=2)", [8, 2, 8 / 9]),
        ("power(s0=1, p=0.5)", [0.1, 0.1 / 2**0.5, 0.1 / 3**0.5]),
    ],
)
def test_schedules(step: step_rules.Step, expected: list[float]) -> None:
    assert_allclose(lengths(step, 3), expected, rtol=1e-15)


def test_a_normalised_step_is_as_long_as_it_says() -> None:
    assert first("normalised(step=0.25)") * np.linalg.norm(A @ X) == pytest.approx(0.25)
    moved, _ = descend("normalised(step=1/k(c=0.3))", 1)
    assert np.linalg.norm(moved - X) == pytest.approx(0.3)


def test_polyaks_step_halves_the_way_on_a_round_bowl_and_twice_it_is_the_whole_way() -> None:
    bowl, x = sphere(n=2), np.array([3.0, -1.0])
    assert_allclose(descend("polyak", 1, bowl, x)[0] - 1 / 3, (x - 1 / 3) / 2)
    assert_allclose(descend("polyak(times=2)", 1, bowl, x)[0], 1 / 3)


def test_polyaks_step_asks_for_no_value_besides_the_gradient() -> None:
    _, oracle = descend("polyak", 5)
    assert (oracle.evaluations, oracle.gradients) == (0, 5)


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.sampled_from([1e-4, 0.1, 0.5]))
def test_armijos_step_keeps_his_inequality_and_is_the_first_to_do_so(point: list[float], c: float) -> None:
    task, x = rosenbrock(n=4), np.array(point)
    loss, g = task.value_and_gradient(x)
    t = first(f"armijo(c={c}, first=1.0)", task, x)

    def holds(t: float) -> bool:
        return task.value(x - t * g) <= loss - c * t * float(g @ g)

    if g.any():
        assert holds(t)
        assert t == 1.0 or not holds(2 * t)


def test_armijo_pays_for_every_trial_and_may_grow_again() -> None:
    task = quadratic()
    oracle = GradientOracle(task, X, Limits())
    length = step_rules.bind("armijo(first=1)", oracle)
    g = oracle.gradient(X)
    t = length(0, X, g, -g)
    trials = 1 + round(np.log2(1 / t))
    assert oracle.evaluations == trials > 1
    flat = np.array([1.0, 0.0, 0.0])
    g = oracle.gradient(flat)
    assert length(1, flat, g, -g) == 2 * t


def test_armijo_stays_where_the_direction_does_not_go_down() -> None:
    oracle = GradientOracle(quadratic(), X, Limits())
    length = step_rules.bind("armijo", oracle)
    g = oracle.gradient(X)
    assert length(0, X, g, g) == 0
    assert oracle.evaluations == 0


def test_exact_line_search_reaches_the_minimum_along_the_line() -> None:
    g = A @ X
    assert first("exact") == pytest.approx(g @ g / (g @ A @ g), rel=1e-6)
    moved, oracle = descend("exact", 1)
    assert abs((A @ moved) @ g) < 1e-5 * (g @ g)  # the next gradient is orthogonal to this one
    assert 3 <= oracle.evaluations <= 30


def test_exact_line_search_zigzags_at_the_known_rate() -> None:
    """From (cond, 1) on diag(1, cond), steepest descent loses ((cond - 1) / (cond + 1))^2 of the loss, no more."""
    task = oval_bowl(9.0)
    x = np.array([9.0, 1.0])
    for _ in range(4):
        before = task.value(x)
        x, _ = descend("exact(tol=1e-8)", 1, task, x)
        assert task.value(x) / before == pytest.approx(0.64, rel=1e-6)


def oval_bowl(condition: float) -> Problem:
    """(x^2 + condition y^2) / 2."""
    scale = np.array([1.0, condition])
    return Problem(
        name="bowl",
        dimension=2,
        value=lambda x: float(scale @ x**2) / 2,
        value_and_gradient=lambda x: (float(scale @ x**2) / 2, scale * x),
        smoothness=condition,
        best_known=0.0,
        provenance="by construction",
    )


def test_where_a_line_search_can_tell_no_difference_it_stays() -> None:
    flat = Problem(
        name="flat",
        dimension=3,
        value=lambda _: 0.0,
        value_and_gradient=lambda _: (-1.0, np.ones(3)),  # as noise may have it
        best_known=0.0,
        provenance="by construction",
    )
    assert first("exact(first=1)", flat) == 0
    assert first("armijo", flat) < 1e-15
    assert first("exact", quadratic(), np.zeros(3)) == 0
    assert first("polyak", quadratic(), np.zeros(3)) == 0
    assert first("normalised", quadratic(), np.zeros(3)) == 0


@pytest.mark.parametrize("variant", [1, 2])
def test_barzilai_borwein_is_the_inverse_curvature_of_the_last_move(variant: int) -> None:
    oracle = GradientOracle(quadratic(), X, Limits())
    length = step_rules.bind(f"barzilai-borwein(variant={variant})", oracle)
    g = A @ X
    assert length(0, X, g, -g) == 0.1
    y = X - 0.1 * g
    s, z = y - X, A @ (y - X)
    assert length(1, y, A @ y, -A @ y) == pytest.approx([s @ s / (s @ z), s @ z / (z @ z)][variant - 1])


@pytest.mark.parametrize("variant", [1, 2])
def test_barzilai_borwein_finds_the_bottom_of_a_quadratic(variant: int) -> None:
    moved, oracle = descend(f"barzilai-borwein(variant={variant})", 40)
    assert np.abs(moved).max() < 1e-8
    assert oracle.evaluations == 0


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("1/M", "no step rule '1/M'"),
        ("armijo(d=1)", "armijo has no option 'd'"),
        ("normalised(step=wolfe)", "no step rule 'wolfe'"),
        ("barzilai-borwein(variant=3)", "the variants are 1 and 2"),
        ("armijo[spsa]", "give the solver one"),
        (True, "not true or false"),
        (-1.0, "a step is a positive number, not -1.0"),
        (0, "a step is a positive number, not 0"),
        (float("nan"), "a step is a positive number, not nan"),
        ("armijo(first=inf)", "a step is a positive number, not inf"),
    ],
)
def test_a_step_that_makes_no_sense_is_said_in_words(step: step_rules.Step, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("[", r"\[")):
        first(step)


def test_without_l_a_search_begins_at_one() -> None:
    task, x = rosenbrock(n=2), np.zeros(2)
    assert 0 < first("armijo", task, x) <= 1
    assert first("exact", task, x) > 0


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_without_l_the_step_1_over_l_is_found_in_any_unit(scale: float) -> None:
    task = replace(quadratic(), value=lambda x: float(x @ A @ x) / 2 / scale**2, smoothness=None)
    task = replace(task, value_and_gradient=lambda x: (task.value(x), A @ x / scale**2))
    for step in ("1/L", "constant", "1/k", "power", "barzilai-borwein"):
        length = first(step, task, X * scale)
        assert 0.1 / 2 <= length / scale**2 <= 1.0 / 0.9  # the curvatures are from 1 to 10


@pytest.mark.parametrize(
    "solver", ["gd", "momentum", "nesterov", "gd(step=1/k)", "gd(step=power)", "gd[central-difference]"]
)
def test_without_l_gradient_methods_descend_and_the_run_says_how(solver: str) -> None:
    run = execute_on(
        rosenbrock(n=2), np.array([-1.2, 1.0]), Cell("rosenbrock-2", solver, "given", Limits(calls=2000)), 0
    )
    assert run.ending == "budget"
    assert run.final_loss < 0.2 * run.start_loss
    assert "the step 1/L was found by backtracking" in run.message


def test_without_l_a_random_source_needs_a_number() -> None:
    with pytest.raises(UsageError, match="give a number"):
        execute(Cell("rosenbrock-2", "gd[spsa]", "zeros", Limits(calls=9)))


def test_gradient_descent_gives_up_where_the_gradient_is_wrong_and_no_l_is_known() -> None:
    task = replace(quadratic(), smoothness=None, value_and_gradient=lambda x: (float(x @ A @ x) / 2, -A @ x))
    run = execute_on(task, X.copy(), Cell("quadratic", "gd", "given", Limits(calls=1000)), 0)
    assert (run.ending, run.calls < 100) == ("gave-up", True)
    assert "the gradient is wrong" in run.message


def test_a_step_may_be_a_function_of_ones_own() -> None:
    assert first(lambda *_: 0.25) == 0.25
    assert lengths(lambda k, *_: 1 / (k + 1), 2) == [1, 0.5]
    with pytest.raises(SolverError, match="it returns a number"):
        first(lambda *_: None)  # type: ignore[arg-type]
    found = minimize(
        "gd", lambda x: float(x @ x), [1.0], jac=lambda x: 2 * x, budget=9, options={"step": lambda *_: 0.5}
    )
    assert found.fun == 0


@pytest.mark.parametrize("promise", CHECKS)
@pytest.mark.parametrize("rule", sorted(set(STEPS) - {"1/k"}))  # from 1/L, 1/k stops short of six cities
def test_gradient_descent_keeps_every_promise_with_every_step_rule(rule: str, promise: str) -> None:
    CHECKS[promise](f"gd(step={rule})")


@pytest.mark.parametrize("solver", ["momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam"])
@pytest.mark.parametrize("rule", [*STEPS, "power(scale=0.01)", "normalised(step=0.01)"])
def test_every_solver_with_a_step_takes_every_rule(solver: str, rule: str) -> None:
    run = execute(Cell("cities-6", f"{solver}(step={rule})", "published", Limits(calls=60)))
    assert run.ending in ("budget", "diverged"), run.message


def test_every_rule_says_what_it_is_and_where_it_comes_from() -> None:
    for rule in STEPS.values():
        assert rule.summary.endswith(".")
        assert rule.reference


def test_problem_find_is_what_the_rules_get_their_curvature_from() -> None:
    task = problem.find("cities-6")
    assert first("1/L", task, np.linspace(0, 1, 12)) == 1 / 24
