"""The models that people train: their data, sizes, known minima, mini-batches and scores on what they do not see."""

import importlib.util
import os

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mdsbench import testing
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import digits, factorisation, starts
from mdsbench.problems.problem import Array, Problem, find
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

FEW = [
    "linear-regression-2",
    "linear-regression-5(scatter=0.0)",
    "factorisation-7",
    "factorisation-5(rank=1)",
    "logistic-regression(classes=3, pixels=4)",
    "perceptron-3(classes=4, pixels=4)",
]


def near(task: Problem, seed: int = 0) -> Array:
    return 0.3 * np.random.default_rng(seed).normal(size=task.dimension)


def test_the_digits_are_those_of_the_data_set() -> None:
    found = digits.digits()
    assert (len(found.X), len(found.X_test)) == (1437, 360)
    counts = np.bincount(np.concatenate([found.y, found.y_test]))
    assert list(counts) == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # UCI, names file, testing set
    assert list(found.y[:12]) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert list(16 * found.X[0, :16]) == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]
    assert (found.X.min(), found.X.max()) == (0.0, 1.0)


def test_coarse_images_are_means_of_squares() -> None:
    fine, coarse = digits.digits().X[7].reshape(8, 8), digits.digits(16).X[7].reshape(4, 4)
    assert coarse[1, 2] == pytest.approx(fine[2:4, 4:6].mean(), rel=1e-15)
    assert digits.digits(4).X[7, 3] == pytest.approx(fine[4:, 4:].mean(), rel=1e-15)
    assert set(digits.digits(4, 3).y) == {0, 1, 2}


@pytest.mark.parametrize(
    ("name", "dimension"),
    [
        ("perceptron-3(pixels=4)", 55),
        ("perceptron-6", 460),
        ("perceptron-667", 50_035),
        ("logistic-regression", 650),
        ("logistic-regression(classes=2, pixels=4)", 10),
        ("linear-regression-10", 10),
        ("factorisation-20", 80),
    ],
)
def test_the_name_says_how_many_parameters_there_are(name: str, dimension: int) -> None:
    task = find(name)
    assert task.name == name
    assert task.dimension == dimension
    assert task.held_out
    assert all(np.isfinite(score) for score in task.held_out(np.zeros(dimension)).values())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("perceptron-0", "perceptron-0: the number of hidden units goes from 1 to 10,000"),
        ("perceptron-3(pixels=5)", "pixels=5: the images have 64, 16 or 4 pixels"),
        ("logistic-regression(classes=1)", "classes=1: the number of digits goes from 2 to 10"),
        ("logistic-regression(penalty=-1)", "penalty=-1: it is 0 or a positive number"),
        ("linear-regression-0", "the number of variables goes from 1 to 2,000"),
        ("linear-regression-2(scatter=-1)", "scatter=-1: it is 0 or a positive number"),
        ("linear-regression-2(seed=-1)", "seed=-1: a seed is a whole number from 0 on"),
        ("factorisation-3", "the number of rows goes from 4 to 20,000"),
        ("factorisation-5(rank=6)", "rank=6: the rank goes from 1 to the number of rows, 5"),
        ("factorisation-5(seed=-1)", "seed=-1: a seed is a whole number from 0 on"),
    ],
)
def test_a_model_that_cannot_be_is_said_with_the_range(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        find(name)


@pytest.mark.parametrize("name", FEW)
def test_a_small_model_keeps_every_promise(name: str) -> None:
    testing.check_problem(find(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logistic-regression", "perceptron-67", "perceptron-667", "factorisation-2000"])
def test_a_large_model_keeps_every_promise(name: str) -> None:
    testing.check_problem(find(name))


def test_the_line_through_points_is_that_of_the_textbook() -> None:
    """w_1 is the covariance of x and y divided by the variance of x, and the line goes through the means."""
    task = find("linear-regression-2")
    assert task.residuals
    assert task.jacobian
    X, y = task.terms**0.5 * task.jacobian(np.zeros(2)), -(task.terms**0.5) * task.residuals(np.zeros(2))
    x = X[:, 1]
    slope = np.cov(x, y)[0, 1] / np.var(x, ddof=1)
    best = np.array([y.mean() - slope * x.mean(), slope])
    value, gradient = task.value_and_gradient(best)
    assert value == pytest.approx(task.best_known, rel=1e-12)
    assert_allclose(gradient, 0, atol=1e-14)


def test_without_scatter_a_line_fits_exactly() -> None:
    assert find("linear-regression-5(scatter=0.0)").best_known < 1e-28


def test_the_true_factors_have_no_error_where_they_are_tested_either() -> None:
    task = find("factorisation-30")
    rng = np.random.default_rng([0, factorisation.STREAM])
    x = 2**-0.25 * rng.normal(size=task.dimension)
    assert task.held_out
    assert task.value(x) < 1e-28
    assert task.held_out(x)["test loss"] < 1e-28
    assert task.held_out(near(task))["test loss"] > 0.1


def test_the_test_has_other_entries_and_other_observations() -> None:
    known, test = factorisation._drawn(30, 2, 0)
    assert not set(zip(known.i, known.j, strict=True)) & set(zip(test.i, test.j, strict=True))
    task = find("linear-regression-5")
    assert task.held_out
    assert task.held_out(np.zeros(5))["test loss"] != task.value(np.zeros(5))


@pytest.mark.parametrize("name", FEW)
def test_the_mean_of_the_gradients_of_batches_is_the_gradient(name: str) -> None:
    task, batch = find(name), 4
    assert task.batch_gradient
    x, terms = near(task), np.random.default_rng(1).permutation(task.terms)
    assert task.batch == min(32, task.terms)
    parts = [terms[k : k + batch] for k in range(0, len(terms), batch)]
    mean = sum(len(part) / task.terms * task.batch_gradient(x, part) for part in parts)
    assert_allclose(mean, task.value_and_gradient(x)[1], rtol=1e-10, atol=1e-13)


def test_a_mini_batch_has_32_observations_and_is_charged_as_part_of_a_pass() -> None:
    cell = Cell("logistic-regression(pixels=4)", "adam[mini-batch](step=0.01)", "glorot", Limits(iterations=5))
    run = execute(cell)
    assert (run.terms_per_pass, run.spent.evaluations, run.spent.gradients) == (1437, 1, 0)
    assert run.spent.terms == 1437 + 5 * 32


def test_each_provenance_says_where_a_best_known_value_comes_from() -> None:
    assert "equations" in find("linear-regression-3").provenance
    assert "starts" in find("logistic-regression").provenance
    assert np.isnan(find("logistic-regression(penalty=0.5)").best_known)


def test_the_best_known_value_of_a_convex_model_is_found_again() -> None:
    cell = Cell("logistic-regression(classes=2, pixels=4)", "l-bfgs-b", "zeros", Limits(calls=300))
    assert abs(execute(cell).gap) < 1e-8


@pytest.mark.parametrize(
    ("name", "scale"), [("linear-regression-5(scatter=0.0, seed={})", 1.0), ("factorisation-7(seed={})", 2**-0.25)]
)
@pytest.mark.parametrize("seed", [0, 1])
def test_no_start_of_a_seed_is_the_truth_of_the_same_seed(name: str, scale: float, seed: int) -> None:
    task = find(name.format(seed))
    assert task.value(starts.small(task, scale=scale, seed=seed)) > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FEW, "logistic-regression", "perceptron-20", "factorisation-500"])
def test_automatic_differentiation_gives_the_same_value_gradient_and_hessian(name: str) -> None:
    if importlib.util.find_spec("torch") is None:
        assert not os.environ.get("CI"), "torch is missing: make test-slow installs it"
        pytest.skip("torch is not installed: make test-slow installs it")
    import torch

    task = find(name)
    assert task.torch_value
    assert task.hessian_vector
    x, v = near(task), near(task, 1)
    leaf = torch.tensor(x, requires_grad=True)
    loss = task.torch_value(leaf)
    (gradient,) = torch.autograd.grad(loss, leaf, create_graph=True)
    (product,) = torch.autograd.grad(gradient @ torch.from_numpy(v), leaf)
    value, slope = task.value_and_gradient(x)
    assert loss.item() == pytest.approx(value, rel=1e-13)
    assert_allclose(slope, gradient.detach().numpy(), rtol=1e-10, atol=1e-14)
    assert_allclose(task.hessian_vector(x, v), product.numpy(), rtol=1e-9, atol=1e-14)
