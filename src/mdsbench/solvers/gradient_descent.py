"""Gradient descent: the direction is the antigradient, and the step is a rule of its own."""

from collections.abc import Generator
from itertools import count

import numpy as np

from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import solver
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

    `step` is by default `1/L`, with L from the problem; for stress that is the Guttman step 1/(4n), which never goes
    up (de Leeuw 1977) and needs no tuning. With a line search it is steepest descent, with mini-batches and a step
    that falls it is stochastic gradient descent: `gd(step=exact)`, `gd[mini-batch](step=power)`.
    """
    length = step_rules.bind(step, oracle)
    for k in count():
        g = oracle.gradient(x)
        x = x - length(k, x, g, -g) * g
        yield x
