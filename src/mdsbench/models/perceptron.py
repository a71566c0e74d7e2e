"""A perceptron with one hidden layer, in NumPy: value, gradient and Hessian-vector product. It defines the kernels.

    f(x) = cross-entropy of the scores Z  +  penalty / 2 |x|^2,    Z = A V^T + c,    A = tanh(X W + b)

`x` is the flat vector of W, shape (inputs, hidden), b, shape (hidden,), V, shape (classes, hidden), and c, shape
(classes,). X holds the observations, shape (m, inputs), and y their classes, shape (m,). The gradient is that of
back-propagation (Rumelhart, Hinton & Williams 1986); the Hessian-vector product is Pearlmutter's (1994).
"""

from typing import Any, NamedTuple

import numpy as np

from mdsbench.models import softmax
from mdsbench.models.softmax import Array, Classes


class Weights(NamedTuple):
    """The parts of x; a change of one changes x."""

    W: Array
    b: Array
    V: Array
    c: Array


def parts(x: Array, inputs: int, classes: int) -> Weights:
    """The weights and biases in x, as views."""
    hidden = hidden_units(len(x), inputs, classes)
    first, last = hidden * inputs, len(x) - classes
    return Weights(
        x[:first].reshape(inputs, hidden),
        x[first : first + hidden],
        x[first + hidden : last].reshape(classes, hidden),
        x[last:],
    )


def parameters(inputs: int, hidden: int, classes: int) -> int:
    """The length of x."""
    return (inputs + 1) * hidden + (hidden + 1) * classes


def hidden_units(dimension: int, inputs: int, classes: int) -> int:
    """The width of the hidden layer, if x is so long."""
    return (dimension - classes) // (inputs + 1 + classes)


def scores(x: Array, X: Array, classes: int) -> Array:
    """The scores of the observations, shape (m, classes)."""
    W, b, V, c = parts(x, X.shape[1], classes)
    return np.asarray(np.tanh(X @ W + b) @ V.T + c)


def value(x: Array, X: Array, y: Classes, classes: int, penalty: float) -> float:
    """The function at x."""
    return softmax.cross_entropy(scores(x, X, classes), y) + 0.5 * penalty * float(x @ x)


def value_and_gradient(x: Array, X: Array, y: Classes, classes: int, penalty: float) -> tuple[float, Array]:
    """The function at x and its gradient, shape of x."""
    W, b, V, c = parts(x, X.shape[1], classes)
    A = np.tanh(X @ W + b)
    Z = A @ V.T + c
    D = softmax.slope(softmax.probabilities(Z), y)
    G = (D @ V) * (1.0 - A**2)
    loss = softmax.cross_entropy(Z, y) + 0.5 * penalty * float(x @ x)
    return loss, _flat(X.T @ G, G.sum(axis=0), D.T @ A, D.sum(axis=0)) + penalty * x


def hessian_vector(x: Array, v: Array, X: Array, y: Classes, classes: int, penalty: float) -> Array:
    """The Hessian at x times v, shape of x. `R_` is the derivative along v of what follows it."""
    W, b, V, c = parts(x, X.shape[1], classes)
    R_W, R_b, R_V, R_c = parts(v, X.shape[1], classes)
    A = np.tanh(X @ W + b)
    R_A = (1.0 - A**2) * (X @ R_W + R_b)
    P = softmax.probabilities(A @ V.T + c)
    D = softmax.slope(P, y)
    R_D = softmax.curvature(P, R_A @ V.T + A @ R_V.T + R_c)
    R_G = (R_D @ V + D @ R_V) * (1.0 - A**2) - 2.0 * (D @ V) * A * R_A
    return _flat(X.T @ R_G, R_G.sum(axis=0), R_D.T @ A + D.T @ R_A, R_D.sum(axis=0)) + penalty * v


def torch_value(x: Any, X: Array, y: Classes, classes: int, penalty: float) -> Any:
    """The function at a tensor x, in operations that torch differentiates."""
    import torch
    from torch.nn.functional import cross_entropy, linear

    hidden = hidden_units(len(x), X.shape[1], classes)
    W, b, V, c = torch.split(x, [hidden * X.shape[1], hidden, classes * hidden, classes])
    A = torch.tanh(torch.addmm(b, torch.tensor(X), W.reshape(-1, hidden)))
    Z = linear(A, V.reshape(classes, -1), c)
    return cross_entropy(Z, torch.tensor(y)) + 0.5 * penalty * x @ x


def _flat(*derivatives: Array) -> Array:
    return np.concatenate([part.ravel() for part in derivatives])
