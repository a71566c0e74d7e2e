"""Maps from distances at once, without iteration or from few points: where a descent may begin.

`D` holds the distances of the pairs, condensed, shape (n(n-1)/2,), NaN where missing; maps are flat, shape (2n,).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import squareform

from mdsbench import stress

Array = NDArray[np.float64]


def completed(D: Array) -> Array:
    """Each missing distance replaced by the shortest way through known ones (Kruskal & Seery 1980; MDS-MAP 2003)."""
    if not np.isnan(D).any():
        return D
    paths: Array = squareform(shortest_path(squareform(np.nan_to_num(D)), directed=False), checks=False)
    return paths


def classical(D: Array) -> Array:
    """Torgerson's map: the two leading principal coordinates of the doubly centred squared distances, centred at 0."""
    squares = squareform(completed(D)) ** 2
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    eigenvalues, vectors = np.linalg.eigh(-0.5 * centred)
    X: Array = vectors[:, -2:] * np.sqrt(np.maximum(eigenvalues[-2:], 0.0))
    mirrored = X[np.abs(X).argmax(axis=0), [0, 1]] < 0  # an eigenvector has no sign of its own: fix one
    X[:, mirrored] *= -1.0
    return X.ravel()


def solved(D: Array) -> Array:
    """The map of least stress that L-BFGS-B finds from Torgerson's."""
    w = (~np.isnan(D)).astype(float)
    options = {"ftol": 0.0, "gtol": 1e-10, "maxiter": 20_000, "maxfun": 20_000}
    end = minimize(
        stress.value_and_gradient, classical(D), (np.nan_to_num(D), w), "L-BFGS-B", jac=True, options=options
    )
    x: Array = end.x
    return x


def from_landmarks(D: Array, landmarks: NDArray[np.intp]) -> Array:
    """The landmarks' own map of least stress, and every other point placed by its distances to them.

    The squared distances to the landmarks are linear in the point's position but for a constant; least squares solve
    for it (de Silva & Tenenbaum 2004, section 2).
    """
    squares = squareform(completed(D)) ** 2
    L = solved(squareform(np.sqrt(squares[np.ix_(landmarks, landmarks)]), checks=False)).reshape(-1, 2)
    L = L - L.mean(axis=0)
    excess = squares[landmarks] - squares[np.ix_(landmarks, landmarks)].mean(axis=0)[:, None]
    X: Array = -0.5 * (np.linalg.pinv(L) @ excess).T
    X[landmarks] = L
    return X.ravel()
