"""Stress, the loss of metric multidimensional scaling, in NumPy: value, gradient, Hessian-vector product, and more.

    f(X) = sum_m sum_n w_mn (D_mn - d_mn(X))^2,    d_mn(X) = |x_m - x_n|

the full double sum, so every pair of points counts twice (Kruskal 1964; Borg & Groenen 2005, section 8.1). The
weights are 1 unless `w` gives them, in the order of `D`; a missing distance has weight 0. `x` is the flat vector of the
n positions in the plane, shape (2n,); `D` holds the target distances of the pairs in the condensed order of
`scipy.spatial.distance.pdist`, shape (n(n-1)/2,). Both are in the same unit.

Coincident points. Where d_mn = 0 and D_mn > 0 the stress has a kink: -4 D_mn d_mn falls equally steeply in every
direction away from x_m = x_n, so there is no gradient. The pair then contributes zero, which is the symmetric
derivative, an element of Clarke's generalised gradient, and the convention of the Guttman transform (Borg & Groenen
2005, section 8.6: b_mn = 0 if d_mn = 0). The Hessian keeps the smooth part, d_mn^2, of such a pair.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

Array = NDArray[np.float64]
Weights = float | Array


def value(x: Array, D: Array, w: Weights = 1.0) -> float:
    """The stress f at x."""
    residual = D - pdist(x.reshape(-1, 2))
    return 2.0 * float(w * residual @ residual)


def value_and_gradient(x: Array, D: Array, w: Weights = 1.0) -> tuple[float, Array]:
    """The stress at x and its gradient, shape (2n,): 4 sum_n w_mn (1 - D_mn / d_mn) (x_m - x_n) for each point m."""
    X = x.reshape(-1, 2)
    d = pdist(X)
    residual = D - d
    W = squareform(w * (1.0 - _ratio(D, d)))
    gradient = 4.0 * (W.sum(axis=1)[:, None] * X - W @ X)
    return 2.0 * float(w * residual @ residual), gradient.ravel()


def hessian_vector(x: Array, v: Array, D: Array, w: Weights = 1.0) -> Array:
    """The Hessian of the stress at x times v, shape (2n,).

    4 sum_n w_mn [(1 - D_mn / d_mn) I + (D_mn / d_mn^3) (x_m - x_n)(x_m - x_n)^T] (v_m - v_n) for each point m.
    """
    X, V = x.reshape(-1, 2), v.reshape(-1, 2)
    d = pdist(X)
    ratio = _ratio(D, d)
    x_mn = X[:, None, :] - X[None, :, :]
    v_mn = V[:, None, :] - V[None, :, :]
    along = squareform(w * _ratio(ratio, d**2)) * np.einsum("mnk,mnk->mn", x_mn, v_mn)
    across = squareform(w * (1.0 - ratio))
    product: Array = 4.0 * (across[:, :, None] * v_mn + along[:, :, None] * x_mn).sum(axis=1)
    return product.ravel()


def residuals(x: Array, D: Array, w: Weights = 1.0) -> Array:
    """The residuals sqrt(2 w_mn) (D_mn - d_mn), shape (n(n-1)/2,); the sum of their squares is the stress."""
    result: Array = np.sqrt(2.0 * w) * (D - pdist(x.reshape(-1, 2)))
    return result


def jacobian(x: Array, w: Weights = 1.0) -> Array:
    """The residuals' derivatives, shape (n(n-1)/2, 2n): four per row are not zero, and none for a coincident pair."""
    X = x.reshape(-1, 2)
    m, n = _ends(len(X))
    x_mn = X[m] - X[n]
    d = np.hypot(*x_mn.T)
    slope = np.sqrt(2.0 * w)[..., None] * _ratio(x_mn, d[:, None])
    J = np.zeros((len(d), len(X), 2))
    pairs = np.arange(len(d))
    J[pairs, m], J[pairs, n] = -slope, slope
    return J.reshape(len(d), -1)


def value_and_guttman(x: Array, D: Array) -> tuple[float, Array]:
    """The stress at x and the Guttman transform of x, shape (2n,): T(X) = B(X) X / n.

    B has -D_mn / d_mn off its diagonal and rows that sum to zero (Borg & Groenen 2005, equation 8.29), so T(X) is
    centred. It is where the quadratic that majorises the stress and touches it at X is lowest (de Leeuw 1977).
    """
    X = x.reshape(-1, 2)
    d = pdist(X)
    residual = D - d
    B = -squareform(_ratio(D, d))
    np.fill_diagonal(B, -B.sum(axis=1))
    return 2.0 * float(residual @ residual), (B @ X / len(X)).ravel()


def batch_gradient(x: Array, pairs: NDArray[np.intp], D: Array) -> Array:
    """An unbiased estimate of the gradient, shape (2n,), from some pairs: indices into D, drawn uniformly.

    The sum of 4 (1 - D_mn / d_mn) (x_m - x_n) over these pairs, times all pairs / these pairs. Only their distances are
    computed.
    """
    X = x.reshape(-1, 2)
    m, n = (ends[pairs] for ends in _ends(len(X)))
    x_mn = X[m] - X[n]
    pull = 4.0 * len(D) / len(pairs) * (1.0 - _ratio(D[pairs], np.hypot(*x_mn.T)))[:, None] * x_mn
    gradient = np.zeros_like(X)
    np.add.at(gradient, m, pull)
    np.subtract.at(gradient, n, pull)
    return gradient.ravel()


def torch_value(x: Any, D: Array) -> Any:
    """The stress at a tensor x, in operations that torch differentiates; its pdist keeps the convention above."""
    import torch

    residual = torch.tensor(D) - torch.pdist(x.reshape(-1, 2))
    return 2.0 * residual @ residual


@cache
def _ends(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The points m < n of each pair, in condensed order."""
    return np.triu_indices(n, k=1)


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Elementwise quotient, zero if the denominator is zero."""
    quotient = np.zeros_like(numerator)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient
