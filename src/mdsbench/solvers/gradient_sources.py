"""Gradient sources: where a solver's gradient comes from, in brackets after its name: `adam[central-difference]`.

A source is a function of an oracle, of the kind that the source uses, and of a random generator. It gives something
that a solver can take for a gradient oracle, and that charges every call underneath.
"""

from collections.abc import Callable

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import GradientOracle, Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import source

Estimate = Callable[[Array], tuple[float | None, Array]]


class View:
    """An oracle whose gradient is made from what the oracle answers.

    `estimate(x)` returns the value at x, None where it has not come by it, and the gradient. The stopping criterion
    `gtol` looks at exact gradients only.
    """

    def __init__(self, oracle: Oracle, estimate: Estimate) -> None:
        self.dimension, self.smoothness, self.best_known = oracle.dimension, oracle.smoothness, oracle.best_known
        self.value, self.iterate = oracle.value, oracle.iterate
        self._estimate = estimate

    def gradient(self, x: Array) -> Array:
        """The gradient at x, shape (dimension,), as the source makes it and charged as it asks."""
        self._here = x
        self._value_here, gradient = self._estimate(x)
        return gradient

    def value_here(self) -> float:
        """The value where the last gradient was taken: one evaluation, free where the source has come by it."""
        return self.value(self._here) if self._value_here is None else self._value_here

    def guttman(self, _: Array) -> Array:
        """Not to be had."""
        raise UsageError("the Guttman transform is made of distances, not of a gradient: it takes no gradient source")


@source("exact", uses="gradient", reference="the problem's own formula")
def exact(oracle: GradientOracle, rng: np.random.Generator) -> GradientOracle:
    """The problem's own gradient: one gradient. What every solver is given that names no source."""
    return oracle


@source("forward-difference", uses="value", reference="Nocedal & Wright 2006, Numerical Optimization, section 8.1")
def forward_difference(oracle: Oracle, rng: np.random.Generator, *, h: float = 1.5e-8) -> View:
    """One-sided differences: n + 1 evaluations, of which the one at x serves a line search as well.

        g_i = (f(x + h e_i) - f(x)) / h

    `h` is the root of the machine precision, which balances truncation and rounding to an error of about h. It is
    absolute, for variables of order 1.
    """
    probes = h * np.eye(oracle.dimension)

    def estimate(x: Array) -> tuple[float, Array]:
        here = oracle.value(x)
        return here, np.array([oracle.value(x + e) - here for e in probes]) / h

    return View(oracle, estimate)


@source("central-difference", uses="value", reference="Nocedal & Wright 2006, Numerical Optimization, section 8.1")
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


@source("spsa", uses="value", reference="Spall 1992, equation 2.2; gains: Spall 1998, section III")
def spsa(oracle: Oracle, rng: np.random.Generator, *, c: float = 1e-3, gamma: float = 0.101, averaged: int = 1) -> View:
    """Simultaneous perturbation: 2 evaluations in any dimension.

        g = (f(x + c_k D) - f(x - c_k D)) / 2c_k D,    each D_i = +1 or -1 by a coin,    c_k = c / (k + 1)**gamma

    divided elementwise; the mean over D is the gradient up to c_k^2. `gamma` is Spall's, the least that his theory
    allows. `c` is to be the standard deviation of the loss's noise and without noise "some small positive number":
    here 0.001 of the unit. `averaged` such estimates, at 2 evaluations each, are averaged; one, as in the paper. The
    estimate is longer than the gradient by about the root of the dimension, so 1/L is too long a step for it by about
    the dimension: in 12, `gd[spsa](step=1/L(times=0.05))`.
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


@source("mini-batch", uses="gradient", reference="Robbins & Monro 1951; Bottou, Curtis & Nocedal 2018, section 3.3")
def mini_batch(oracle: GradientOracle, rng: np.random.Generator, *, pairs: int = 0) -> View:
    """The gradient of some pairs of points, drawn anew each time: as many pairs, and no whole call.

        g = (all pairs / pairs drawn) * sum over the pairs drawn of their gradients

    Drawn without replacement, so the mean is the gradient, and all pairs give the gradient itself. `pairs` is by
    default (0) the number of points, half the dimension: a pair that stands for all of them is up to 8 * all / drawn
    curved, which for so many is about the L of the whole, and 1/L a step that still goes down. A smaller batch needs
    a step that is shorter by as much. Stochastic gradient descent is this source with a step that falls,
    `gd[mini-batch](step=power)`, and has no name of its own.
    """
    drawn = pairs or oracle.dimension // 2
    if not 1 <= drawn <= oracle.pairs_a_pass:
        raise UsageError(f"mini-batch(pairs={pairs}): there are {oracle.pairs_a_pass} pairs to draw from")
    return View(
        oracle, lambda x: (None, oracle.batch_gradient(x, rng.choice(oracle.pairs_a_pass, drawn, replace=False)))
    )


@source("autodiff", uses="gradient", reference="Linnainmaa 1976; Griewank & Walther 2008; code: torch")
def autodiff(oracle: GradientOracle, rng: np.random.Generator) -> View:
    """Automatic differentiation in reverse, torch's: one gradient, exact to rounding.

    It costs what the formula costs in calls; only the clock tells them apart.
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
