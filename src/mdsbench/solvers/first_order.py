"""Solvers that follow the gradient, written by hand: each reads like its source."""

from collections.abc import Generator

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle import GradientOracle
from mdsbench.problem import Array
from mdsbench.registry import solver


@solver("gd", uses="gradient", reference="Cauchy 1847; Nesterov 2018, Lectures on Convex Optimization, section 1.2.3")
def gradient_descent(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: float | str = "1/L",
) -> Generator[Array, None, None]:
    """Gradient descent with a constant step: x_{k+1} = x_k - step * gradient(x_k).

    `step` is a number or `1/L`, with L from the problem; for stress that is the Guttman step 1/(4n), which never
    goes up (de Leeuw 1977) and needs no tuning.
    """
    step_length = _one_over_smoothness(oracle) if step == "1/L" else float(step)
    while True:
        x = x - step_length * oracle.gradient(x)
        yield x


def _one_over_smoothness(oracle: GradientOracle) -> float:
    if oracle.smoothness is None:
        raise UsageError("step=1/L: no L is known for this problem; give the step as a number")
    return 1.0 / oracle.smoothness
