"""The cross-entropy of softmax probabilities, the loss of a classifier, and its derivatives.

    f(Z) = 1/m sum_i (log sum_c exp z_ic - z_i,y_i)

for scores Z of shape (m, classes) and true classes y of shape (m,) (Bishop 2006, section 4.3.4).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Classes = NDArray[np.intp]


def cross_entropy(Z: Array, y: Classes) -> float:
    """The mean over the observations."""
    largest = Z.max(axis=1)
    logs = np.log(np.exp(Z - largest[:, None]).sum(axis=1)) + largest
    return float((logs - Z[np.arange(len(y)), y]).mean())


def probabilities(Z: Array) -> Array:
    """The softmax of each row, shape (m, classes)."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.asarray(E / E.sum(axis=1, keepdims=True))


def slope(P: Array, y: Classes) -> Array:
    """The derivative of the cross-entropy by the scores, shape (m, classes): (p_ic - [c = y_i]) / m."""
    D = P.copy()
    D[np.arange(len(y)), y] -= 1.0
    return np.asarray(D / len(y))


def curvature(P: Array, R: Array) -> Array:
    """The derivative of the slope along a change R of the scores, shape (m, classes)."""
    return np.asarray(P * (R - (P * R).sum(axis=1, keepdims=True)) / len(P))


def test(Z: Array, y: Classes) -> dict[str, float]:
    """How good a trained classifier is: the mean cross-entropy, and the share of the observations in a wrong class."""
    return {"test loss": cross_entropy(Z, y), "test error": float((Z.argmax(axis=1) != y).mean())}
