"""How fast the Guttman step converges near a minimum of the stress, and which points hold it back.

With f the full double sum of n points and H its Hessian at a minimum, gradient descent with the Guttman step,
x - g / 4n, multiplies an error e by I - H / 4n. This is the derivative of the Guttman transform. Translations and
rotations do not change the stress, so their errors stay and do not count. The least of the other eigenvalues of H / 4n
is mu. In the end, an iteration multiplies the error by 1 - mu and the gap of the loss by (1 - mu)^2 (de Leeuw 1988,
Convergence of the majorization method for multidimensional scaling, Journal of Classification 5:163-180).

No eigenvalue of I - H / 4n is negative, because the Guttman transform is the gradient of a convex function divided by a
constant. At a minimum none is above 1.
"""

from collections.abc import Callable
from math import inf, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

Array = NDArray[np.float64]

DENSE_UP_TO = 30  # points: the table of the Hessian takes 2n products, Lanczos some tens
ACCURACY = 1e-6  # of the eigenvector; that of the eigenvalue is its square


class SlowMode(NamedTuple):
    """The error that the Guttman step removes last.

    `mu` is the least non-trivial eigenvalue of H / L. `mode` is its eigenvector, shape (n, 2), of length 1: how far and
    in which direction each point is away from its place, in the same arbitrary unit.
    """

    mu: float
    mode: Array

    @property
    def rate(self) -> float:
        """What the error is multiplied by per iteration, in the end."""
        return 1.0 - self.mu

    @property
    def shares(self) -> Array:
        """The part of the squared error that each point holds, shape (n,), summing to 1."""
        shares: Array = np.square(self.mode).sum(axis=1)
        return shares

    def holders(self, count: int = 5) -> list[tuple[int, float]]:
        """The points with the largest shares, the largest first: their indices and shares."""
        shares = self.shares
        return [(int(point), float(shares[point])) for point in np.argsort(-shares, kind="stable")[:count]]

    def iterations(self, reduction: float) -> float:
        """The iterations that multiply the gap of the loss by `reduction`, if the slow mode alone is left."""
        return log(reduction) / (2.0 * log(self.rate)) if 0.0 < self.rate < 1.0 else 0.0 if self.rate <= 0.0 else inf


def slow_mode(hessian_vector: Callable[[Array, Array], Array], x: Array, smoothness: float | None = None) -> SlowMode:
    """The slow mode of the Guttman step at a minimum of a stress.

    Parameters
    ----------
    hessian_vector
        The Hessian of the stress, the full double sum, at its first argument times the second; both have the shape of
        x. A problem has this function: `problem.hessian_vector`.
    x
        The minimum, shape (2n,).
    smoothness
        L: the step is 1 / L. The default is 4n, with which it is the Guttman step.

    Returns
    -------
    SlowMode
        mu, the eigenvector, and what follows from them. At a point that is no minimum, mu may be negative.

    Notes
    -----
    Up to 30 points the eigenvalues of the whole Hessian are computed, and above that the least one by Lanczos (ARPACK).

    Examples
    --------
    Four points at the corners of a square with exact distances:

    >>> from functools import partial
    >>> import numpy as np
    >>> from scipy.spatial.distance import pdist
    >>> from mdsbench.mds import stress
    >>> x = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    >>> slow = slow_mode(partial(stress.hessian_vector, D=pdist(x.reshape(-1, 2))), x)
    >>> round(slow.mu, 12), round(slow.iterations(1e-6), 6)
    (0.5, 9.965784)
    """
    n = len(x) // 2
    step = 1.0 / (4.0 * n if smoothness is None else smoothness)
    still = _motions(x.reshape(-1, 2))

    def shrink(v: Array) -> Array:
        """I - H / L on what is neither translation nor rotation, and 0 on these."""
        v = v - still @ (still.T @ v)
        v = v - step * hessian_vector(x, v)
        moved: Array = v - still @ (still.T @ v)
        return moved

    if n <= DENSE_UP_TO:
        table = np.column_stack([shrink(unit) for unit in np.eye(2 * n)])
        eigenvalues, vectors = np.linalg.eigh((table + table.T) / 2.0)
    else:
        begin = np.random.default_rng(0).normal(size=2 * n)  # a fixed start, so that results are reproducible
        operator = LinearOperator((2 * n, 2 * n), matvec=shrink, dtype=np.float64)
        eigenvalues, vectors = eigsh(operator, k=1, which="LA", v0=shrink(begin), tol=ACCURACY)
    return SlowMode(1.0 - float(eigenvalues[-1]), vectors[:, -1].reshape(-1, 2))


def _motions(X: Array) -> Array:
    """An orthonormal basis of translations and of the rotation about the centre, shape (2n, 3)."""
    centred = X - X.mean(axis=0)
    rotation = np.column_stack([-centred[:, 1], centred[:, 0]])
    basis = np.zeros((2 * len(X), 3))
    basis[0::2, 0] = basis[1::2, 1] = len(X) ** -0.5
    basis[:, 2] = rotation.ravel() / np.linalg.norm(rotation)
    return basis
