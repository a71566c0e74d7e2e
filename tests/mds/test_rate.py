"""The rate of the Guttman step: known eigenvalues, two ways to compute them, and iterations that are counted."""

from functools import partial
from math import inf, log

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from mdsbench.mds import initial_maps, rate, stress
from mdsbench.mds.rate import SlowMode, slow_mode
from mdsbench.mds.stress import Array
from mdsbench.oracle.account import Limits
from mdsbench.problems import clouds, europe, problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute


def exact(X: Array) -> SlowMode:
    """The slow mode of a map with exact distances."""
    return slow_mode(partial(stress.hessian_vector, D=pdist(X)), X.ravel())


def solution(name: str) -> Array:
    targets = problem.find(name).targets
    assert targets is not None
    return initial_maps.solved(targets.condensed())


# With exact distances H v is 4 sum_n u (u . (v_m - v_n)), u the unit vector from n to m. An equilateral triangle has
# three modes that are no motions: the scale with H = 4n, and two with half of it. Six numbers minus three motions.
def test_a_triangle_has_the_rate_one_half() -> None:
    X = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]])
    assert exact(X).mu == pytest.approx(0.5, abs=1e-12)


# H / 4n = 1 - D(Guttman transform), which numerical differences of the transform give as well.
@pytest.mark.parametrize("n", [6, 34])
def test_the_rate_is_the_largest_eigenvalue_of_the_derivative_of_the_guttman_transform(n: int) -> None:
    D = europe.distances_km(n) / europe.unit_km(n)
    x = solution(f"cities-{n}")
    h = 1e-5
    columns = [
        (stress.value_and_guttman(x + h * e, D)[1] - stress.value_and_guttman(x - h * e, D)[1]) / (2 * h)
        for e in np.eye(2 * n)
    ]
    eigenvalues = np.sort(np.linalg.eigvals(np.array(columns)).real)[::-1]
    assert eigenvalues[0] == pytest.approx(1.0, abs=1e-6)  # the rotation; the transform removes translations at once
    found = slow_mode(partial(stress.hessian_vector, D=D), x)
    assert found.rate == pytest.approx(eigenvalues[1], abs=1e-6)


@pytest.mark.parametrize("shape", clouds.SHAPES)
def test_lanczos_finds_what_all_eigenvalues_give(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    X = clouds.points(40, shape)
    lanczos = exact(X)
    monkeypatch.setattr(rate, "DENSE_UP_TO", 40)
    dense = exact(X)
    assert lanczos.mu == pytest.approx(dense.mu, abs=1e-9)
    assert abs((lanczos.mode * dense.mode).sum()) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("shape", clouds.SHAPES)
def test_the_mode_is_an_eigenvector_without_translation_and_rotation(shape: str) -> None:
    X = clouds.points(12, shape)
    found = exact(X)
    product = stress.hessian_vector(X.ravel(), found.mode.ravel(), pdist(X)) / (4 * len(X))
    np.testing.assert_allclose(product, found.mu * found.mode.ravel(), atol=1e-12)
    np.testing.assert_allclose(found.mode.sum(axis=0), 0.0, atol=1e-12)
    torque = X[:, 0] @ found.mode[:, 1] - X[:, 1] @ found.mode[:, 0]
    assert torque == pytest.approx(0.0, abs=1e-12)
    assert found.shares.sum() == pytest.approx(1.0)


def test_the_rate_does_not_change_with_size_and_unit_of_a_map() -> None:
    X = clouds.points(20, "disc")
    turned = 7.0 * X @ np.array([[0.6, 0.8], [-0.8, 0.6]]) + [3.0, -2.0]
    assert exact(turned).mu == pytest.approx(exact(X).mu, abs=1e-12)


@pytest.mark.parametrize("shape", clouds.SHAPES)
def test_more_points_of_one_shape_hardly_change_the_rate(shape: str) -> None:
    small, large = (exact(clouds.points(n, shape)).mu for n in (60, 240))
    assert 0.8 < large / small < 1.25


def test_the_rate_falls_with_the_square_of_the_aspect_ratio() -> None:
    mu = {aspect: exact(clouds.points(60, "strip", aspect)).mu for aspect in (16.0, 32.0, 64.0)}
    assert mu[16.0] / mu[32.0] == pytest.approx(4.0, rel=0.1)
    assert mu[32.0] / mu[64.0] == pytest.approx(4.0, rel=0.03)


# An iteration multiplies the gap by (1 - mu)^2 when the other modes have faded, in each case three decades later.
@pytest.mark.parametrize(
    ("name", "gap"), [("cloud-15(shape=disc)", 1e-8), ("cloud-15(shape=strip)", 1e-8), ("cities-6", 1e-5)]
)
def test_gradient_descent_takes_the_predicted_number_of_iterations(name: str, gap: float) -> None:
    run = execute(Cell(name, "gd", "near(radius=0.01)", Limits(calls=2000, gtol=1e-10)))
    best = 0.0 if name.startswith("cloud") else run.final_loss
    first, last = (run.first_reaching(best + part * (run.start_loss - best)) for part in (gap, gap * 1e-3))
    assert first
    assert last
    task = problem.find(name)
    assert task.hessian_vector
    predicted = slow_mode(task.hessian_vector, solution(name)).iterations(1e-3)
    assert last.iterations - first.iterations == pytest.approx(predicted, rel=0.03, abs=1.0)


def test_the_slow_mode_of_the_map_of_34_places_is_held_by_the_one_in_the_far_east() -> None:
    task = problem.find("places-34")
    assert task.hessian_vector
    (point, share), (_, next_share) = slow_mode(task.hessian_vector, solution("places-34")).holders(2)
    assert europe.places(34)[point].name == "Ufa"
    assert share > 0.8 > 0.05 > next_share


def test_iterations_follow_from_the_rate() -> None:
    half = SlowMode(0.5, np.zeros((4, 2)))
    assert half.iterations(1e-6) == pytest.approx(log(1e-6) / log(0.25))
    assert SlowMode(1.0, np.zeros((4, 2))).iterations(1e-6) == 0.0
    assert SlowMode(-0.1, np.zeros((4, 2))).iterations(1e-6) == inf  # a saddle: it does not converge there
