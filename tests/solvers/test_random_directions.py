"""Random directions: the papers' formulas as plain loops, and what they cost."""

from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import DirectionalOracle, GradientOracle, Oracle
from mdsbench.problems.problem import Array, Problem, find
from mdsbench.registry.registry import SOLVERS, SOURCES
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

CITIES = find("cities-6")  # L = 24


def start(task: Problem) -> Array:
    return np.random.default_rng(0).uniform(size=task.dimension)


def path(solver: str, oracle: Oracle, x: Array, iterates: int) -> Array:
    return np.array(list(islice(SOLVERS.bind(parse(solver))(oracle, x, np.random.default_rng(3)), iterates)))


def test_the_gradient_free_method_is_the_papers() -> None:
    x, rng, expected = start(CITIES), np.random.default_rng(3), []
    n, h, mu = 12, 1 / (4 * (12 + 4) * 24), 1e-3
    for _ in range(40):
        u = rng.normal(size=n)
        x = x - h * (CITIES.value(x + mu * u) - CITIES.value(x)) / mu * u
        expected.append(x)
    oracle = Oracle(CITIES, start(CITIES), Limits())
    np.testing.assert_allclose(path("random-gradient-free(mu=0.001)", oracle, start(CITIES), 40), expected, rtol=1e-12)
    assert oracle.evaluations == 1 + 2 * 40


def test_random_directions_are_the_papers() -> None:
    x, rng, expected = start(CITIES), np.random.default_rng(3), []
    for _ in range(40):
        u = rng.normal(size=12)
        x = x - (CITIES.value_and_gradient(x)[1] @ u) * u / (4 * 16 * 24)
        expected.append(x)
    oracle = DirectionalOracle(CITIES, start(CITIES), Limits())
    np.testing.assert_allclose(path("random-directions", oracle, start(CITIES), 40), expected, rtol=1e-12)
    assert (oracle.directional_derivatives, oracle.evaluations) == (40, 0)


def test_the_limit_of_no_smoothing_is_the_exact_derivative() -> None:
    x = start(CITIES)
    smoothed = path("random-gradient-free(mu=1e-7)", Oracle(CITIES, x, Limits()), x, 40)
    exact = path("random-directions", DirectionalOracle(CITIES, x, Limits()), x, 40)
    np.testing.assert_allclose(smoothed, exact, rtol=1e-5)


def test_forward_gradients_with_the_papers_step_are_random_directions() -> None:
    x = start(CITIES)
    oracle = DirectionalOracle(CITIES, x, Limits())
    view = SOURCES["forward-gradient"].function(oracle, np.random.default_rng(3))
    descent = np.array(list(islice(SOLVERS.bind(parse(f"gd(step={1 / (64 * 24)!r})"))(view, x, None), 30)))
    expected = path("random-directions", DirectionalOracle(CITIES, x, Limits()), x, 30)
    np.testing.assert_allclose(descent, expected, rtol=1e-12)


def test_the_mean_forward_gradient_is_the_gradient() -> None:
    x = start(CITIES)
    gradient = CITIES.value_and_gradient(x)[1]
    view = SOURCES["forward-gradient"].function(DirectionalOracle(CITIES, x, Limits()), np.random.default_rng(0))
    drawn = np.array([view.gradient(x) for _ in range(4000)])
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - gradient) < 4 * error).all()
    assert view.value_here() == CITIES.value(x)


def test_axes_give_the_gradient_for_n_directional_derivatives() -> None:
    exact, forward = (
        execute(Cell("cities-6", name, "published", Limits(iterations=20))) for name in ("gd", "gd[axes]")
    )
    np.testing.assert_array_equal([x for _, x in exact.path], [x for _, x in forward.path])
    assert forward.spent.directional_derivatives == 12 * exact.spent.gradients
    assert (forward.spent.gradients, forward.spent.evaluations) == (0, 0)
    assert forward.spent.terms == 12 * exact.spent.terms


@pytest.mark.parametrize("solver", ["random-gradient-free", "random-directions"])
@pytest.mark.parametrize("curvature", [1e-3, 1.0, 1e4])
def test_an_unknown_smoothness_is_found_within_a_factor_of_two(solver: str, curvature: float) -> None:
    quadratic = replace(
        find("sphere-10"),
        smoothness=None,
        value=lambda x: curvature * float(x @ x) / 2,
        value_and_gradient=lambda x: (curvature * float(x @ x) / 2, curvature * x),
    )
    kind = {"random-gradient-free": Oracle, "random-directions": DirectionalOracle}[solver]
    oracle = kind(quadratic, np.ones(10), Limits())
    first = quadratic.value(np.ones(10))
    path(solver, oracle, np.ones(10), 400)
    assert oracle.best_loss < 1e-3 * first
    assert any("no L is known" in remark for remark in oracle.remarks)


def test_a_step_that_shows_a_larger_smoothness_is_taken_again() -> None:
    run = execute(Cell("rosenbrock-2", "random-directions", "published", Limits(calls=3000)))
    losses = [moment.loss for moment, _ in run.path]
    assert run.final_loss < 0.1
    assert run.spent.iterations == run.spent.directional_derivatives
    assert sum(after > before for before, after in pairwise(losses)) < 40


def test_widths_that_make_no_sense_are_refused() -> None:
    for mu in ("-1", "1e999"):
        with pytest.raises(UsageError, match="random-gradient-free"):
            execute(Cell("cities-6", f"random-gradient-free(mu={mu})", "published", Limits(calls=10)))


def test_noise_widens_the_smoothing() -> None:
    noisy = execute(Cell("cities-6(noise=0.001)", "random-gradient-free", "published", Limits(calls=4000)))
    narrow = execute(Cell("cities-6(noise=0.001)", "random-gradient-free(mu=1e-8)", "published", Limits(calls=4000)))
    assert noisy.final_loss < 0.5 * narrow.final_loss


def test_a_gradient_solver_runs_on_directional_derivatives_alone() -> None:
    run = execute(Cell("rosenbrock-5", "l-bfgs[axes]", "published", Limits(calls=2000)))
    assert run.final_loss < 1e-12
    assert run.spent.calls == run.spent.directional_derivatives


def test_the_ladder_has_each_lower_rung_in_the_next() -> None:
    assert issubclass(GradientOracle, DirectionalOracle)
    assert issubclass(DirectionalOracle, Oracle)
