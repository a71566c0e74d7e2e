"""Momentum: each move contains a part of the last one."""

from collections.abc import Generator
from itertools import count
from math import sqrt

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.solvers import step_rules
from mdsbench.solvers.step_rules import Step


@solver("momentum", uses="gradient", reference="Polyak 1964, Some methods of speeding up convergence, section 3")
def momentum(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: Step = "1/L",
    beta: float = 0.9,
) -> Generator[Array, None, None]:
    """The heavy ball: gradient descent that keeps a part of its last move.

        x_{k+1} = x_k - t_k g(x_k) + beta (x_k - x_{k-1})

    Polyak's best `step` and `beta` depend on the least and the greatest curvature at the minimum, which are unknown
    beforehand. `beta` 0.9 is common practice (Sutskever et al. 2013). `step` 1/L is that of gradient descent, and less
    than 2 (1 + beta) / L, up to which the heavy ball is stable on a quadratic.

    torch's SGD(momentum=beta) adds up gradients and multiplies their sum by the step. With a constant step its iterates
    are the same. If the step changes, torch rescales the last move and Polyak does not.
    """
    length = step_rules.bind(step, oracle)
    last = x
    for k in count():
        g = oracle.gradient(x)
        x, last = x - length(k, x, g, -g) * g + beta * (x - last), x
        yield x


@solver(
    "nesterov", uses="gradient", reference="Nesterov 1983; schedule also in Beck & Teboulle 2009, equations 4.2, 4.3"
)
def nesterov(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: Step = "1/L",
    beta: float | str = "t_k",
    restart: bool = False,
) -> Generator[Array, None, None]:
    """Nesterov's accelerated gradient: the gradient is taken at the position to which momentum leads.

        x_{k+1} = y_k - s_k g(y_k)
        y_{k+1} = x_{k+1} + beta_k (x_{k+1} - x_k),    beta_k = (t_k - 1) / t_{k+1},
        t_{k+1} = (1 + sqrt(1 + 4 t_k^2)) / 2,         t_0 = 1

    `step` s_k is 1/L and `beta` is the schedule `t_k`, both as in the paper; a number is a constant beta. On convex
    functions the loss decreases like 1/k^2. Stress is not convex, and near its minimum the schedule oscillates. With
    `restart` the schedule begins again with t = 1 and y = x after each uphill move, g(y_k).(x_{k+1} - x_k) > 0
    (O'Donoghue & Candès 2015, section 3.2, gradient scheme). An iterate is x; gradients are taken at y. The proof
    requires steps that never grow. A line search that satisfies it is `step=armijo(c=0.5, grow=1)`; c = 1/2 is the
    paper's condition.

    torch's SGD(momentum=beta, nesterov=True) stores y instead of x, with a constant beta. Its parameters are y_k here.
    """
    if isinstance(beta, str) and beta != "t_k":
        raise UsageError(f"nesterov(beta={beta}): beta is a number, or t_k for the paper's schedule")
    length = step_rules.bind(step, oracle)
    y, t = x, 1.0
    for k in count():
        g = oracle.gradient(y)
        t_next = (1 + sqrt(1 + 4 * t**2)) / 2
        beta_k = (t - 1) / t_next if beta == "t_k" else float(beta)
        last, x, t = x, y - length(k, y, g, -g) * g, t_next
        y = x + beta_k * (x - last)
        if restart and g @ (x - last) > 0:
            y, t = x, 1.0
        yield x
