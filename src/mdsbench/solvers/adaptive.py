"""Adaptive steps: every coordinate has its own, from the gradients that it has seen. All operations are elementwise.

`step` multiplies the direction that a method has made of its gradients; a line search searches along that. Such a
direction hardly shrinks where the gradients do, and so, without noise, RMSprop and Adadelta with a constant step end in
a swing about as wide as the step. Their papers' problems are noisy and end elsewhere; here their step falls by default.
"""

from collections.abc import Generator
from itertools import count

import numpy as np

from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import solver
from mdsbench.solvers import step_rules
from mdsbench.solvers.step_rules import Step


@solver("adagrad", uses="gradient", reference="Duchi, Hazan & Singer 2011, Figure 1 with diagonal matrices")
def adagrad(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: Step = 0.5**0.5,
    eps: float = 1e-10,
) -> Generator[Array, None, None]:
    """AdaGrad: a coordinate that has seen steep gradients takes shorter steps.

        s_k = s_{k-1} + g_k^2,    x_{k+1} = x_k - t_k g_k / (sqrt(s_k) + eps)

    The paper's regret bound is least for the step D / sqrt(2), D the farthest that a coordinate is from its goal; the
    longest distance on the map is 1, so `step` is sqrt(1/2). The paper leaves eps, its delta, open: `eps` 1e-10, as in
    torch, only keeps 0 from being divided by 0. torch's Adagrad is the same; its step is 0.01 unless told otherwise.
    """
    length = step_rules.bind(step, oracle)
    s = np.zeros_like(x)
    for k in count():
        g = oracle.gradient(x)
        s = s + g**2
        p = -g / (np.sqrt(s) + eps)
        x = x + length(k, x, g, p) * p
        yield x


@solver(
    "rmsprop", uses="gradient", reference="Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6e"
)
def rmsprop(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: Step = "power(scale=0.01)",
    rho: float = 0.9,
    eps: float = 1e-8,
) -> Generator[Array, None, None]:
    """RMSprop: AdaGrad that forgets, so that its steps do not die out.

        v_k = rho v_{k-1} + (1 - rho) g_k^2,    x_{k+1} = x_k - t_k g_k / (sqrt(v_k) + eps)

    `rho` 0.9 is the lecture's; it gives no step and no eps. Here they are torch's, `eps` 1e-8 and `step` 0.01, but
    falling like power(scale=0.01), for the reason above. torch's RMSprop is the same with `step=0.01, rho=0.99`.
    """
    length = step_rules.bind(step, oracle)
    v = np.zeros_like(x)
    for k in count():
        g = oracle.gradient(x)
        v = rho * v + (1 - rho) * g**2
        p = -g / (np.sqrt(v) + eps)
        x = x + length(k, x, g, p) * p
        yield x


@solver("adadelta", uses="gradient", reference="Zeiler 2012, Algorithm 1")
def adadelta(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: Step = "power(scale=1)",
    rho: float = 0.95,
    eps: float = 1e-6,
) -> Generator[Array, None, None]:
    """Adadelta: the last moves set the length of the next, so that there is no step to choose.

        v_k = rho v_{k-1} + (1 - rho) g_k^2,    d_k = -sqrt(u_{k-1} + eps) / sqrt(v_k + eps) g_k
        u_k = rho u_{k-1} + (1 - rho) d_k^2,    x_{k+1} = x_k + t_k d_k

    `rho` and `eps` are those of the paper's experiments. It has no `step`, which is `step=1`; here it falls from 1, for
    the reason above: with 1 for ever, u remembers moves that v has forgotten, and the swing even grows. torch's
    Adadelta is the same with `step=1, rho=0.9`.
    """
    length = step_rules.bind(step, oracle)
    u = v = np.zeros_like(x)
    for k in count():
        g = oracle.gradient(x)
        v = rho * v + (1 - rho) * g**2
        d = -np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u = rho * u + (1 - rho) * d**2
        x = x + length(k, x, g, d) * d
        yield x


@solver("adam", uses="gradient", reference="Kingma & Ba 2015, Algorithm 1")
def adam(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    step: Step = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Generator[Array, None, None]:
    """Adam: momentum over RMSprop, each corrected for having begun at zero.

        m_t = beta1 m_{t-1} + (1 - beta1) g_t,      v_t = beta2 v_{t-1} + (1 - beta2) g_t^2
        x_t = x_{t-1} - step m^_t / (sqrt(v^_t) + eps),    m^_t = m_t / (1 - beta1^t),  v^_t = v_t / (1 - beta2^t)

    All options are the paper's. A `step` of 0.001 of the longest distance is safe and slow: a thousand iterations for
    the first unit of the way. torch's Adam is the same.
    """
    length = step_rules.bind(step, oracle)
    m = v = np.zeros_like(x)
    for t in count(1):
        g = oracle.gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        p = -(m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        x = x + length(t - 1, x, g, p) * p
        yield x
