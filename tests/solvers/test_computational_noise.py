"""Differences for noisy functions: the noise that is put in is found, and the steps are near the best."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems.problem import Array, Problem, find
from mdsbench.registry.registry import SOURCES
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.solvers import computational_noise
from mdsbench.solvers.computational_noise import Verdict, best_step, curvature_of, ecnoise, noise_of

# Moré & Wild 2011, table 3.1: cos t + sin t with uniform noise of standard deviation 1e-3, at t = 0, 0.01, ..., 0.06.
FIRST_DIFFERENCES = [7.54e-3, 9.69e-3, 1.20e-2, 8.67e-3, 8.38e-3, 9.52e-3]
LEVELS = [6.65e-3, 8.69e-4, 7.39e-4, 7.34e-4, 7.97e-4, 8.20e-4]


def noisy(f: Callable[[float], float], deviation: float, seed: int) -> Callable[[float], float]:
    rng = np.random.default_rng(seed)
    return lambda t: f(t) + deviation * float(rng.standard_normal())


def test_the_published_table_of_differences_has_the_published_levels_and_noise() -> None:
    values = 1.003 + np.concatenate([[0.0], np.cumsum(FIRST_DIFFERENCES)])
    found = ecnoise(values)
    assert_allclose(found.levels[:5], LEVELS[:5], rtol=0.02)  # the printed differences have three digits
    assert_allclose(found.levels[5], LEVELS[5], rtol=0.03)
    assert found.verdict == Verdict.FOUND
    assert found.noise == found.levels[1]  # the first order whose differences change sign: 8.7e-4 for 1e-3


def test_levels_by_hand() -> None:
    found = ecnoise(np.array([0.0, 1.0, 0.0, 1.0]))
    assert_allclose(found.levels, [(1 / 2) ** 0.5, (4 / 6) ** 0.5, (16 / 20) ** 0.5])
    assert found.noise == found.levels[0]


def test_the_levels_of_noise_alone_are_its_standard_deviation_on_average() -> None:
    tables = np.random.default_rng(0).uniform(-1, 1, size=(1500, 7))
    squares = np.mean([ecnoise(table).levels ** 2 for table in tables], axis=0)
    assert_allclose(squares, 1 / 3, rtol=0.1)


def test_a_table_says_which_way_its_spacing_is_wrong() -> None:
    assert ecnoise(np.ones(7)).verdict == Verdict.SHORT
    assert ecnoise(np.array([1.0, 1, 1, 1, 1, 2, 2])).verdict == Verdict.SHORT
    assert ecnoise(np.exp(np.arange(7.0))).verdict == Verdict.LONG


@pytest.mark.parametrize("deviation", [1e-10, 1e-6, 1e-3, 0.1, 10.0])
def test_the_noise_that_was_put_in_is_found_within_a_factor_of_four(deviation: float) -> None:
    ratios = []
    for seed in range(60):
        f = noisy(lambda t: 3 * np.exp(t) + 5, deviation, seed)
        ratios.append(noise_of(f, f(0.0)) / deviation)
    assert np.mean((np.array(ratios) > 0.25) & (np.array(ratios) < 4)) >= 0.95
    assert np.median(ratios) == pytest.approx(1, abs=0.3)


def test_the_noise_of_a_smooth_function_is_its_rounding() -> None:
    def f(t: float) -> float:
        return 3 * float(np.exp(t)) + 5

    assert 8 * 2.2e-16 <= noise_of(f, f(0.0)) < 1e-14
    assert noise_of(lambda _: 4.0, 4.0) == pytest.approx(4 * 2.22e-16, rel=0.01)
    assert noise_of(lambda _: 0.0, 0.0) == 0.0


def test_rounded_values_are_found_with_a_longer_spacing() -> None:
    ratios = []
    for slope in np.random.default_rng(0).uniform(1, 10, size=20):

        def f(t: float, slope: float = slope) -> float:
            return 0.01 * round((5 + slope * t + t**2) / 0.01)

        ratios.append(noise_of(f, f(0.0)) / (0.01 / 12**0.5))
    assert np.mean((np.array(ratios) > 0.25) & (np.array(ratios) < 4)) >= 0.9


@pytest.mark.parametrize("deviation", [0.0, 1e-8, 1e-4, 1e-2])
def test_the_curvature_is_found_within_a_factor_of_two(deviation: float) -> None:
    for seed in range(40):
        f = noisy(lambda t: 2 + t + 25 * t**2, deviation, seed)
        assert 25 < curvature_of(f, f(0.0), max(deviation, 1e-15)) < 100


def test_a_line_has_no_curvature_and_the_longest_step() -> None:
    assert curvature_of(lambda t: 4 + 8 * t, 4.0, 2.0**-40) == 0.0
    assert best_step(1e-3, 0.0) == 1.0
    assert best_step(0.01, 4.0) == pytest.approx(8**0.25 * 0.05)
    assert best_step(100.0, 1.0) == 1.0


def test_where_value_and_noise_are_0_there_is_no_curvature() -> None:
    assert curvature_of(lambda _: 0.0, 0.0, 0.0) == 0.0
    gradient, _ = source("noise-aware-difference", replace(find("sphere-2"), value=lambda _: 0.0), np.ones(2))
    assert gradient.tolist() == [0, 0]


@pytest.mark.parametrize("room", [(0.0, np.inf), (np.inf, 0.0), (0.01, 0.02), (0.0, 1e-3), (1e-3, 1e-3)])
def test_the_curvature_at_a_bound_is_that_inside(room: tuple[float, float]) -> None:
    """A steep line with a curvature of 50: a difference whose points are clipped at the bound would find the slope."""
    asked: list[float] = []

    def f(t: float) -> float:
        asked.append(t)
        return 2 + 30 * t + 25 * t**2

    assert curvature_of(f, 2.0, 1e-12, room) == pytest.approx(50, rel=1e-3)
    assert -room[0] <= min(asked)
    assert max(asked) <= room[1]


def test_there_is_no_curvature_without_room() -> None:
    assert curvature_of(lambda t: 2 + t**2, 2.0, 1e-12, (0.0, 0.0)) == 0.0


def source(text: str, task: Problem, x: Array, seed: int = 0) -> tuple[Array, Oracle]:
    """The gradient at x, and the oracle that was asked."""
    oracle = Oracle(task, x, Limits(), np.random.default_rng([seed, 1]))
    view = SOURCES.bind(parse(text))(oracle, np.random.default_rng(seed))
    return view.gradient(x), oracle


@pytest.mark.parametrize("noise", [1e-6, 1e-3, 1e-1])
def test_the_error_of_the_gradient_is_near_that_of_the_best_step(noise: float) -> None:
    x = np.random.default_rng(3).uniform(0.5, 1.5, size=6)
    task, truth = find(f"sphere-6(noise={noise})"), 2 * (x - 1 / 3)
    best = 8**0.25 * (noise / 2) ** 0.5  # |f''| is 2
    errors = {
        text: np.mean([np.square(source(text, task, x, seed)[0] - truth).sum() for seed in range(30)]) ** 0.5
        for text in ("noise-aware-difference", "forward-difference(h=1.5e-8)")
    }
    rng = np.random.default_rng(9)
    optimal = np.hypot(best, np.std(rng.standard_normal(4000)) * noise * 2**0.5 / best) * 6**0.5
    assert errors["noise-aware-difference"] < 2 * optimal
    assert errors["forward-difference(h=1.5e-8)"] > 10 * optimal


def test_every_evaluation_is_charged_and_the_estimates_are_renewed() -> None:
    oracle = Oracle(find("sphere-6"), np.ones(6), Limits())
    view = SOURCES.bind(parse("noise-aware-difference(renew=3)"))(oracle, np.random.default_rng(0))
    spent = []
    for _ in range(4):
        before = oracle.evaluations
        view.gradient(np.ones(6))
        spent.append(oracle.evaluations - before)
    assert spent[1] == spent[2] == 7
    assert spent[0] == spent[3]
    assert 7 + 6 + 2 * 6 <= spent[0] <= 7 + 3 * 6 + 4 * 6


def test_a_solver_learns_the_noise_that_is_estimated_not_what_is_declared() -> None:
    oracle = Oracle(replace(find("sphere-6(noise=0.01)"), noise=77.0), np.ones(6), Limits(), np.random.default_rng(4))
    view = SOURCES.bind(parse("noise-aware-difference"))(oracle, np.random.default_rng(0))
    view.gradient(np.ones(6))
    assert 0.25 < view.noise / 0.01 < 4


def test_differences_keep_to_the_bounds() -> None:
    low, high = np.array([0.0, -1.0, 0.5]), np.array([1.0, 0.25, 0.5])
    asked: list[Array] = []

    def value(x: Array) -> float:
        asked.append(x.copy())
        return float(x @ x)

    x = np.array([1.0, -1.0, 0.5])
    task = replace(find("sphere-3"), value=value, bounds=(low, high))
    gradient, _ = source("noise-aware-difference", task, x)
    assert all((low <= there).all() and (there <= high).all() for there in asked)
    assert_allclose(gradient, [2, -2, 0], rtol=1e-4)


@pytest.mark.parametrize(
    ("x", "noise"),
    [([1.0, 1e-17], 0.0), ([1.0, -1e-13], 0.0), ([1.0, 1e-17], 1e-3), ([0.0, 0.0], 0.0), ([0.0, 1.0], 1e-6)],
)
def test_a_variable_whose_size_is_a_guess_has_a_step_that_suits_the_others(x: list[float], noise: float) -> None:
    """|x - c|^2 with c = (1/3, 1/3), as of forward-difference."""
    at = np.array(x)
    for text in ("noise-aware-difference", *([] if noise else ["forward-difference"])):
        gradient, _ = source(text, find(f"sphere-2(noise={noise})"), at)
        assert_allclose(gradient, 2 * (at - 1 / 3), atol=max(1e-5, 10 * noise**0.5))


def test_a_step_without_room_goes_where_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps as long as a variable: the first may only go down by 0.05 or up by 0.02, the second the other way."""
    monkeypatch.setattr(computational_noise, "best_step", lambda *_: 1.0)
    asked: list[Array] = []

    def value(x: Array) -> float:
        asked.append(x.copy())
        return float(x @ x)

    bounds = np.array([0.93, 0.48]), np.array([1.0, 0.55])
    source("noise-aware-difference", replace(find("sphere-2"), value=value, bounds=bounds), np.array([0.98, 0.5]))
    assert_allclose(asked[-2:], [[0.93, 0.5], [0.98, 0.55]])


def test_a_relaxed_line_search_goes_on_where_noise_hides_the_decrease() -> None:
    strict, relaxed = (
        [execute(Cell("rosenbrock-4(noise=0.1)", name, f"uniform(seed={k})", Limits(calls=300))).gap for k in range(5)]
        for name in ("l-bfgs", "l-bfgs(relaxed=true)")
    )
    assert np.median(relaxed) < 0.1 * np.median(strict)
    plain = [
        execute(Cell("rosenbrock-4", f"l-bfgs{end}", "published", Limits(calls=50))) for end in ("", "(relaxed=true)")
    ]
    assert np.array_equal(plain[0].final_x, plain[1].final_x)


def test_a_negative_number_of_gradients_is_refused() -> None:
    with pytest.raises(UsageError, match="renew=-1"):
        execute(Cell("sphere-2", "gd[noise-aware-difference(renew=-1)]", "published", Limits(calls=9)))
