"""Adaptive steps: every coordinate has its own step, made from its past gradients. All operations are elementwise.

`step` multiplies the direction that a method computes from its gradients; a line search searches along this direction.
The direction hardly shrinks when the gradients do. Without noise, RMSprop and Adadelta with a constant step therefore
end in an oscillation about as wide as the step. Their papers have noisy problems. Here their step decreases by default.
"""

from collections.abc import Generator
from itertools import count

import numpy as np

from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
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
    """AdaGrad: a coordinate with steep gradients in the past takes shorter steps.

        s_k = s_{k-1} + g_k^2,    x_{k+1} = x_k - t_k g_k / (sqrt(s_k) + eps)

    The paper's regret bound is least for the step D / sqrt(2), where D is the largest distance of a coordinate from its
    solution. The longest distance on the map is 1, so `step` is sqrt(1/2). The paper states no value for eps, its
    delta. `eps` is 1e-10, as in torch, and only avoids 0 / 0. torch's Adagrad is the same; its default step is 0.01.
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
    """RMSprop: AdaGrad with a decaying average, so that its steps do not vanish.

        v_k = rho v_{k-1} + (1 - rho) g_k^2,    x_{k+1} = x_k - t_k g_k / (sqrt(v_k) + eps)

    `rho` 0.9 is the lecture's, which states no step and no eps. `eps` 1e-8 is torch's. `step` begins at torch's 0.01
    and decreases by power(scale=0.01), because without noise a constant step ends in an oscillation. torch's RMSprop is
    the same with `step=0.01, rho=0.99`.
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
    """Adadelta: the last moves determine the length of the next, so there is no step to choose.

        v_k = rho v_{k-1} + (1 - rho) g_k^2,    d_k = -sqrt(u_{k-1} + eps) / sqrt(v_k + eps) g_k
        u_k = rho u_{k-1} + (1 - rho) d_k^2,    x_{k+1} = x_k + t_k d_k

    `rho` and `eps` are those of the paper's experiments. The paper has no `step`, which equals `step=1`. Here it
    decreases from 1, because without noise a constant step ends in an oscillation, which grows: u contains old moves
    whose gradients have decayed in v. torch's Adadelta is the same with `step=1, rho=0.9`.
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
    """Adam: momentum over RMSprop, each corrected for its start at zero.

        m_t = beta1 m_{t-1} + (1 - beta1) g_t,      v_t = beta2 v_{t-1} + (1 - beta2) g_t^2
        x_t = x_{t-1} - step m^_t / (sqrt(v^_t) + eps),    m^_t = m_t / (1 - beta1^t),  v^_t = v_t / (1 - beta2^t)

    All options are the paper's. A `step` of 0.001 of the longest distance is safe and slow: the first unit of length
    takes a thousand iterations. torch's Adam is the same.
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
