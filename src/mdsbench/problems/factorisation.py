"""Matrix factorisation: a matrix of low rank from some of its entries.

    f(U, V) = 1/m sum over the m known entries (i, j) of (u_i . v_j - M_ij)^2

`x` is the flat vector of U, shape (n, rank), and V, shape (n, rank), row by row (Koren, Bell & Volinsky 2009).
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mdsbench.errors import UsageError
from mdsbench.models.squares import mean_square
from mdsbench.problems import checks
from mdsbench.problems.problem import Array, Problem, canonical
from mdsbench.registry.decorators import problem

FEWEST, MOST = 4, 20_000  # rows
RANK = 2
KNOWN = 10  # entries of a row for each unit of rank, at most; a matrix with few columns has half of a row
JACOBIAN_UP_TO = 1_000  # parameters
STREAM = 3  # of random numbers: another than those of the starts


class Entries:
    """Entries (i, j) of a matrix of n rows and columns, and their numbers, shape (entries,) each."""

    def __init__(self, i: NDArray[np.intp], j: NDArray[np.intp], M: Array) -> None:
        self.i, self.j, self.M = i, j, M

    def residuals(self, U: Array, V: Array) -> Array:
        """u_i . v_j - M_ij, shape (entries,)."""
        return np.asarray(np.einsum("er,er->e", U[self.i], V[self.j]) - self.M)

    def matrix(self, values: Array, n: int) -> Any:
        """The sparse matrix that has these values at the entries."""
        return csr_array((values, (self.i, self.j)), shape=(n, n))

    def some(self, which: NDArray[np.intp]) -> "Entries":
        """Those with these numbers."""
        return Entries(self.i[which], self.j[which], self.M[which])


@problem("factorisation", reference="Koren, Bell & Volinsky 2009")
@lru_cache(8)
def factorisation(*, n: int = 20, rank: int = RANK, seed: int = 0) -> Problem:
    """An n x n matrix of low rank as U V^T: 2 n `rank` parameters, from some entries; others are for the test.

    The true factors are normal with standard deviation 1 / `rank`^(1/4), so an entry has standard deviation 1. Each row
    has half of its entries known, at most 10 `rank`, and a quarter as many are for the test. The numbers are exact, so
    the least value is 0. It is not convex, and U = V = 0 is a saddle point.
    """
    checks.size("factorisation", n, FEWEST, MOST, "rows")
    if not 1 <= rank <= n:
        raise UsageError(f"rank={rank}: the rank goes from 1 to the number of rows, {n}")
    checks.seed(seed)
    known, test = _drawn(n, rank, seed)
    m = len(known.M)

    def factors(x: Array) -> tuple[Array, Array]:
        U, V = x.reshape(2, n, rank)
        return U, V

    def value(x: Array) -> float:
        return mean_square(known.residuals(*factors(x)))

    def gradient(entries: Entries, U: Array, V: Array, residuals: Array) -> Array:
        R = entries.matrix(2 / len(residuals) * residuals, n)
        return np.concatenate([(R @ V).ravel(), (R.T @ U).ravel()])

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        U, V = factors(x)
        residuals = known.residuals(U, V)
        return mean_square(residuals), gradient(known, U, V, residuals)

    def hessian_vector(x: Array, v: Array) -> Array:
        (U, V), (P, Q) = factors(x), factors(v)
        along = np.einsum("er,er->e", P[known.i], V[known.j]) + np.einsum("er,er->e", U[known.i], Q[known.j])
        return gradient(known, U, V, along) + gradient(known, P, Q, known.residuals(U, V))

    def batch_gradient(x: Array, terms: NDArray[np.intp]) -> Array:
        U, V = factors(x)
        some = known.some(terms)
        return gradient(some, U, V, some.residuals(U, V))

    def jacobian(x: Array) -> Array:
        U, V = factors(x)
        J = np.zeros((m, 2, n, rank))
        J[np.arange(m), 0, known.i], J[np.arange(m), 1, known.j] = V[known.j], U[known.i]
        return np.asarray(J.reshape(m, -1) / m**0.5)

    def torch_value(x: Any) -> Any:
        U, V = x.reshape(2, n, rank)
        import torch

        return (((U[known.i] * V[known.j]).sum(dim=1) - torch.tensor(known.M)) ** 2).mean()

    small = 2 * n * rank <= JACOBIAN_UP_TO
    return Problem(
        ours=True,
        name=canonical("factorisation", n, rank=rank, seed=seed),
        dimension=2 * n * rank,
        value=value,
        value_and_gradient=value_and_gradient,
        hessian_vector=hessian_vector,
        residuals=(lambda x: known.residuals(*factors(x)) / m**0.5) if small else None,
        jacobian=jacobian if small else None,
        batch_gradient=batch_gradient,
        torch_value=torch_value,
        terms=m,
        held_out=lambda x: {"test loss": mean_square(test.residuals(*factors(x)))},
        best_known=0.0,
        provenance="by construction: the numbers are exact",
    )


def _drawn(n: int, rank: int, seed: int) -> tuple[Entries, Entries]:
    """The entries that are known, and those for the test."""
    rng = np.random.default_rng([seed, STREAM])
    U, V = rank**-0.25 * rng.normal(size=(2, n, rank))
    known = min((n + 1) // 2, KNOWN * rank)
    test = max(1, known // 4)
    columns = np.array([rng.choice(n, known + test, replace=False) for _ in range(n)])

    def entries(j: NDArray[np.intp]) -> Entries:
        i, flat = np.repeat(np.arange(n), j.shape[1]), j.ravel()
        return Entries(i, flat, np.einsum("er,er->e", U[i], V[flat]))

    return entries(np.sort(columns[:, :known], axis=1)), entries(columns[:, known:])
