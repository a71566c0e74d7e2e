"""Gradient descent: the direction is the negative gradient, and a separate rule determines the step."""

from collections.abc import Generator
from itertools import count

import numpy as np

from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.solvers import step_rules
from mdsbench.solvers.step_rules import Step


@solver("gd", uses="gradient", reference="Cauchy 1847; Nesterov 2018, Lectures on Convex Optimization, section 1.2.3")
def gradient_descent(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: Step = "1/L",
) -> Generator[Array, None, None]:
    """Gradient descent, with any step rule and any gradient source.

        x_{k+1} = x_k - t_k g(x_k)

    `step` is by default `1/L`, with L from the problem. For stress that is the Guttman step 1/(4n), which never
    increases the loss (de Leeuw 1977) and needs no tuning. Where no L is known, it is found by backtracking, see
    `mdsbench.solvers.step_rules`. With a line search, `gd(step=exact)`, it is steepest
    descent. With mini-batches and a decreasing step, `gd[mini-batch](step=power)`, it is stochastic gradient descent.
    """
    length = step_rules.bind(step, oracle)
    for k in count():
        g = oracle.gradient(x)
        x = x - length(k, x, g, -g) * g
        yield x
