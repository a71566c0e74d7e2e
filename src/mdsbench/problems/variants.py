"""Variants of a map's problem that favour derivative-free methods.

Missing distances have weight 0 in the stress. Noise and rounding disturb the values that the solver receives, but not
those that are recorded.
The sum of absolute deviations, in the notation of `mdsbench.mds.stress`, is

    f(X) = sum_m sum_n |D_mn - d_mn(X)|

It has a kink if a distance fits exactly, and at its minimum many distances do. Such a pair, and a coincident pair,
contributes zero to the subgradient.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from scipy.spatial.distance import pdist, squareform

from mdsbench.errors import UsageError
from mdsbench.mds import stress
from mdsbench.mds.distances import Stored
from mdsbench.mds.stress import Array
from mdsbench.problems.problem import Problem
from mdsbench.registry.spec import Spec, Value, parse


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
    """The stress without a share of the pairs: weight 0, and NaN in `targets`. A call still touches all pairs."""
    assert plain.targets is not None
    D, w = plain.targets.condensed(), known_pairs(plain.dimension // 2, missing)
    return Problem(
        ours=True,
        name=name(plain, "missing", missing),
        dimension=plain.dimension,
        value=partial(stress.value, D=D, w=w),
        value_and_gradient=partial(stress.value_and_gradient, D=D, w=w),
        hessian_vector=partial(stress.hessian_vector, D=D, w=w),
        residuals=partial(stress.residuals, D=D, w=w),
        jacobian=partial(stress.jacobian, w=w),
        map=plain.map,
        terms=plain.terms,
        smoothness=largest_curvature(w),
        targets=Stored(np.where(w > 0, D, np.nan)),
        best_known=best_known,
        provenance=provenance,
    )


def disturbed(undisturbed: Problem, noise: float, quantum: float) -> Problem:
    """The problem with disturbed values and derivatives for the solver.

    It has no Guttman transform, because that is neither a value nor a derivative.
    """
    observe = Disturbance(noise, quantum)
    varied = undisturbed
    for option, amount in (("noise", noise), ("quantum", quantum)):
        if amount:
            varied = replace(varied, name=name(varied, option, amount), observe=observe, guttman=None)
    return varied


def name(varied: Problem, option: str, value: Value) -> str:
    """The problem's name with one more option."""
    spec = parse(varied.name)
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
    return 4.0 * float(np.linalg.eigvalsh(np.diag(W.sum(axis=1)) - W)[-1])


class Disturbance:
    """The disturbance of a number, or of each number in an array, before a solver receives it.

    First, independent normal noise with standard deviation `noise` is added. It is the same for values, components of
    derivatives and residuals, because lengths are in units of the longest distance. Then the sum is rounded to
    multiples of `quantum`. A gradient is rounded like a value; it is not the zero gradient of a staircase.
    """

    def __init__(self, noise: float, quantum: float) -> None:
        for name, amount in (("noise", noise), ("quantum", quantum)):
            if not 0 <= amount < np.inf:
                raise UsageError(f"{name}={amount:g}: it is 0 or a positive number")
        self.noise, self.quantum = noise, quantum

    def __call__(self, number: float | Array, rng: np.random.Generator) -> float | Array:
        """The number, or each number of an array, disturbed."""
        observed = number
        if self.noise:
            observed = observed + self.noise * rng.standard_normal(np.shape(number))
        if self.quantum:
            observed = self.quantum * np.round(observed / self.quantum)
        return observed if isinstance(number, np.ndarray) else float(observed)
