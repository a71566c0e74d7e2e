"""Linear regression by least squares, whose minimum is known: y = w_0 + w_1 x_1 + ... + w_d x_d.

f(w) = 1/m sum_i (w_0 + w_1 x_i1 + ... + w_d x_id - y_i)^2
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdsbench.models.squares import mean_square
from mdsbench.problems import checks
from mdsbench.problems.problem import Array, Problem, canonical
from mdsbench.registry.decorators import problem

MOST = 2_000  # variables: the minimum is found when the problem is made, with 10 n^3 operations
FEWEST_OBSERVATIONS, PER_VARIABLE = 100, 5
STREAM = 2  # of random numbers: another than those of the starts


@problem("linear-regression", reference="Legendre 1805; Gauss 1809")
@lru_cache(8)
def linear_regression(*, n: int = 2, scatter: float = 0.5, seed: int = 0) -> Problem:
    """The mean squared error of a linear function of n - 1 inputs; w_0 is the first variable.

    `linear-regression-2` is the line y = w_0 + w_1 x. The observations are 5 n, at least 100: the inputs and the true
    coefficients are normal with standard deviation 1, and y has normal noise of standard deviation `scatter`. As many
    other observations are for the test.
    """
    checks.size("linear-regression", n, 1, MOST)
    checks.amount("scatter", scatter)
    checks.seed(seed)
    m = max(FEWEST_OBSERVATIONS, PER_VARIABLE * n)
    rng = np.random.default_rng([seed, STREAM])
    truth = rng.normal(size=n)
    (X, y), (X_test, y_test) = (_observed(rng, m, truth, scatter) for _ in range(2))
    best = np.asarray(np.linalg.lstsq(X, y)[0], dtype=float)

    def value(w: Array) -> float:
        return mean_square(X @ w - y)

    def value_and_gradient(w: Array) -> tuple[float, Array]:
        residuals = X @ w - y
        return mean_square(residuals), 2 / m * (residuals @ X)

    def batch_gradient(w: Array, terms: NDArray[np.intp]) -> Array:
        rows = X[terms]
        return np.asarray(2 / len(terms) * ((rows @ w - y[terms]) @ rows))

    def torch_value(w: Any) -> Any:
        import torch

        return ((torch.tensor(X) @ w - torch.tensor(y)) ** 2).mean()

    return Problem(
        ours=True,
        name=canonical("linear-regression", n, scatter=scatter, seed=seed),
        dimension=n,
        value=value,
        value_and_gradient=value_and_gradient,
        hessian_vector=lambda _, v: 2 / m * (X.T @ (X @ v)),
        residuals=lambda w: (X @ w - y) / m**0.5,
        jacobian=lambda _: X / m**0.5,
        batch_gradient=batch_gradient,
        torch_value=torch_value,
        terms=m,
        held_out=lambda w: {"test loss": mean_square(X_test @ w - y_test)},
        smoothness=2 / m * float(np.linalg.norm(X, 2)) ** 2,
        best_known=value(best),
        provenance="the solution of the linear equations",
    )


def _observed(rng: np.random.Generator, m: int, truth: Array, scatter: float) -> tuple[Array, Array]:
    """Inputs, the first of which is 1, shape (m, variables), and what is observed, shape (m,)."""
    X = np.column_stack([np.ones(m), rng.normal(size=(m, len(truth) - 1))])
    return X, X @ truth + scatter * rng.normal(size=m)
