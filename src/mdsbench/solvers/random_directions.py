"""Nesterov and Spokoiny's random searches: one random direction per iteration, from values or exact derivatives.

    x_{k+1} = x_k - h s_k u_k,    u_k ~ N(0, I),    h = 1 / (4 (n + 4) L)

s_k is the slope along u_k, which `random-gradient-free` estimates from two values and `random-directions` is given.
The expected direction is the gradient (of the function smoothed by a Gaussian of width mu), and the expected number of
iterations is about n times that of gradient descent.

Where a problem has no L, it is found by backtracking as for the step 1/L of gradient descent: a step must satisfy

    f(x - h s u) <= f(x) - h s^2 + (L / 2) (h s |u|)^2,

which every step does whose L is large enough; if it does not, L is doubled and the step is taken again from x.
"""

from collections.abc import Generator

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import DirectionalOracle, Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver

_EPS = float(np.finfo(float).eps)


@solver("random-gradient-free", uses="value", reference="Nesterov & Spokoiny 2017, method RG_mu")
def random_gradient_free(
    oracle: Oracle,
    x: Array,
    rng: np.random.Generator,
    *,
    mu: float = 0.0,
) -> Generator[Array, None, None]:
    """Nesterov and Spokoiny's random gradient-free method: two values per iteration.

        s_k = (f(x_k + mu u_k) - f(x_k)) / mu

    `mu` is the width of the Gaussian that smooths the function. By default (0) it is the root of the machine precision
    times the largest |x_i| of the start, or times 1 at a start of zeros; with noise that the problem declares, it is
    8^(1/4) (e / |f|)^(1/2) times that, if that is more, as for forward differences. The paper bounds it by the accuracy
    that is wanted.
    """
    if not 0 <= mu < np.inf:
        raise UsageError(f"random-gradient-free(mu={mu:g}): it is a positive number, or 0 for the rule")
    step = Step(oracle, len(x))
    f = oracle.value(x)
    mu = mu or _width(x, f, oracle.noise)
    while True:
        u = rng.standard_normal(len(x))
        s = (oracle.value(x + mu * u) - f) / mu
        while True:
            y = x - step.length(x, s, u) * s * u
            f_y = oracle.value(y)
            if step.holds(f, f_y, s, u):
                break
        x, f = y, f_y
        yield x


@solver("random-directions", uses="directional", reference="Nesterov & Spokoiny 2017, method RG_0")
def random_directions(
    oracle: DirectionalOracle,
    x: Array,
    rng: np.random.Generator,
) -> Generator[Array, None, None]:
    """Random directions by exact derivatives along them: one directional derivative per iteration.

        s_k = u_k . grad f(x_k)

    It is `random-gradient-free` without smoothing (mu = 0), and its direction is the forward gradient of Baydin et al.
    2022. The value at x_k comes with the derivative there, so that finding L costs a derivative only for each step that
    is taken again.
    """
    step = Step(oracle, len(x))
    last = None
    while True:
        u = rng.standard_normal(len(x))
        s, f = oracle.directional_derivative(x, u), oracle.value_here()
        if last and not step.holds(last[1], f, *last[2:]):
            x, f, s, u = last
        last = x, f, s, u
        x = x - step.length(x, s, u) * s * u
        yield x


class Step:
    """The step h, with the L of the problem or one that backtracking finds."""

    def __init__(self, oracle: Oracle, n: int) -> None:
        self._smoothness, self._n = oracle.smoothness or 0.0, n
        self._known = bool(oracle.smoothness)
        self._noise = 2 * oracle.noise
        if not self._known:
            oracle.remarks.append("no L is known for this problem: it was found by backtracking")

    def length(self, x: Array, s: float, u: Array) -> float:
        """The step from x with the slope s along u."""
        if not self._smoothness:  # L if the first step were as long as x
            self._smoothness = abs(s) / float(np.linalg.norm(u)) / (float(np.linalg.norm(x)) or 1.0)
        return 1.0 / (4 * (self._n + 4) * self._smoothness) if self._smoothness else 0.0

    def holds(self, f: float, moved: float, s: float, u: Array) -> bool:
        """Whether a step that led from the value f to another has shown no larger L; doubles L if it has."""
        if self._known or not self._smoothness:
            return True
        h, L = 1.0 / (4 * (self._n + 4) * self._smoothness), self._smoothness
        bound = f - h * s**2 + L / 2 * h**2 * s**2 * float(u @ u)
        if moved <= bound + 4 * _EPS * abs(f) + self._noise:
            return True
        self._smoothness *= 2
        return False


def _width(x: Array, f: float, noise: float) -> float:
    """The default of mu."""
    ratio = noise / abs(f) if abs(f) > noise else min(noise, 1.0)
    return float(max(_EPS**0.5, 8**0.25 * ratio**0.5)) * (float(np.abs(x).max()) or 1.0)
