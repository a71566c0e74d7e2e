"""What L-BFGS remembers is what BFGS would make of it, and it needs few gradients."""

import numpy as np
import pytest

from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.solvers.quasi_newton import _two_loops


def bfgs_inverse(pairs: list[tuple[np.ndarray, np.ndarray]], H: np.ndarray) -> np.ndarray:
    """The whole matrix, updated pair by pair (Nocedal & Wright 2006, equation 6.17)."""
    for s, y in pairs:
        rho = 1 / (s @ y)
        left = np.eye(len(s)) - rho * np.outer(s, y)
        H = left @ H @ left.T + rho * np.outer(s, s)
    return H


@pytest.mark.parametrize("remembered", [0, 1, 3, 7])
def test_the_two_loops_are_the_product_with_the_whole_matrix(remembered: int) -> None:
    rng = np.random.default_rng(remembered)
    root = rng.normal(size=(6, 6))
    pairs = [(s, root @ root.T @ s) for s in rng.normal(size=(remembered, 6))]
    scale = pairs[-1][0] @ pairs[-1][1] / (pairs[-1][1] @ pairs[-1][1]) if pairs else 0.25
    g = rng.normal(size=6)
    expected = bfgs_inverse(pairs, scale * np.eye(6)) @ g
    assert _two_loops(g, pairs, 0.25) == pytest.approx(expected, rel=1e-8)


def test_the_first_move_is_gradient_descents() -> None:
    first = [execute(Cell("cities-15", solver, "published", Limits(iterations=1))) for solver in ("gd", "l-bfgs")]
    assert first[0].path[1][1] == pytest.approx(first[1].path[1][1], rel=1e-12)


@pytest.mark.parametrize("start", ["torgerson", "published"])
@pytest.mark.parametrize("n", [6, 15, 34])
def test_it_reaches_a_millionth_of_the_best_with_far_fewer_gradients_than_gradient_descent(n: int, start: str) -> None:
    target = problem.find(f"cities-{n}").best_known * (1 + 1e-6)
    ours, gd = (execute(Cell(f"cities-{n}", solver, start, Limits(target=target))) for solver in ("l-bfgs", "gd"))
    assert ours.ending == gd.ending == "target"
    assert ours.spent.gradients < gd.spent.gradients / 2.5


def test_it_stops_where_rounding_leaves_nothing_to_gain() -> None:
    run = execute(Cell("cities-34", "l-bfgs", "torgerson", Limits(calls=2000)))
    assert (run.ending, run.message) == ("converged", "no lower point is left to find")
    assert abs(run.gap) < 1e-12


def test_nesterov_with_restarts_swings_no_more() -> None:
    target = problem.find("cities-34").best_known * (1 + 1e-9)
    never, restarted = (
        execute(Cell("cities-34", f"nesterov(restart={word})", "torgerson", Limits(target=target)))
        for word in ("false", "true")
    )
    assert restarted.spent.gradients < 0.7 * never.spent.gradients
