"""Gradient sources: where a solver's gradient comes from, in brackets after its name: `adam[central-difference]`.

A source is a function of an oracle, of the kind that the source uses, and of a random generator. It returns an object
with the interface of a gradient oracle. Every evaluation by a source is charged.
"""

from collections.abc import Callable

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import GradientOracle, Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import gradient_source

Estimate = Callable[[Array], tuple[float | None, Array]]


class View:
    """A gradient oracle whose gradient is computed from evaluations of another oracle.

    `estimate(x)` returns the value at x, or None if the source has not evaluated it, and the gradient. The stopping
    criterion `gtol` applies to exact gradients only.
    """

    def __init__(self, oracle: Oracle, estimate: Estimate) -> None:
        self.dimension, self.smoothness, self.best_known = oracle.dimension, oracle.smoothness, oracle.best_known
        self.bounds, self.value, self.iterate = oracle.bounds, oracle.value, oracle.iterate
        self._estimate = estimate

    def gradient(self, x: Array) -> Array:
        """The source's gradient at x, shape (dimension,). All its evaluations are charged."""
        self._here = x
        self._value_here, gradient = self._estimate(x)
        return gradient

    def value_here(self) -> float:
        """The value at the position of the last gradient: one evaluation, or free if the source has evaluated it."""
        return self.value(self._here) if self._value_here is None else self._value_here

    def guttman(self, _: Array) -> Array:
        """Raise UsageError: there is no Guttman transform with a gradient source."""
        raise UsageError("the Guttman transform is made of distances, not of a gradient: it takes no gradient source")


@gradient_source("exact", uses="gradient", reference="the problem's own formula")
def exact(oracle: GradientOracle, rng: np.random.Generator) -> GradientOracle:
    """The problem's own gradient, one gradient per call. It is the default source."""
    return oracle


@gradient_source(
    "forward-difference", uses="value", reference="Nocedal & Wright 2006, Numerical Optimization, section 8.1"
)
def forward_difference(oracle: Oracle, rng: np.random.Generator, *, h: float = 1.5e-8) -> View:
    """One-sided differences: n + 1 evaluations, of which a line search can use the one at x.

        g_i = (f(x + h e_i) - f(x)) / h

    `h` is the root of the machine precision, which balances truncation and rounding to an error of about h. It is
    absolute, for variables of order 1.
    """
    probes = h * np.eye(oracle.dimension)

    def estimate(x: Array) -> tuple[float, Array]:
        here = oracle.value(x)
        return here, np.array([oracle.value(x + e) - here for e in probes]) / h

    return View(oracle, estimate)


@gradient_source(
    "central-difference", uses="value", reference="Nocedal & Wright 2006, Numerical Optimization, section 8.1"
)
def central_difference(oracle: Oracle, rng: np.random.Generator, *, h: float = 6e-6) -> View:
    """Two-sided differences: 2n evaluations.

        g_i = (f(x + h e_i) - f(x - h e_i)) / 2h

    `h` is the cube root of the machine precision, which balances truncation and rounding to an error of about h^2.
    It is absolute, for variables of order 1.
    """
    probes = h * np.eye(oracle.dimension)
    return View(
        oracle, lambda x: (None, np.array([oracle.value(x + e) - oracle.value(x - e) for e in probes]) / (2 * h))
    )


@gradient_source("spsa", uses="value", reference="Spall 1992, equation 2.2; gains: Spall 1998, section III")
def spsa(oracle: Oracle, rng: np.random.Generator, *, c: float = 1e-3, gamma: float = 0.101, averaged: int = 1) -> View:
    """Simultaneous perturbation: 2 evaluations in any dimension.

        g = (f(x + c_k D) - f(x - c_k D)) / 2c_k D,    each D_i = +1 or -1 at random,    c_k = c / (k + 1)**gamma

    divided elementwise; the mean over D is the gradient up to c_k^2. `gamma` is Spall's, the least that his theory
    allows. He sets `c` to the standard deviation of the loss's noise, and without noise to "some small positive
    number": here 0.001 of the unit. `averaged` such estimates, at 2 evaluations each, are averaged; the paper has one.
    The estimate is longer than the gradient by a factor of about the root of the dimension. The step 1/L is therefore
    too long by a factor of about the dimension: in 12 dimensions, use `gd[spsa](step=1/L(times=0.05))`.
    """
    taken = 0

    def estimate(x: Array) -> tuple[None, Array]:
        nonlocal taken
        width = c / (taken + 1) ** gamma
        taken += 1
        gradient = np.zeros_like(x)
        for _ in range(averaged):
            signs = rng.choice((-1.0, 1.0), size=x.size)
            rise = oracle.value(x + width * signs) - oracle.value(x - width * signs)
            gradient += rise / (2 * width) * signs  # a sign is its own inverse
        return None, gradient / averaged

    return View(oracle, estimate)


@gradient_source(
    "mini-batch", uses="gradient", reference="Robbins & Monro 1951; Bottou, Curtis & Nocedal 2018, section 3.3"
)
def mini_batch(oracle: GradientOracle, rng: np.random.Generator, *, pairs: int = 0) -> View:
    """The gradient of some pairs of points, drawn at random each time. Only these pairs are charged.

        g = (all pairs / pairs drawn) * sum over the pairs drawn of their gradients

    Pairs are drawn without replacement, so the mean is the gradient, and all pairs give the gradient itself. `pairs` is
    by default (0) the number of points, half the dimension. A pair that represents all pairs has a curvature of up to
    8 * all / drawn. With the default this is about the L of the whole, so the step 1/L still decreases the loss. A
    smaller batch needs a step that is shorter by the same factor. Stochastic gradient descent is this source with a
    decreasing step: `gd[mini-batch](step=power)`.
    """
    drawn = pairs or oracle.dimension // 2
    if not 1 <= drawn <= oracle.terms_per_pass:
        raise UsageError(f"mini-batch(pairs={pairs}): there are {oracle.terms_per_pass} pairs to draw from")
    return View(
        oracle, lambda x: (None, oracle.batch_gradient(x, rng.choice(oracle.terms_per_pass, drawn, replace=False)))
    )


@gradient_source("autodiff", uses="gradient", reference="Linnainmaa 1976; Griewank & Walther 2008; code: torch")
def autodiff(oracle: GradientOracle, rng: np.random.Generator) -> View:
    """Automatic differentiation in reverse mode by torch: one gradient, exact to rounding.

    It is charged like the formula's gradient; only the seconds differ.
    """
    try:
        import torch
    except ImportError:
        raise UsageError("the gradient source autodiff needs torch: pip install 'mdsbench[autodiff]'") from None

    def differentiate(function: Callable[..., torch.Tensor], x: Array) -> tuple[float, Array]:
        leaf = torch.tensor(x, requires_grad=True)
        loss = function(leaf)
        (gradient,) = torch.autograd.grad(loss, leaf)
        return loss.item(), gradient.numpy()

    def estimate(x: Array) -> tuple[float, Array]:
        gradient = oracle.autodiff(x, differentiate)
        return oracle.value_here(), gradient

    return View(oracle, estimate)
