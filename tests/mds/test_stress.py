"""The formulas against definitions, differences and symmetries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime
from scipy.spatial.distance import pdist

from mdsbench.mds import stress
from mdsbench.mds.stress import Array


def layout(n: int, seed: int) -> tuple[Array, Array]:
    """Random positions and target distances that no layout attains."""
    rng = np.random.default_rng(seed)
    return rng.uniform(size=2 * n), rng.uniform(0.1, 1.5, size=n * (n - 1) // 2)


layouts = st.builds(layout, st.integers(2, 12), st.integers(0, 10**6))


def central_difference(f, x: Array, h: float = 1e-6):  # type: ignore[no-untyped-def]
    steps = h * np.eye(len(x))
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in steps])


@given(layouts)
def test_value_is_the_double_sum_of_its_definition(case: tuple[Array, Array]) -> None:
    x, D = case
    X = x.reshape(-1, 2)
    total, pair = 0.0, 0
    for m in range(len(X)):
        for n in range(m + 1, len(X)):
            total += 2 * (D[pair] - np.hypot(*(X[m] - X[n]))) ** 2  # (m, n) and (n, m)
            pair += 1
    assert_allclose(stress.value(x, D), total, rtol=1e-12)


@given(layouts)
def test_gradient_is_that_of_the_full_double_sum(case: tuple[Array, Array]) -> None:
    x, D = case
    value, gradient = stress.value_and_gradient(x, D)
    assert value == pytest.approx(stress.value(x, D), rel=1e-14)
    assert_allclose(gradient, central_difference(lambda y: stress.value(y, D), x), rtol=1e-5, atol=1e-5)


def test_gradient_agrees_with_scipys_forward_difference() -> None:
    x, D = layout(9, 1)
    assert_allclose(stress.value_and_gradient(x, D)[1], approx_fprime(x, stress.value, 1e-8, D), rtol=1e-4, atol=1e-5)


@given(layouts)
def test_hessian_vector_is_the_derivative_of_the_gradient(case: tuple[Array, Array]) -> None:
    x, D = case
    v = np.random.default_rng(0).normal(size=x.size)
    h = 1e-6
    along = [stress.value_and_gradient(x + sign * h * v, D)[1] for sign in (1, -1)]
    scale = np.abs(D / pdist(x.reshape(-1, 2))).max() ** 3  # curvature blows up where points nearly coincide
    assert_allclose(
        stress.hessian_vector(x, v, D), (along[0] - along[1]) / (2 * h), rtol=1e-4, atol=1e-4 * max(1, scale)
    )


@given(layouts)
def test_the_hessian_is_symmetric(case: tuple[Array, Array]) -> None:
    x, D = case
    H = np.array([stress.hessian_vector(x, e, D) for e in np.eye(x.size)])
    assert_allclose(H, H.T, rtol=1e-9, atol=1e-9 * np.abs(H).max())


@given(layouts, st.floats(0, 6.3), st.booleans(), st.floats(-5, 5))
def test_stress_does_not_see_rotation_reflection_translation(
    case: tuple[Array, Array], angle: float, reflect: bool, shift: float
) -> None:
    x, D = case
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = x.reshape(-1, 2) @ (rotation * ([1, -1] if reflect else [1, 1])) + shift
    assert_allclose(stress.value(moved.ravel(), D), stress.value(x, D), rtol=1e-9)


@given(layouts)
def test_stress_is_zero_with_zero_gradient_where_all_distances_fit(case: tuple[Array, Array]) -> None:
    x, _ = case
    value, gradient = stress.value_and_gradient(x, pdist(x.reshape(-1, 2)))
    assert value == 0
    assert_allclose(gradient, 0, atol=1e-12)


def test_coincident_points_contribute_their_symmetric_derivative() -> None:
    x, D = layout(5, 3)
    x[2:4] = x[0:2]
    value, gradient = stress.value_and_gradient(x, D)
    assert np.isfinite(value)
    assert_allclose(gradient, central_difference(lambda y: stress.value(y, D), x), rtol=1e-5, atol=1e-5)


def test_the_hessian_keeps_only_the_smooth_part_of_a_coincident_pair() -> None:
    x, D = layout(5, 3)
    x[2:4] = x[0:2]
    v = np.arange(10.0)
    without_the_kink = D.copy()
    without_the_kink[0] = 0.0  # the pair (0, 1): (D - d)^2 = d^2 - 2 D d + D^2 loses its middle term
    assert_allclose(stress.hessian_vector(x, v, D), stress.hessian_vector(x, v, without_the_kink))


def test_all_points_at_zero_is_degenerate_but_finite() -> None:
    _, D = layout(6, 0)
    value, gradient = stress.value_and_gradient(np.zeros(12), D)
    assert value == pytest.approx(2 * D @ D)
    assert_allclose(gradient, 0)


@given(layouts)
def test_the_squares_of_the_residuals_add_up_to_the_stress(case: tuple[Array, Array]) -> None:
    x, D = case
    w = (np.random.default_rng(1).uniform(size=D.size) < 0.7).astype(float)
    for weights in (1.0, w, 3 * w):
        residuals = stress.residuals(x, D, weights)
        assert_allclose(residuals @ residuals, stress.value(x, D, weights), rtol=1e-12)


@given(layouts)
def test_the_jacobian_is_the_derivative_of_the_residuals_and_leads_to_the_gradient(case: tuple[Array, Array]) -> None:
    x, D = case
    w = np.random.default_rng(1).uniform(size=D.size)
    J = stress.jacobian(x, w)
    differences = central_difference(lambda y: stress.residuals(y, D, w), x).T
    assert_allclose(J, differences, rtol=1e-4, atol=1e-4)
    gradient = stress.value_and_gradient(x, D, w)[1]
    assert_allclose(2 * J.T @ stress.residuals(x, D, w), gradient, rtol=1e-9, atol=1e-9)


def test_a_coincident_pair_has_a_row_of_zeros() -> None:
    x, _ = layout(5, 3)
    x[2:4] = x[0:2]
    J = stress.jacobian(x)
    assert not J[0].any()
    assert_allclose(np.linalg.norm(J[1:], axis=1), 2)  # sqrt(2) at either end


@given(layouts)
def test_weights_of_one_change_nothing_and_of_zero_leave_a_pair_out(case: tuple[Array, Array]) -> None:
    x, D = case
    ones, v = np.ones(D.size), np.arange(x.size, dtype=float)
    assert stress.value(x, D, ones) == stress.value(x, D)
    assert np.array_equal(stress.value_and_gradient(x, D, ones)[1], stress.value_and_gradient(x, D)[1])
    assert np.array_equal(stress.hessian_vector(x, v, D, ones), stress.hessian_vector(x, v, D))
    w, other = ones.copy(), D.copy()
    w[0], other[0] = 0.0, 17.0
    assert stress.value(x, D, w) == stress.value(x, other, w)
    assert np.array_equal(stress.value_and_gradient(x, D, w)[1], stress.value_and_gradient(x, other, w)[1])
    assert np.array_equal(stress.hessian_vector(x, v, D, w), stress.hessian_vector(x, v, other, w))


@given(layouts)
def test_the_guttman_transform_is_a_gradient_step_from_the_centred_map(case: tuple[Array, Array]) -> None:
    x, D = case
    n = len(x) // 2
    centred = (x.reshape(n, 2) - x.reshape(n, 2).mean(axis=0)).ravel()
    value, transform = stress.value_and_guttman(x, D)
    loss, gradient = stress.value_and_gradient(x, D)
    assert value == loss
    assert_allclose(transform, centred - gradient / (4 * n), rtol=1e-9, atol=1e-12)


@given(layouts, st.floats(0.1, 10))
def test_the_guttman_transform_does_not_see_the_scale(case: tuple[Array, Array], scale: float) -> None:
    x, D = case
    assert_allclose(stress.value_and_guttman(scale * x, D)[1], stress.value_and_guttman(x, D)[1], rtol=1e-9, atol=1e-12)


@given(layouts)
def test_the_guttman_transform_never_goes_up_nor_does_the_relaxed_one(case: tuple[Array, Array]) -> None:
    x, D = case
    here, transform = stress.value_and_guttman(x, D)
    for there in (transform, 2 * transform - x):
        assert stress.value(there, D) <= here * (1 + 1e-12) + 1e-14 * here**0.5  # what rounds a distance that fits


@given(layouts)
def test_a_batch_of_all_pairs_is_the_gradient(case: tuple[Array, Array]) -> None:
    x, D = case
    gradient = stress.value_and_gradient(x, D)[1]
    assert_allclose(stress.batch_gradient(x, np.arange(len(D)), D), gradient, rtol=1e-9, atol=1e-11)


@given(layouts)
def test_the_mean_of_the_batches_of_one_pair_is_the_gradient(case: tuple[Array, Array]) -> None:
    x, D = case
    batches = [stress.batch_gradient(x, np.array([pair]), D) for pair in range(len(D))]
    assert_allclose(np.mean(batches, axis=0), stress.value_and_gradient(x, D)[1], rtol=1e-9, atol=1e-11)


def test_a_coincident_pair_pulls_no_batch() -> None:
    x, D = layout(5, 3)
    x[2:4] = x[0:2]
    assert_allclose(stress.batch_gradient(x, np.array([0]), D), 0)
