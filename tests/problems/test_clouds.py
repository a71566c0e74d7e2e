"""Clouds: exact distances of nested points, in shapes of the right proportions."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import clouds, problem, starts
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

CLOUDS = {
    "cloud-40": ("square", 4.0),
    "cloud-40(shape=disc)": ("disc", 4.0),
    "cloud-40(shape=strip)": ("strip", 4.0),
    "cloud-40(aspect=9.0, shape=strip)": ("strip", 9.0),
}


@pytest.mark.parametrize("name", CLOUDS)
def test_the_best_stress_is_zero_at_the_points_themselves(name: str) -> None:
    task = problem.find(name)
    X = clouds.points(40, *CLOUDS[name])
    assert task.name == name
    assert task.best_known == 0.0
    assert task.value(X.ravel()) < 1e-28
    assert task.targets is not None
    np.testing.assert_array_equal(task.targets.condensed(), pdist(X))


@pytest.mark.parametrize("name", CLOUDS)
def test_torgersons_map_of_exact_distances_is_the_solution(name: str) -> None:
    task = problem.find(name)
    assert task.value(starts.torgerson(task)) < 1e-25


@pytest.mark.parametrize("shape", clouds.SHAPES)
def test_smaller_clouds_are_the_first_points_of_larger_ones(shape: str) -> None:
    np.testing.assert_array_equal(clouds.points(10, shape), clouds.points(1000, shape)[:10])


# Variances of uniform points: a side a has a^2 / 12, and a disc of radius r has r^2 / 4 in each axis.
@pytest.mark.parametrize(
    ("shape", "aspect", "variances"),
    [
        ("square", 4.0, (1 / 24, 1 / 24)),  # the diagonal is 1, so a^2 = 1/2
        ("disc", 4.0, (1 / 16, 1 / 16)),  # r = 1/2
        ("strip", 4.0, (16 / 17 / 12, 1 / 17 / 12)),  # 16 + 1 = 17
        ("strip", 2.0, (4 / 5 / 12, 1 / 5 / 12)),
    ],
)
def test_a_shape_has_its_variances_and_a_longest_distance_of_one(
    shape: str, aspect: float, variances: tuple[float, float]
) -> None:
    X = clouds.points(20_000, shape, aspect)
    np.testing.assert_allclose(X.var(axis=0), variances, rtol=0.03)
    assert 0.97 < pdist(X[:2000]).max() <= 1.0


def test_another_seed_has_other_points_and_no_seed_those_of_the_uniform_start() -> None:
    assert problem.find("cloud-9(seed=1)").name == "cloud-9(seed=1)"
    assert not np.allclose(clouds.points(9, "square"), clouds.points(9, "square", seed=1))
    task = problem.find("cloud-9")
    corners = clouds.points(9, "square").ravel() * 2**0.5  # in units of the side
    assert not np.allclose(corners, starts.uniform(task))  # gradient descent would need one step


def test_gradient_descent_reaches_zero() -> None:
    run = execute(Cell("cloud-30(shape=disc)", "gd", "uniform(seed=0)", Limits(calls=500, target=1e-12)))
    assert (run.ending, run.best_known) == ("target", 0.0)
    assert 0 < run.gap < 1e-12


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cloud-3", "cloud-3: the number of points is 4 or more"),
        ("cloud-9(shape=squre)", "shape=squre: there is no such choice; did you mean 'square'?"),
        ("cloud-9(aspect=2.0)", "shape=square, aspect=2: only a strip has an aspect ratio; take shape=strip"),
        ("cloud-9(aspect=0.5, shape=strip)", "aspect=0.5: the length of a strip by its width goes from 1 to 1000"),
        ("cloud-9(seed=-1)", "seed=-1: a seed is a whole number from 0 on"),
        ("cloud-9(precision=half)", "precision=half: there is no such choice; there are: double, single"),
    ],
)
def test_a_cloud_that_does_not_exist_is_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        problem.find(name)
    assert str(refused.value) == message


def test_a_cloud_that_does_not_fit_into_memory_is_refused_before_it_is_made() -> None:
    with pytest.raises(UsageError, match=r"the distances of 1,000,000 points .*take fewer points"):
        problem.find("cloud-1000000")
