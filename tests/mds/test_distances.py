"""Target distances: those kept and those computed are the same, and as long as the arcs of a sphere are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pyproj import Geod
from scipy.spatial.distance import squareform

from mdsbench.mds.distances import EARTH_RADIUS_KM, GreatCircles, Stored

SPHERE = Geod(a=EARTH_RADIUS_KM, f=0)


def scattered(n: int, seed: int, spread: float = 1.0) -> GreatCircles:
    """Points all over the earth, or closer together about the equator's Greenwich."""
    rng = np.random.default_rng(seed)
    return GreatCircles(spread * rng.uniform(-90, 90, n), spread * rng.uniform(-180, 180, n), unit_km=1000.0)


@given(st.integers(0, 10_000), st.sampled_from([1.0, 0.3, 1e-3, 1e-6]))
def test_computed_distances_are_the_arcs_of_the_sphere(seed: int, spread: float) -> None:
    circles = scattered(9, seed, spread)
    i, j = np.triu_indices(9, 1)
    phi, theta = circles.latitude, circles.longitude
    km = SPHERE.inv(theta[i], phi[i], theta[j], phi[j])[2]
    assert_allclose(1000 * circles.condensed(), km, rtol=1e-7, atol=1e-9)


def test_halfway_round_the_earth_is_as_far_as_it_goes() -> None:
    circles = GreatCircles(np.array([90.0, -90.0, 0.0, 0.0]), np.array([0.0, 0.0, 30.0, -150.0]), unit_km=1.0)
    assert_allclose(circles.condensed()[[0, 5]], np.pi * EARTH_RADIUS_KM)
    assert circles.longest() == pytest.approx(np.pi * EARTH_RADIUS_KM)


@given(st.integers(0, 10_000), st.integers(2, 9))
def test_rows_are_those_of_the_square_table_kept_or_computed(seed: int, n: int) -> None:
    circles = scattered(n, seed)
    kept = Stored(circles.condensed())
    points = np.random.default_rng(seed).integers(n, size=4)
    assert kept.points == circles.points == n
    assert np.array_equal(kept.rows(points), squareform(kept.D)[points])
    assert np.array_equal(kept.rows(points), circles.rows(points))


@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from([1.0, 0.3, 1e-6]))
def test_the_longest_distance_is_the_longest_of_all(seed: int, n: int, spread: float) -> None:
    circles = scattered(n, seed, spread)
    assert circles.longest() == circles.condensed().max(initial=0.0)
