"""Solvers that use past gradients or Hessian-vector products; most are SciPy's."""

from collections import deque
from collections.abc import Generator, Sequence

import numpy as np

from mdsbench.oracle.oracle import GradientOracle, HessianOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver
from mdsbench.solvers.scipy_wrappers import FOREVER, by_gradients, positive, within, wolfe


@solver("cg", uses="gradient", reference="Polak & Ribière 1969; Nocedal & Wright 2006, section 5.2; code: SciPy")
def conjugate_gradient(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    gtol: float = 1e-5,
    c1: float = 1e-4,
    c2: float = 0.4,
) -> str:
    """Nonlinear conjugate gradients by Polak and Ribière, with a Wolfe line search.

    Options are SciPy's. The solver returns if no component of the gradient exceeds gtol, which is absolute: where
    gradients are that small far from a minimum, set it to 0. `c1` and `c2` are those of the Wolfe conditions.
    """
    return by_gradients(oracle, x, "CG", {"gtol": gtol, **wolfe("cg", c1, c2), "maxiter": FOREVER})


@solver("bfgs", uses="gradient", reference="Nocedal & Wright 2006, section 6.1; code: SciPy")
def bfgs(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    gtol: float = 1e-5,
    c1: float = 1e-4,
    c2: float = 0.9,
    xrtol: float = 0.0,
) -> str:
    """BFGS: a full approximation of the inverse Hessian, and a Wolfe line search.

    Options are SciPy's. The solver returns if no component of the gradient exceeds gtol, which is absolute: where
    gradients are that small far from a minimum, set it to 0. It also returns if a step is shorter than xrtol times the
    length of x. `c1` and `c2` are those of the Wolfe conditions.
    """
    options = {"gtol": gtol, **wolfe("bfgs", c1, c2), "xrtol": xrtol, "maxiter": FOREVER}
    return by_gradients(oracle, x, "BFGS", options)


@solver(
    "l-bfgs-b", uses="gradient", reference="Liu & Nocedal 1989; Byrd, Lu, Nocedal & Zhu 1995; code: SciPy", bounds=True
)
def l_bfgs_b(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    memory: int = 10,
    ftol: float = 2.2e-9,
    gtol: float = 1e-5,
    maxls: int = 20,
) -> str:
    """BFGS from the last few gradients only, within bounds where the problem has them.

    Options are SciPy's (`memory` is its maxcor). The solver returns if a step gains less than ftol times the value (or
    times 1, if that is more), or if no component of the gradient exceeds gtol, which is absolute: where gradients are
    that small far from a minimum, set it to 0. `maxls` limits the evaluations of a line search.
    """
    positive("l-bfgs-b", memory=memory, maxls=maxls)
    options = {"maxcor": memory, "ftol": ftol, "gtol": gtol, "maxls": maxls, "maxiter": FOREVER, "maxfun": FOREVER}
    return by_gradients(oracle, x, "L-BFGS-B", options, within(oracle))


@solver("l-bfgs", uses="gradient", reference="Nocedal 1980; Nocedal & Wright 2006, algorithms 7.4 and 7.5")
def l_bfgs(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    memory: int = 10,
    c: float = 1e-4,
    relaxed: bool = False,
) -> Generator[Array, None, str]:
    """BFGS from the last few gradients only, with a line search that seldom needs a second evaluation.

        x_{k+1} = x_k + t p,    p = -H_k g(x_k)

    H_k is the two-loop recursion over the last `memory` pairs s = x_{i+1} - x_i, y = g(x_{i+1}) - g(x_i), from
    H = (s.y / y.y) I of the newest pair. Before the first pair, H is I / L, the step of gradient descent. t is 1;
    without sufficient decrease (Armijo's condition with `c`), it is the minimum of the parabola through the known
    values. One pass gives value and gradient, so every trial costs one gradient. Unlike the book's, this search does
    not check the slope at its end; a pair whose s.y is not positive is discarded instead.

    The solver returns if the gradient is zero, or if not even gradient descent finds a lower point. With `relaxed`, a
    step is accepted if its value is above Armijo's by no more than twice the noise of a value (Berahas, Byrd & Nocedal
    2019, equation 3.14), as the problem declares it or the gradient source estimates it; without noise nothing changes.
    """
    pairs: deque[tuple[Array, Array]] = deque(maxlen=memory)
    g = oracle.gradient(x)
    f = oracle.value_here()
    while g.any():
        p = -_two_loops(g, pairs, 1 / (oracle.smoothness or float(np.linalg.norm(g))))
        slope, t = float(g @ p), 1.0
        while True:
            x_t = x + t * p
            g_t = oracle.gradient(x_t)
            f_t = oracle.value_here()
            noise = 2 * oracle.noise if relaxed else 0.0
            if f_t < f + noise and f_t <= f + c * t * slope + noise:
                break
            t *= min(0.5, max(0.1, -t * slope / (2 * (f_t - f - t * slope))))
            if t < 1e-10:
                if not pairs:
                    return "no lower point is left to find"
                pairs.clear()
                p = -g / (oracle.smoothness or float(np.linalg.norm(g)))
                slope, t = float(g @ p), 1.0
        s, y = x_t - x, g_t - g
        if s @ y > 0:
            pairs.append((s, y))
        x, f, g = x_t, f_t, g_t
        yield x
    return "the gradient is zero"


def _two_loops(g: Array, pairs: Sequence[tuple[Array, Array]], scale: float) -> Array:
    """H g: BFGS's inverse Hessian from the pairs (s, y), the newest last, times g (algorithm 7.4)."""
    q, alphas = g, []
    for s, y in reversed(pairs):
        alphas.append(s @ q / (s @ y))
        q = q - alphas[-1] * y
    if pairs:
        s, y = pairs[-1]
        scale = float(s @ y / (y @ y))
    r: Array = scale * q
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        r = r + (alpha - y @ r / (s @ y)) * s
    return r


@solver("newton-cg", uses="hessian", reference="Nocedal & Wright 2006, section 7.1; code: SciPy")
def newton_cg(
    oracle: HessianOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    xtol: float = 1e-5,
    c1: float = 1e-4,
    c2: float = 0.9,
) -> str:
    """Newton's method, each step solved by conjugate gradients on Hessian-vector products, and a Wolfe line search.

    Options are SciPy's. The solver returns if the mean step of a coordinate is below xtol. `c1` and `c2` are those of
    the Wolfe conditions.
    """
    options = {"xtol": xtol, **wolfe("newton-cg", c1, c2), "maxiter": FOREVER}
    return by_gradients(oracle, x, "Newton-CG", options)


@solver("trust-ncg", uses="hessian", reference="Steihaug 1983; Nocedal & Wright 2006, section 7.2; code: SciPy")
def trust_ncg(
    oracle: HessianOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    initial_trust_radius: float = 1.0,
    max_trust_radius: float = 1000.0,
    eta: float = 0.15,
    gtol: float = 1e-4,
) -> str:
    """Newton's method within a trust region, each step by conjugate gradients on Hessian-vector products.

    Options are SciPy's. The solver returns if the gradient is shorter than gtol. The radius of the region begins at
    `initial_trust_radius` and grows to `max_trust_radius` at most. A step is taken if the value decreases by more than
    `eta` times what the model predicts.
    """
    options = {
        "initial_trust_radius": initial_trust_radius,
        "max_trust_radius": max_trust_radius,
        "eta": eta,
        "gtol": gtol,
        "maxiter": FOREVER,
    }
    return by_gradients(oracle, x, "trust-ncg", options)
