"""The formulas of the models by hand and against differences; the compiled ones against those in NumPy."""

import pickle
import subprocess
import sys
from math import log

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mdsbench.models import compiled, logistic, perceptron, softmax
from mdsbench.models.compiled import Model
from mdsbench.models.kernels import BLOCK
from mdsbench.models.softmax import Array, Classes
from mdsbench.system import compiling as machinery

PENALTY = 0.01


def data(m: int, inputs: int, classes: int) -> tuple[Array, Classes]:
    rng = np.random.default_rng(m)
    X = rng.uniform(size=(m, inputs)) * (rng.uniform(size=(m, inputs)) < 0.5)
    return X, rng.integers(classes, size=m)


def point(n: int, size: float = 1.0) -> Array:
    return size * np.random.default_rng(n).normal(size=n)


def test_the_cross_entropy_of_two_scores_is_the_logarithm_by_hand() -> None:
    Z, y = np.array([[0.0, log(3.0)], [log(3.0), 0.0]]), np.array([0, 0])
    assert softmax.cross_entropy(Z, y) == pytest.approx((log(4.0) + log(4.0 / 3.0)) / 2, rel=1e-15)
    assert_allclose(softmax.probabilities(Z), [[0.25, 0.75], [0.75, 0.25]], rtol=1e-15)
    assert_allclose(softmax.slope(softmax.probabilities(Z), y), [[-0.375, 0.375], [-0.125, 0.125]], rtol=1e-15)
    assert softmax.test(Z, y) == {"test loss": softmax.cross_entropy(Z, y), "test error": 0.5}


def test_scores_of_a_thousand_are_no_overflow() -> None:
    assert softmax.cross_entropy(np.array([[1000.0, 0.0]]), np.array([1])) == 1000.0


def test_the_perceptron_of_one_unit_is_worked_by_hand() -> None:
    """One input 2, weight 0.5, bias 0: a = tanh(1); scores (a, 0); the true class is the first."""
    x = np.array([0.5, 0.0, 1.0, 0.0, 0.0, 0.0])  # W, b, V by class, c
    X, y = np.array([[2.0]]), np.array([0])
    a = np.tanh(1.0)
    p = 1 / (1 + np.exp(-a))
    loss, gradient = perceptron.value_and_gradient(x, X, y, 2, PENALTY)
    assert loss == pytest.approx(-np.log(p) + PENALTY / 2 * 1.25, rel=1e-15)
    back = (p - 1) * (1 - a**2)
    wanted = np.array([2 * back, back, (p - 1) * a, (1 - p) * a, p - 1, 1 - p]) + PENALTY * x
    assert_allclose(gradient, wanted, rtol=1e-14)


@pytest.mark.parametrize("m", [1, BLOCK - 1, BLOCK, 2 * BLOCK + 5])
@pytest.mark.parametrize(("inputs", "hidden", "classes"), [(1, 1, 2), (7, 3, 3), (10, 67, 10), (5, 130, 4)])
def test_the_compiled_perceptron_is_that_in_numpy(m: int, inputs: int, hidden: int, classes: int) -> None:
    X, y = data(m, inputs, classes)
    x = point(perceptron.parameters(inputs, hidden, classes))
    model = Model("perceptron", X, y, classes, len(x), PENALTY)
    loss, gradient = perceptron.value_and_gradient(x, X, y, classes, PENALTY)
    assert model.value(x) == pytest.approx(loss, rel=1e-14)
    assert model.value_and_gradient(x)[0] == model.value(x)
    assert_allclose(model.value_and_gradient(x)[1], gradient, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("m", "inputs", "classes"), [(3, 2, 2), (2 * BLOCK + 5, 10, 7)])
def test_the_compiled_logistic_regression_is_that_in_numpy(m: int, inputs: int, classes: int) -> None:
    X, y = data(m, inputs, classes)
    x = point((inputs + 1) * classes)
    model = Model("logistic", X, y, classes, len(x), PENALTY)
    loss, gradient = logistic.value_and_gradient(x, X, y, PENALTY)
    assert model.value(x) == pytest.approx(loss, rel=1e-14)
    assert_allclose(model.value_and_gradient(x)[1], gradient, rtol=1e-11, atol=1e-14)


def test_threads_change_no_more_than_the_last_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = data(5 * BLOCK + 3, 10, 10)
    x = point(perceptron.parameters(10, 200, 10))
    found = []
    for threads in (1, 2):
        monkeypatch.setattr(machinery, "threads", {True: threads}.get)
        found.append(Model("perceptron", X, y, 10, len(x), PENALTY).value_and_gradient(x))
    assert len(x) >= compiled.THREADS_PAY_FROM
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-14)
    assert_allclose(found[0][1], found[1][1], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("size", [1e-300, 1e-9, 1.0, 30.0, 1e4, 1e150])
def test_the_compiled_functions_are_right_for_small_and_large_weights(size: float) -> None:
    X, y = data(BLOCK + 1, 3, 3)
    x = point(perceptron.parameters(3, 5, 3), size)
    with np.errstate(over="ignore"):
        loss, gradient = perceptron.value_and_gradient(x, X, y, 3, 0.0)
    found = Model("perceptron", X, y, 3, len(x), 0.0).value_and_gradient(x)
    assert found[0] == pytest.approx(loss, rel=1e-14)
    assert_allclose(found[1], gradient, rtol=1e-9, atol=1e-15)


def test_weights_that_are_no_numbers_give_a_value_that_is_none() -> None:
    X, y = data(BLOCK, 3, 3)
    x = point(perceptron.parameters(3, 5, 3))
    x[4] = np.nan
    assert np.isnan(Model("perceptron", X, y, 3, len(x), 0.0).value(x))


def test_a_bound_of_the_curvature_is_one() -> None:
    X = data(40, 5, 4)[0]
    x = np.zeros(24)  # the curvature is greatest where all classes are equally probable
    hessian = np.array([logistic.hessian_vector(x, e, X, PENALTY) for e in np.eye(24)])
    assert_allclose(hessian, hessian.T, atol=1e-15)
    assert np.linalg.eigvalsh(hessian)[-1] <= logistic.largest_curvature(X, PENALTY)
    two = np.array([logistic.hessian_vector(np.zeros(12), e, X, 0.0) for e in np.eye(12)])
    assert np.linalg.eigvalsh(two)[-1] == pytest.approx(logistic.largest_curvature(X, 0.0), rel=1e-12)  # exact for two


def test_the_sparse_form_has_every_entry_in_both_orders() -> None:
    X, _ = data(2 * BLOCK + 9, 6, 2)
    entries = compiled.sparse(X, BLOCK)
    by_rows, by_blocks = np.zeros_like(X), np.zeros_like(X)
    for i in range(len(X)):
        own = slice(entries.pointers[i], entries.pointers[i + 1])
        by_rows[i, entries.inputs[own]] = entries.values[own]
    for number, (first, last) in enumerate(zip(entries.block_pointers, entries.block_pointers[1:], strict=False)):
        block, k = divmod(number, 6)
        by_blocks[block * BLOCK + entries.block_rows[first:last], k] = entries.block_values[first:last]
    assert np.array_equal(by_rows, X)
    assert np.array_equal(by_blocks, X)


def test_a_model_that_has_been_called_can_be_sent_to_another_process() -> None:
    X, y = data(9, 3, 2)
    model = Model("logistic", X, y, 2, 8, PENALTY)
    value = model.value(point(8))
    assert pickle.loads(pickle.dumps(model)).value(point(8)) == value


@pytest.mark.slow
def test_loading_a_small_model_starts_no_threads_that_a_forked_process_could_not_use() -> None:
    code = (
        "import os; from mdsbench.problems.problem import find; from mdsbench.runs.execute import execute\n"
        "import numpy as np\n"
        "for name in ('perceptron-2(pixels=4)', 'cities-6'): find(name).prepare()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    task = find('perceptron-200(pixels=4)'); task.value(np.zeros(task.dimension)); os._exit(0)\n"
        "raise SystemExit(os.waitpid(child, 0)[1])"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
