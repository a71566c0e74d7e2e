"""Textbook functions with a known minimum, for lessons on step sizes and for the tests of solvers."""

import numpy as np

from mdsbench.problems import checks
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.decorators import problem
from mdsbench.system import memory

MOST = 10**9  # variables
SMALL = 10_000  # variables that fit into any memory
VECTORS = 8  # that a run holds at the same time, at the least


@problem("sphere", reference="the quadratic with the identity for its Hessian, twice over")
def sphere(*, n: int = 2) -> Problem:
    """A round bowl: f(x) = |x - 1/3|^2, with its minimum where every coordinate is 1/3."""
    _check_size("sphere", n, 1)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        from_bottom = x - 1 / 3
        return float(from_bottom @ from_bottom), 2 * from_bottom

    return Problem(
        ours=True,
        name=f"sphere-{n}",
        dimension=n,
        value=lambda x: value_and_gradient(x)[0],
        value_and_gradient=value_and_gradient,
        hessian_vector=lambda _, v: 2 * v,
        residuals=lambda x: x - 1 / 3,
        jacobian=lambda _: np.eye(n),
        torch_value=lambda x: ((x - 1 / 3) ** 2).sum(),
        smoothness=2.0,
        best_known=0.0,
        provenance="by construction",
    )


@problem("rosenbrock", reference="Rosenbrock 1960")
def rosenbrock(*, n: int = 2) -> Problem:
    """A curved valley: sum of 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, lowest where every coordinate is 1."""
    _check_size("rosenbrock", n, 2)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        across, along = x[1:] - x[:-1] ** 2, 1 - x[:-1]
        gradient = np.zeros_like(x)
        gradient[:-1] = -400 * across * x[:-1] - 2 * along
        gradient[1:] += 200 * across
        return float(100 * across @ across + along @ along), gradient

    def hessian_vector(x: Array, v: Array) -> Array:
        product = np.zeros_like(x)
        product[:-1] = (1200 * x[:-1] ** 2 - 400 * x[1:] + 2) * v[:-1] - 400 * x[:-1] * v[1:]
        product[1:] += 200 * v[1:] - 400 * x[:-1] * v[:-1]
        return product

    def residuals(x: Array) -> Array:
        return np.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])

    def jacobian(x: Array) -> Array:
        along = np.eye(n)[:-1]
        return np.concatenate([10 * (np.eye(n)[1:] - 2 * x[:-1, None] * along), -along])

    return Problem(
        ours=True,
        name=f"rosenbrock-{n}",
        dimension=n,
        value=lambda x: value_and_gradient(x)[0],
        value_and_gradient=value_and_gradient,
        hessian_vector=hessian_vector,
        residuals=residuals,
        jacobian=jacobian,
        torch_value=lambda x: 100 * ((x[1:] - x[:-1] ** 2) ** 2).sum() + ((1 - x[:-1]) ** 2).sum(),
        best_known=0.0,
        provenance="by construction",
    )


def _check_size(name: str, n: int, fewest: int) -> None:
    """Raise UsageError if the function does not exist with n variables, or if a run does not fit into memory."""
    checks.size(name, n, fewest, MOST)
    if n > SMALL:
        memory.require(8 * VECTORS * n, f"a run on {name}-{n}", "take fewer variables")
