"""Multinomial logistic regression, in NumPy: value, gradient, Hessian-vector product (Bishop 2006, section 4.3.4).

    f(x) = cross-entropy of the scores X W + b  +  penalty / 2 |x|^2

`x` is the flat vector of the weights W, shape (inputs, classes), row by row, and of the biases b, shape (classes,). X
holds the observations, shape (m, inputs), and y their classes, shape (m,). The penalty makes the minimum unique.
"""

from typing import Any

import numpy as np

from mdsbench.models import softmax
from mdsbench.models.softmax import Array, Classes


def value(x: Array, X: Array, y: Classes, penalty: float) -> float:
    """The function at x."""
    return softmax.cross_entropy(scores(x, X), y) + 0.5 * penalty * float(x @ x)


def value_and_gradient(x: Array, X: Array, y: Classes, penalty: float) -> tuple[float, Array]:
    """The function at x and its gradient, shape of x."""
    Z = scores(x, X)
    D = softmax.slope(softmax.probabilities(Z), y)
    loss = softmax.cross_entropy(Z, y) + 0.5 * penalty * float(x @ x)
    return loss, _flat(D, X) + penalty * x


def hessian_vector(x: Array, v: Array, X: Array, penalty: float) -> Array:
    """The Hessian at x times v, shape of x."""
    R = softmax.curvature(softmax.probabilities(scores(x, X)), scores(v, X))
    return _flat(R, X) + penalty * v


def largest_curvature(X: Array, penalty: float) -> float:
    """A bound of the Hessian's eigenvalues: half the largest of (X 1)^T (X 1) / m, plus the penalty (Böhning 1992)."""
    with_ones = np.column_stack([X, np.ones(len(X))])
    return 0.5 * float(np.linalg.norm(with_ones, 2)) ** 2 / len(X) + penalty


def scores(x: Array, X: Array) -> Array:
    """The scores X W + b, shape (m, classes)."""
    classes = len(x) // (X.shape[1] + 1)
    return np.asarray(X @ x[:-classes].reshape(-1, classes) + x[-classes:])


def torch_value(x: Any, X: Array, y: Classes, penalty: float) -> Any:
    """The function at a tensor x, in operations that torch differentiates."""
    import torch

    classes = len(x) // (X.shape[1] + 1)
    Z = torch.addmm(x[-classes:], torch.tensor(X), x[:-classes].reshape(-1, classes))
    return torch.nn.functional.cross_entropy(Z, torch.tensor(y)) + 0.5 * penalty * x @ x


def _flat(D: Array, X: Array) -> Array:
    """The derivative by x, if D is that by the scores."""
    return np.concatenate([(X.T @ D).ravel(), D.sum(axis=0)])
