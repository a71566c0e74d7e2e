"""Initial maps from distances, without iteration or from few points.

`D` holds the distances of the pairs, condensed, shape (n(n-1)/2,), NaN where missing; maps are flat, shape (2n,).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse.csgraph import csgraph_from_dense, shortest_path
from scipy.sparse.linalg import eigsh
from scipy.spatial.distance import squareform

from mdsbench.mds import stress
from mdsbench.mds.distances import Stored, Targets
from mdsbench.system import memory

Array = NDArray[np.float64]

ALL_EIGENPAIRS_UP_TO = 300  # points: finding all n takes n^3 operations, the leading two alone some tens of n^2


def completed(D: Array) -> Array:
    """Each missing distance replaced by the shortest way through known ones (Kruskal & Seery 1980; MDS-MAP 2003)."""
    if not np.isnan(D).any():
        return D
    known = csgraph_from_dense(squareform(D), null_value=np.nan)  # a distance of zero is known
    paths: Array = squareform(shortest_path(known, directed=False), checks=False)
    return paths


def classical(D: Array) -> Array:
    """Torgerson's map: the two leading principal coordinates of the doubly centred squared distances, centred at 0.

    Raises UsageError if the square table, 8 n^2 bytes, does not fit into memory.
    """
    n = Stored(D).points
    memory.require(8 * n**2, f"the square table of {n:,} points' distances", "take landmarks for the start")
    B = squareform(completed(D))
    np.square(B, out=B)
    to_each, from_each, overall = B.mean(axis=0), B.mean(axis=1), B.mean()
    B -= to_each
    B -= from_each[:, None]
    B += overall
    B *= -0.5
    eigenvalues, vectors = _leading(B)
    X: Array = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    mirrored = X[np.abs(X).argmax(axis=0), [0, 1]] < 0  # the sign of an eigenvector is arbitrary: fix it
    X[:, mirrored] *= -1.0
    return X.ravel()


def _leading(B: Array) -> tuple[Array, Array]:
    """The two largest eigenvalues of a symmetric table, ascending, and their vectors, shape (n, 2)."""
    if len(B) <= ALL_EIGENPAIRS_UP_TO:
        eigenvalues, vectors = np.linalg.eigh(B)
        return eigenvalues[-2:], vectors[:, -2:]
    begin = np.random.default_rng(0).normal(size=len(B))  # a fixed start of Lanczos, so that results are reproducible
    eigenvalues, vectors = eigsh(B, k=2, which="LA", v0=begin)
    ascending = np.argsort(eigenvalues)
    return eigenvalues[ascending], vectors[:, ascending]


def solved(D: Array) -> Array:
    """The minimum of stress that L-BFGS-B finds from Torgerson's map."""
    w = (~np.isnan(D)).astype(float)
    options = {"ftol": 0.0, "gtol": 1e-10, "maxiter": 20_000, "maxfun": 20_000}
    end = minimize(
        stress.value_and_gradient, classical(D), (np.nan_to_num(D), w), "L-BFGS-B", jac=True, options=options
    )
    x: Array = end.x
    return x


def from_landmarks(targets: Targets, landmarks: NDArray[np.intp], place: Callable[[Array], Array] = classical) -> Array:
    """A map of the landmarks, made by `place`, with every other point placed by its distances to them.

    The squared distances to the landmarks are linear in the point's position, except for a constant. Least squares
    solve for the position (de Silva & Tenenbaum 2004, section 2). Only the landmarks' rows of distances are used, shape
    (landmarks, n), unless distances are missing.
    """
    rows = _complete(targets).rows(landmarks)
    among = np.ascontiguousarray(rows[:, landmarks])
    L = place(squareform(among, checks=False)).reshape(-1, 2)
    L = L - L.mean(axis=0)
    excess = np.square(rows, out=rows)
    excess -= np.square(among).mean(axis=0)[:, None]
    X: Array = -0.5 * (np.linalg.pinv(L) @ excess).T
    X[landmarks] = L
    return X.ravel()


def _complete(targets: Targets) -> Targets:
    """The targets without missing distances; computed distances are never missing."""
    return Stored(completed(targets.condensed())) if isinstance(targets, Stored) else targets
