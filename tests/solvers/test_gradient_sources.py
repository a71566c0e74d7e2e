"""Gradient sources: what each gives, what it charges, and to whom it may be given."""

import importlib.util
import os
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import GradientOracle, Oracle
from mdsbench.problems import problem
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.registry import SOURCES, STEPS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute, execute_on
from mdsbench.testing import CHECKS

X6 = np.random.default_rng(6).uniform(size=12)
PROBLEMS = {"cities-6": X6, "rosenbrock-4": np.array([0.3, -0.5, 1.1, 0.2]), "sphere-2": np.array([1.0, -1.0])}


def view(text: str, name: str = "cities-6", seed: int = 0) -> tuple[Any, Any]:
    """A source of a problem's gradient, and the oracle underneath."""
    spec = parse(text)
    kind = {"value": Oracle, "gradient": GradientOracle}[SOURCES.find(spec.name).uses]
    oracle = kind(problem.find(name), PROBLEMS[name], Limits())
    return SOURCES.bind(spec)(oracle, np.random.default_rng(seed)), oracle


def gradient(name: str) -> Array:
    """The problem's own."""
    return problem.find(name).value_and_gradient(PROBLEMS[name])[1]


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("source", "rtol"), [("forward-difference", 1e-5), ("central-difference", 1e-8)])
def test_differences_are_the_gradient(name: str, source: str, rtol: float) -> None:
    expected = gradient(name)
    found = view(source, name)[0].gradient(PROBLEMS[name])
    assert_allclose(found, expected, atol=rtol * np.abs(expected).max())


def test_central_differences_are_exact_on_a_quadratic_at_any_width() -> None:
    assert_allclose(view("central-difference(h=0.5)", "sphere-2")[0].gradient(X6[:2]), 2 * (X6[:2] - 1 / 3))


@pytest.mark.parametrize(
    ("source", "evaluations", "gradients", "pairs"),
    [
        ("exact", 0, 1, 15),
        ("forward-difference", 13, 0, 13 * 15),
        ("central-difference", 24, 0, 24 * 15),
        ("spsa", 2, 0, 30),
        ("spsa(averaged=4)", 8, 0, 120),
        ("mini-batch", 1, 0, 15 + 6),
        ("mini-batch(pairs=1)", 1, 0, 15 + 1),
        ("mini-batch(pairs=15)", 1, 0, 15 + 15),
    ],
)
def test_every_probe_is_charged(source: str, evaluations: int, gradients: int, pairs: int) -> None:
    made, oracle = view(source)
    made.gradient(X6)
    assert (oracle.evaluations, oracle.gradients, oracle.terms) == (evaluations, gradients, pairs)


@pytest.mark.parametrize(
    ("source", "price"),
    [("exact", 0), ("forward-difference", 0), ("central-difference", 1), ("spsa", 1), ("mini-batch", 0)],
)
def test_the_value_where_the_gradient_was_taken_costs_what_the_source_has_not_learned(source: str, price: int) -> None:
    made, oracle = view(source)
    made.gradient(X6)
    before = oracle.evaluations
    assert made.value_here() == problem.find("cities-6").value(X6)
    assert oracle.evaluations - before == price


def rescaled(scale: Array) -> Problem:
    """The sum of (x / scale - 1)^2."""
    return Problem(
        name="rescaled",
        dimension=len(scale),
        value=lambda x: float(((x / scale - 1) ** 2).sum()),
        value_and_gradient=lambda x: (float(((x / scale - 1) ** 2).sum()), 2 * (x / scale - 1) / scale),
        best_known=0.0,
        provenance="by construction",
    )


def source_of(text: str, task: Problem, x: Array) -> tuple[Any, Oracle]:
    oracle = Oracle(task, x, Limits())
    return SOURCES.bind(parse(text))(oracle, np.random.default_rng(0)), oracle


@pytest.mark.parametrize("source", ["forward-difference", "central-difference"])
@pytest.mark.parametrize(
    ("scale", "x", "rtol"),
    [
        ([1e8, 1e8], [2e8, 3e8], 1e-7),
        ([1e-8, 1e-8], [2e-8, 3e-8], 1e-7),
        ([1e8, 1e-8], [2e8, 3e-8], 1e-7),  # each in its own unit
        ([1e8, 1e8], [0.0, 3e8], 1e-7),  # 0 has no size of its own
        ([1.0, 1.0], [1e-17, 0.3], 1e-7),  # a rounding error of 0
        ([1.0, 1.0], [0.0, 0.0], 1e-7),
        ([1e8, 1e8], [0.0, 0.0], 2e-3),
    ],
)
def test_the_steps_of_differences_follow_the_size_of_each_variable(
    source: str, scale: list[float], x: list[float], rtol: float
) -> None:
    task = rescaled(np.array(scale))
    made, _ = source_of(source, task, np.array(x))
    assert_allclose(made.gradient(np.array(x)), task.value_and_gradient(np.array(x))[1], rtol=rtol)


def test_a_guessed_size_is_tried_at_the_first_gradient_only() -> None:
    x = np.array([1e-17, 0.3])
    made, oracle = source_of("forward-difference", rescaled(np.ones(2)), x)
    made.gradient(x)
    assert oracle.evaluations == 3 + 2
    made.gradient(x)
    assert oracle.evaluations == 3 + 2 + 3


@pytest.mark.parametrize("source", ["forward-difference", "central-difference", "spsa"])
def test_differences_keep_to_the_bounds(source: str) -> None:
    low, high = np.array([0.0, -1.0, 0.5]), np.array([1.0, 0.25, 0.5])
    asked: list[Array] = []

    def value(x: Array) -> float:
        asked.append(x.copy())
        return float(x @ x)

    x = np.array([1.0, -1.0, 0.5])  # two at their bounds, one fixed
    task = replace(rescaled(np.ones(3)), value=value, bounds=(low, high))
    made, _ = source_of(source, task, x)
    gradient = made.gradient(x)
    assert all((low <= there).all() and (there <= high).all() for there in asked)
    assert gradient[2] == 0
    if source != "spsa":
        assert_allclose(gradient[:2], [2, -2], rtol=1e-4)


@pytest.mark.parametrize("source", ["forward-difference", "central-difference"])
@pytest.mark.parametrize("name", ["cities-6(noise=0.001)", "cities-6(quantum=0.001)"])
def test_steps_are_longer_where_values_are_known_to_be_noisy(source: str, name: str) -> None:
    task = problem.find(name)

    def error(text: str) -> float:
        return float(np.linalg.norm(source_of(text, task, X6)[0].gradient(X6) - gradient("cities-6")))

    assert error(source) < 0.5 * np.linalg.norm(gradient("cities-6"))
    assert 5 * error(source) < error(f"{source}(h=1e-8)")


def test_a_difference_that_is_not_finite_ends_the_run_as_diverged() -> None:
    task = replace(rescaled(np.ones(2)), value=lambda x: np.inf if x[0] > 0.5 else float(x @ x))
    cell = Cell("rescaled", "gd[forward-difference](step=0.1)", "given", Limits(calls=99))
    run = execute_on(task, np.array([0.5, 0.5]), cell, 0)
    assert (run.ending, run.spent.evaluations) == ("diverged", 3)
    assert "not finite" in run.message


def test_a_mini_batch_run_has_a_result_because_the_whole_is_evaluated_now_and_then() -> None:
    run = execute(Cell("cities-6", "gd[mini-batch(check_every=5)](step=power)", "published", Limits(calls=100)))
    assert [moment.terms for moment in run.improvements[:2]] == [
        15,
        15 + 13 * 6 + 15,
    ]  # 13 batches of 6 pairs: more than 5 passes
    assert run.spent.evaluations == pytest.approx(100 / 6, abs=2)
    assert run.final_loss < 0.5 * run.start_loss


@pytest.mark.slow
def test_spsa_is_the_gradient_on_average() -> None:
    for name in ("sphere-2", "cities-6"):
        draws = np.array([view("spsa", name, seed)[0].gradient(PROBLEMS[name]) for seed in range(3000)])
        standard_error = draws.std(axis=0) / np.sqrt(len(draws))
        assert np.all(np.abs(draws.mean(axis=0) - gradient(name)) < 4 * standard_error + 1e-9)


def test_spsa_narrows_as_spall_says() -> None:
    made, oracle = view("spsa(c=0.1, gamma=0.5)", "sphere-2")
    asked: list[Array] = []
    value = oracle.value

    def listen(x: Array) -> float:
        asked.append(x.copy())
        return float(value(x))

    oracle.value = listen
    for _ in range(4):
        made.gradient(X6[:2])
    widths = [np.abs(x - X6[:2]).max() for x in asked[::2]]
    assert_allclose(widths, 0.1 / np.sqrt([1, 2, 3, 4]))


def test_a_mini_batch_of_all_pairs_is_the_gradient_and_smaller_ones_are_on_average() -> None:
    assert_allclose(view("mini-batch(pairs=15)")[0].gradient(X6), gradient("cities-6"), atol=1e-12)
    made, _ = view("mini-batch(pairs=4)")
    draws = np.array([made.gradient(X6) for _ in range(3000)])
    standard_error = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.all(np.abs(draws.mean(axis=0) - gradient("cities-6")) < 4 * standard_error)


@given(st.integers(0, 10**6))
def test_a_mini_batch_sees_the_pairs_that_it_draws_and_no_others(seed: int) -> None:
    found = view("mini-batch(pairs=1)", seed=seed)[0].gradient(X6).reshape(-1, 2)
    assert np.count_nonzero(np.any(found != 0, axis=1)) == 2
    assert_allclose(found.sum(axis=0), 0, atol=1e-12)


def need_torch() -> None:
    """Skip where torch is not installed, but for CI, which installs it."""
    if importlib.util.find_spec("torch") is None:
        assert not os.environ.get("CI"), "torch is missing: make test-slow installs it"
        pytest.skip("torch is not installed: make test-slow installs it")


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_automatic_differentiation_is_the_gradient_for_the_price_of_one(name: str) -> None:
    need_torch()
    made, oracle = view("autodiff", name)
    assert_allclose(made.gradient(PROBLEMS[name]), gradient(name), rtol=1e-12, atol=1e-13)
    assert made.value_here() == pytest.approx(problem.find(name).value(PROBLEMS[name]), rel=1e-14)
    assert (oracle.evaluations, oracle.gradients) == (0, 1)


@pytest.mark.slow
def test_automatic_differentiation_treats_coincident_points_as_the_formula_does() -> None:
    need_torch()
    made, _ = view("autodiff")
    together = X6.copy()
    together[2:4] = together[0:2]
    assert_allclose(made.gradient(together), problem.find("cities-6").value_and_gradient(together)[1], atol=1e-12)


def test_without_torch_automatic_differentiation_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match="python -m pip install torch"):
        execute(Cell("cities-6", "gd[autodiff]", "published", Limits(calls=9)))


@pytest.mark.parametrize("promise", [words for words in CHECKS if "six cities" not in words and "bowl" not in words])
@pytest.mark.parametrize("source", [pytest.param(s, marks=pytest.mark.slow) if s == "autodiff" else s for s in SOURCES])
def test_a_solver_keeps_its_promises_with_every_source(source: str, promise: str) -> None:
    if source == "autodiff":
        need_torch()
    CHECKS[promise](f"adam[{source}]")


@pytest.mark.parametrize(
    "solver",
    [
        "gd[forward-difference]",
        "gd[central-difference]",
        "gd[central-difference](step=armijo)",
        "gd[spsa](step=1/L(times=0.05))",
        "gd[mini-batch](step=power)",
        "adam[spsa]",
    ],
)
def test_every_source_leads_six_cities_to_their_places(solver: str) -> None:
    CHECKS["places six cities to a gap of 1e-6 within 2,000 calls a variable"](solver)


@pytest.mark.parametrize("solver", ["adam[spsa]", "adam[mini-batch]"])
def test_a_run_is_the_beginning_of_one_with_wider_limits(solver: str) -> None:
    short, long = (execute(Cell("cities-6", solver, "published", Limits(calls=calls))) for calls in (20, 40))
    assert [moment.loss for moment, _ in short.path] == [moment.loss for moment, _ in long.path][: len(short.path)]


def test_a_source_that_uses_values_runs_on_an_oracle_without_gradient() -> None:
    made, oracle = view("central-difference")
    assert not hasattr(oracle, "gradient")
    assert hasattr(made, "gradient")
    run = execute(Cell("cities-6", "adam[central-difference]", "published", Limits(calls=240)))
    assert (run.spent.evaluations, run.spent.gradients, run.spent.iterations) == (240, 0, 10)


def test_the_exact_source_is_what_a_solver_gets_that_names_none() -> None:
    named, unnamed = (execute(Cell("cities-6", s, "published", Limits(calls=50))) for s in ("gd[exact]", "gd"))
    assert np.array_equal(named.final_x, unnamed.final_x)


@pytest.mark.parametrize(
    ("solver", "problem_name", "message"),
    [
        ("nelder-mead[spsa]", "cities-6", "nelder-mead uses no gradient"),
        ("gd[sspa]", "cities-6", "did you mean 'spsa'"),
        ("gd[spsa(b=1)]", "cities-6", "spsa has no option 'b'"),
        ("gd[mini-batch]", "sphere-2", "sphere-2 has no terms"),
        ("gd[forward-difference(h=-1)]", "cities-6", "h=-1: it is a positive number"),
        ("gd[mini-batch(check_every=0)]", "cities-6", "it is a positive number of passes"),
        ("gd[mini-batch(pairs=16)]", "cities-6", "there are 15 terms to draw from"),
        ("smacof[central-difference]", "cities-6", "takes no gradient source"),
    ],
)
def test_what_does_not_go_together_is_said_in_words(solver: str, problem_name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        execute(Cell(problem_name, solver, "published", Limits(calls=50)))


@pytest.mark.parametrize(
    ("solver", "registry", "name"),
    [
        ("gd[spsa]", SOURCES, "spsa"),
        ("gd(step=armijo)", STEPS, "armijo"),
        ("gd(step=armijo(c=0.5))", STEPS, "armijo"),
        ("gd(step=normalised(step=1/k))", STEPS, "1/k"),
    ],
)
def test_a_new_version_of_a_source_or_step_rule_makes_a_new_cell(
    monkeypatch: pytest.MonkeyPatch, solver: str, registry: Any, name: str
) -> None:
    cell = Cell("cities-6", solver, "published", Limits(calls=9))
    before = cell.key
    monkeypatch.setitem(registry, name, replace(registry[name], version=99))
    assert cell.key != before
    assert Cell("cities-6", "gd", "published", Limits(calls=9)).key != before


def test_every_source_says_what_it_is_and_where_it_comes_from() -> None:
    for source in SOURCES.values():
        assert source.summary
        assert source.reference
