"""Solvers on comparisons: blind to everything but the order, and otherwise what they are known to be."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from scipy.optimize import Bounds, minimize

from mdsbench.oracle.account import Limits
from mdsbench.oracle.comparisons import ComparisonOracle
from mdsbench.problems.problem import Array, Problem, find
from mdsbench.registry.registry import SOLVERS
from mdsbench.registry.spec import parse

# Steps that are not so small that two values differ and their exponentials, which are rounded, do not.
LONG_STEPS = ["comparison-nelder-mead", "one-plus-one-es", "pattern-search(tolx=1e-05)"]
ON_COMPARISONS = [name for name, entry in SOLVERS.items() if entry.uses == "comparison" and entry.is_ours]
PROBLEMS = ["cities-6", "cities-15", "rosenbrock-2", "rosenbrock-5", "sphere-10", "cities-6(loss=absolute)"]


def path(solver: str, task: Problem, x: Array, iterates: int, seed: int = 3) -> tuple[Array, ComparisonOracle]:
    """The first iterates of a solver, shape (iterates, dimension), and the oracle that it has asked."""
    oracle = ComparisonOracle(task, x, Limits())
    moves = SOLVERS.bind(parse(solver))(oracle, x, np.random.default_rng(seed))
    return np.array(list(islice(moves, iterates))), oracle


def transformed(task: Problem, increasing: Callable[[float], float]) -> Problem:
    return replace(task, value=lambda x: increasing(task.value(x)))


def start(task: Problem, seed: int = 0) -> Array:
    return np.random.default_rng(seed).uniform(size=task.dimension)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("solver", LONG_STEPS)
def test_the_path_is_the_same_bit_for_bit_under_the_exponential(solver: str, problem: str) -> None:
    task = find(problem)
    x = start(task)
    (plain, asked), (under, asked_under) = (
        path(solver, changed, x, 60) for changed in (task, transformed(task, np.exp))
    )
    assert plain.tobytes() == under.tobytes()
    assert len(plain) >= 15
    assert asked.account()[:5] == asked_under.account()[:5]
    assert asked.comparisons == asked_under.comparisons >= 60
    assert asked.best_loss < task.value(x)


@pytest.mark.parametrize("solver", LONG_STEPS)
def test_the_path_is_the_same_under_a_random_increasing_function(solver: str) -> None:
    rng, task = np.random.default_rng(5), find("cities-6")
    at, to = np.cumsum(rng.exponential(size=(2, 2000)), axis=1) - 2.0  # below 0 and of either sign
    x = start(task)
    plain, _ = path(solver, task, x, 100)
    under, _ = path(solver, transformed(task, lambda f: float(np.interp(f, 1e-2 * at, to))), x, 100)
    assert plain.tobytes() == under.tobytes()


def test_every_solver_on_comparisons_is_tested() -> None:
    assert sorted(ON_COMPARISONS) == [solver.partition("(")[0] for solver in LONG_STEPS]


def test_what_is_blind_to_scale_is_not_blind_to_order() -> None:
    task = find("cities-6")
    turned, _ = path("comparison-nelder-mead", transformed(task, lambda f: -f), start(task), 20)
    assert turned.tobytes() != path("comparison-nelder-mead", task, start(task), 20)[0].tobytes()


@pytest.mark.parametrize(
    ("problem", "bounded"),
    [*((problem, False) for problem in PROBLEMS), ("cities-6", True), ("cities-15", True), ("rosenbrock-2", True)],
)
def test_nelder_mead_goes_the_way_of_scipys_which_receives_values(problem: str, bounded: bool) -> None:
    task = find(problem)
    box = (np.full(task.dimension, 0.1), np.full(task.dimension, 0.7)) if bounded else None
    x = np.clip(start(task), *box) if box else start(task)
    theirs: list[Array] = []
    minimize(
        task.value, x, method="Nelder-Mead", callback=lambda x: theirs.append(x.copy()), bounds=box and Bounds(*box),
        options={"maxiter": 151, "maxfev": np.inf},
    )  # fmt: skip
    ours, oracle = path("comparison-nelder-mead", replace(task, bounds=box), x, 150)
    both = min(len(ours), len(theirs))
    assert both >= 50
    assert ours[:both].tobytes() == np.array(theirs[:both]).tobytes()
    assert oracle.evaluations <= oracle.comparisons


def test_the_strategy_is_rechenbergs() -> None:
    task = find("rosenbrock-2")
    x, sigma, rng, expected = start(task), 0.3, np.random.default_rng(3), []
    for _ in range(200):
        child = x + sigma * rng.standard_normal(2)
        if task.value(child) <= task.value(x):
            x, sigma = child, sigma * np.exp(0.8 / np.sqrt(3))
        else:
            sigma *= np.exp(-0.2 / np.sqrt(3))
        expected.append(x)
    ours, oracle = path("one-plus-one-es", task, start(task), 200)
    np.testing.assert_array_equal(ours, expected)
    assert (oracle.evaluations, oracle.comparisons) == (201, 200)


def test_pattern_search_by_hand() -> None:
    # |x|^2 from (1, 0.5) with the step 1/4: the exploration finds (0.75, 0.25), the pattern (0.5, 0) and from there
    # (0.25, 0); its pattern (-0.25, -0.25) leads to (0, 0), which nothing is below
    task = replace(find("sphere-2"), value=lambda x: float(x @ x))
    moves, oracle = path("pattern-search", task, np.array([1.0, 0.5]), 100)
    np.testing.assert_array_equal(moves, [[0.75, 0.25], [0.25, 0.0], [0.0, 0.0]])
    assert oracle.best_loss == 0.0


def explored(value: Callable[[Array], float], x: Array, step: float) -> tuple[Array, float]:
    """Hooke and Jeeves's exploratory move, on values."""
    best, lowest = x.copy(), value(x)
    for i in range(x.size):
        for side in (+1, -1):
            trial = best.copy()
            trial[i] += side * step
            if value(trial) < lowest:
                best, lowest = trial, value(trial)
                break
    return best, lowest


@pytest.mark.parametrize("problem", ["cities-6", "rosenbrock-2", "rosenbrock-5"])
def test_pattern_search_is_hooke_and_jeeves(problem: str) -> None:
    task = find(problem)
    previous = base = start(task)
    step, expected = 0.25, [base]
    while len(expected) <= 40:
        if previous is not base:  # a pattern move
            trial, lowest = explored(task.value, base + (base - previous), step)
            if lowest < task.value(base):
                previous, base = base, trial
                expected.append(base)
                continue
        trial, lowest = explored(task.value, base, step)
        if lowest < task.value(base):
            previous, base = base, trial
            expected.append(base)
        else:
            previous, step = base, step / 2
    ours, _ = path("pattern-search", task, start(task), 40)
    np.testing.assert_array_equal(ours, expected[1:41])


@pytest.mark.parametrize("solver", ON_COMPARISONS)
def test_it_keeps_to_bounds(solver: str) -> None:
    asked: list[Array] = []
    low, high = np.array([0.4, -2.0]), np.array([2.0, 0.05])

    def value(x: Array) -> float:
        asked.append(x.copy())
        return float(100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)

    task = replace(find("rosenbrock-2"), value=value, bounds=(low, high))
    path(solver, task, np.array([2.0, 0.05]), 300)
    assert all((low <= x).all() and (x <= high).all() for x in asked)
    # on the edge x1 = 0.4 the slope in x2 vanishes at x2 = 0.16, beyond 0.05
    assert min(map(value, list(asked))) == pytest.approx(value(np.array([0.4, 0.05])), rel=1e-3)


@pytest.mark.parametrize("solver", ON_COMPARISONS)
def test_it_returns_where_nothing_is_lower(solver: str) -> None:
    flat = replace(find("sphere-2"), value=lambda x: 1.0 if np.any(x != 1.0) else 0.0)
    moves, _ = path(solver, flat, np.ones(2), 5000)
    assert len(moves) < 5000
