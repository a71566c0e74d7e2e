"""Gradient sources that ask for directional derivatives: all along the axes, or one along a random direction."""

import numpy as np

from mdsbench.oracle.oracle import DirectionalOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import gradient_source
from mdsbench.solvers.gradient_sources import View


@gradient_source("axes", uses="directional", reference="Griewank & Walther 2008, forward mode with n directions")
def axes(oracle: DirectionalOracle, rng: np.random.Generator) -> View:
    """The exact gradient from n directional derivatives, one along each axis.

        g_i = e_i . grad f(x)

    It is what the forward mode of automatic differentiation does. It costs n directional derivatives, whose passes
    yield the value at x too.
    """

    def estimate(x: Array) -> tuple[float, Array]:
        gradient = np.array([oracle.directional_derivative(x, e) for e in np.eye(len(x))])
        return oracle.value_here(), gradient

    return View(oracle, estimate)


@gradient_source(
    "forward-gradient", uses="directional", reference="Baydin, Pearlmutter, Syme, Wood & Torr 2022, Algorithm 1"
)
def forward_gradient(oracle: DirectionalOracle, rng: np.random.Generator) -> View:
    """The forward gradient: one directional derivative in any dimension.

        g = (v . grad f(x)) v,    v ~ N(0, I)

    Its mean is the gradient. It is longer by a factor of about the root of the dimension, so that the step 1/L is too
    long by a factor of about the dimension: in 12 dimensions, use `gd[forward-gradient](step=1/L(times=0.05))`.
    """

    def estimate(x: Array) -> tuple[float, Array]:
        v = rng.standard_normal(len(x))
        gradient = oracle.directional_derivative(x, v) * v
        return oracle.value_here(), gradient

    return View(oracle, estimate, random=True)
