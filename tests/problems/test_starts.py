"""Starts: what each is, from seeds, and where it does not fit."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist, squareform

from mdsbench.errors import UsageError
from mdsbench.mds import initial_maps
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import STARTS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.system import memory


def at(start: str, name: str = "cities-15") -> Array:
    x: Array = STARTS.bind(parse(start))(problem.find(name))
    return x


@pytest.mark.parametrize("start", [start for start in STARTS if not start.endswith("x0")])
def test_a_start_has_a_reference_a_shape_and_is_the_same_each_time(start: str) -> None:
    name, dimension = ("perceptron-2(pixels=4)", 40) if start == "glorot" else ("cities-15", 30)
    assert STARTS[start].summary
    assert STARTS[start].reference
    assert at(start, name).shape == (dimension,)
    assert np.array_equal(at(start, name), at(start, name))
    if "seed" in STARTS[start].options:
        assert not np.array_equal(at(f"{start}(seed=1)", name), at(f"{start}(seed=2)", name))


def test_glorot_draws_the_weights_of_each_layer_within_its_bound_and_no_biases() -> None:
    x = at("glorot(seed=3)", "perceptron-50")
    W, b, V, c = np.split(x, [3200, 3250, 3750])
    assert_allclose([np.abs(W).max(), np.abs(V).max()], [(6 / 114) ** 0.5, (6 / 60) ** 0.5], rtol=0.01)
    assert_allclose([W.std(), V.std()], [(2 / 114) ** 0.5, (2 / 60) ** 0.5], rtol=0.05)
    assert not b.any()
    assert not c.any()


def test_glorot_needs_layers() -> None:
    with pytest.raises(UsageError, match="sphere-2 has no layers of weights"):
        at("glorot", "sphere-2")


@pytest.mark.parametrize("start", ["torgerson", "landmarks", "subsample", "near", "far"])
def test_a_start_made_of_distances_needs_some(start: str) -> None:
    with pytest.raises(UsageError, match="sphere-2 is no map"):
        at(start, "sphere-2")


@pytest.mark.parametrize(
    "start",
    ["small(scale=wide)", "subsample(share=0)", "subsample(share=1.5)", "near(seed=0.5)", "landmarks(number=3)"],
)
def test_an_option_that_does_not_fit_is_refused(start: str) -> None:
    with pytest.raises(UsageError):
        at(start)


@pytest.mark.parametrize("solver", ["gd", "bfgs", "l-bfgs-b", "newton-cg", "trust-ncg", "cg", "least-squares"])
def test_from_zeros_a_gradient_leads_nowhere(solver: str) -> None:
    run = execute(Cell("cities-6", solver, "zeros", Limits(calls=500)))
    assert run.gap == 1


@pytest.mark.parametrize("solver", ["powell", "cobyla", "newuoa", "cma-es"])
def test_from_zeros_values_lead_down(solver: str) -> None:
    assert execute(Cell("cities-6", solver, "zeros", Limits(calls=500))).gap < 0.5


def test_scipys_first_simplex_is_too_small_to_leave_zeros() -> None:
    run = execute(Cell("cities-6", "nelder-mead", "zeros", Limits(calls=5000)))
    assert run.ending == "converged"
    assert run.gap > 0.99


def by_landmarks(D: Array) -> Array:
    return initial_maps.from_landmarks(Stored(D), np.arange(4))


@pytest.mark.parametrize("make", [initial_maps.classical, initial_maps.solved, by_landmarks])
@pytest.mark.parametrize("n", [9, initial_maps.ALL_EIGENPAIRS_UP_TO + 1])
def test_distances_of_a_plane_are_placed_exactly(make: Callable[[Array], Array], n: int) -> None:
    D = pdist(np.random.default_rng(3).uniform(size=(n, 2)))
    assert_allclose(pdist(make(D).reshape(-1, 2)), D, atol=1e-6)


@pytest.mark.slow
def test_the_leading_eigenpairs_alone_give_the_map_that_all_of_them_give(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    D = GreatCircles(rng.uniform(35, 70, 400), rng.uniform(-10, 60, 400), unit_km=7000.0).condensed()
    alone = initial_maps.classical(D)
    monkeypatch.setattr(initial_maps, "ALL_EIGENPAIRS_UP_TO", 400)
    assert_allclose(alone, initial_maps.classical(D), atol=1e-12)
    assert np.array_equal(initial_maps.classical(D), initial_maps.classical(D))


def test_what_does_not_fit_into_memory_is_said_before_it_is_allocated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1000)
    with pytest.raises(UsageError, match=r"the square table of 15 points' .* take landmarks"):
        at("torgerson")


def test_a_missing_distance_is_the_shortest_way_round() -> None:
    D = squareform(np.array([[0, 1, 0], [1, 0, 2], [0, 2, 0]], dtype=float))
    D[1] = np.nan  # between the first and the third
    assert_allclose(initial_maps.completed(D), [1, 3, 2])


def test_warm_starts_are_better_than_random_ones_and_worse_than_the_best() -> None:
    for name in ("cities-15", "cities-34", "cities-34(missing=0.3)"):
        task = problem.find(name)
        for start in ("torgerson", "subsample", "subsample(share=0.2, seed=3)"):
            assert task.best_known < task.value(at(start, name)) < 0.05 * task.value(at("uniform", name))


@pytest.mark.parametrize("n", [6, 15, 34])
def test_near_and_far_are_around_the_best_map_known(n: int) -> None:
    task = problem.find(f"cities-{n}")
    best = at("near(radius=0)", task.name)
    assert task.value(best) == pytest.approx(task.best_known, rel=1e-8)
    assert np.std(at("near(radius=0.1)", task.name) - best) == pytest.approx(0.1, rel=0.4)
    moved = (at("far(shift=3)", task.name) - best).reshape(-1, 2)
    assert_allclose(np.hypot(*moved.T), 3)


def test_the_start_x0_is_the_one_that_the_problem_brings() -> None:
    x = at("x0", "more-wild-8")
    np.testing.assert_array_equal(x, [-12.0, 10.0])
    x[0] = 0.0
    np.testing.assert_array_equal(at("x0", "more-wild-8"), [-12.0, 10.0])
    with pytest.raises(UsageError, match="cities-15 brings no start"):
        at("x0")
    with pytest.raises(UsageError, match=r"more-wild-8 brings one start, numbered from 0: there is no x0\(seed=1\)"):
        at("x0(seed=1)", "more-wild-8")
