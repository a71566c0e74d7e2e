"""Variants of a map's problem that favour derivative-free methods: missing distances, and a loss with kinks.

Missing distances have weight 0 in the stress. The sum of absolute deviations, in the notation of
`mdsbench.mds.stress`, is

    f(X) = sum_m sum_n |D_mn - d_mn(X)|

It has a kink if a distance fits exactly, and at its minimum many distances do. Such a pair, and a coincident pair,
contributes zero to the subgradient.
"""

from functools import partial

import numpy as np
from scipy.sparse.linalg import eigsh
from scipy.spatial.distance import pdist, squareform

from mdsbench.errors import UsageError
from mdsbench.mds import stress
from mdsbench.mds.distances import Stored
from mdsbench.mds.stress import Array
from mdsbench.problems.problem import MapInfo, Problem
from mdsbench.registry.spec import Spec, Value, parse

ALL_EIGENVALUES_UP_TO = 300  # points: finding all n takes n^3 operations, the largest alone some tens of n^2


def absolute(plain: Problem, best_known: float, provenance: str) -> Problem:
    """The sum of absolute deviations instead of the stress. It has no L, no Hessian and no residuals."""
    assert plain.targets is not None
    D = plain.targets.condensed()
    return Problem(
        ours=True,
        name=name(plain, "loss", "absolute"),
        dimension=plain.dimension,
        value=partial(absolute_value, D=D),
        value_and_gradient=partial(absolute_value_and_gradient, D=D),
        map=plain.map,
        terms=plain.terms,
        targets=plain.targets,
        best_known=best_known,
        provenance=provenance,
    )


def without(plain: Problem, missing: float, best_known: float, provenance: str) -> Problem:
    """The stress without a share of the pairs, always the same pairs."""
    assert plain.targets is not None
    assert plain.map is not None
    w = known_pairs(plain.dimension // 2, missing)
    D = np.where(w > 0, plain.targets.condensed(), np.nan)
    return with_gaps(name(plain, "missing", missing), D, plain.map, best_known, provenance)


def with_gaps(name: str, targets: Array, info: MapInfo, best_known: float, provenance: str) -> Problem:
    """The stress of the known pairs alone: the others, NaN in `targets`, have weight 0. A call touches all pairs."""
    D, w = np.nan_to_num(targets), np.where(np.isnan(targets), 0.0, 1.0)
    return Problem(
        ours=True,
        name=name,
        dimension=2 * info.points,
        value=partial(stress.value, D=D, w=w),
        value_and_gradient=partial(stress.value_and_gradient, D=D, w=w),
        hessian_vector=partial(stress.hessian_vector, D=D, w=w),
        residuals=partial(stress.residuals, D=D, w=w),
        jacobian=partial(stress.jacobian, w=w),
        map=info,
        terms=len(D),
        smoothness=largest_curvature(w),
        targets=Stored(targets),
        best_known=best_known,
        provenance=provenance,
    )


def name(varied: Problem, option: str, value: Value) -> str:
    """The problem's name with one more option. A name of another grammar, of a user's problem, stays as it is."""
    try:
        spec = parse(varied.name)
    except UsageError:
        return varied.name
    return str(Spec(spec.name, options=tuple(sorted({**dict(spec.options), option: value}.items()))))


def absolute_value(x: Array, D: Array) -> float:
    """The sum of absolute deviations at x."""
    return 2.0 * float(np.abs(D - pdist(x.reshape(-1, 2))).sum())


def absolute_value_and_gradient(x: Array, D: Array) -> tuple[float, Array]:
    """The sum at x and a subgradient, shape (2n,): -2 sum_n sign(D_mn - d_mn) (x_m - x_n) / d_mn for each point m."""
    X = x.reshape(-1, 2)
    d = pdist(X)
    deviation = D - d
    pull = np.zeros_like(d)
    np.divide(np.sign(deviation), d, out=pull, where=d > 0)
    P = squareform(pull)
    gradient = -2.0 * (P.sum(axis=1)[:, None] * X - P @ X)
    return 2.0 * float(np.abs(deviation).sum()), gradient.ravel()


def known_pairs(n: int, missing: float) -> Array:
    """Weights of the pairs of n points, condensed: 0 for the share that is missing, always the same pairs, else 1."""
    w = np.ones(n * (n - 1) // 2)
    w[np.random.default_rng(n).permutation(len(w))[: round(missing * len(w))]] = 0.0
    return w


def largest_curvature(w: Array) -> float:
    """L of the weighted stress: 4 times the largest eigenvalue of the weights' Laplacian; 4n where all are 1."""
    W = squareform(w)
    W = np.diag(W.sum(axis=1)) - W
    if len(W) <= ALL_EIGENVALUES_UP_TO:
        return 4.0 * float(np.linalg.eigvalsh(W)[-1])
    begin = np.random.default_rng(0).normal(size=len(W))  # a fixed start of Lanczos, so that results are reproducible
    return 4.0 * float(eigsh(W, k=1, which="LA", v0=begin, return_eigenvectors=False)[0])
