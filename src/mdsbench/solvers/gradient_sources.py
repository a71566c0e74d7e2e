"""Gradient sources: where a solver's gradient comes from, in brackets after its name: `adam[central-difference]`.

A source is a function of an oracle, of the kind that the source uses, and of a random generator. It returns an object
with the interface of a gradient oracle. Every evaluation by a source is charged.
"""

from collections.abc import Callable

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.oracle.claims import Claims
from mdsbench.oracle.oracle import GradientOracle, Oracle
from mdsbench.problems.problem import Array
from mdsbench.registry import libraries
from mdsbench.registry.decorators import gradient_source
from mdsbench.registry.registry import SOURCES
from mdsbench.solvers.computational_noise import NoiseAwareSteps
from mdsbench.solvers.differences import Steps
from mdsbench.solvers.scipy_wrappers import inside

Estimate = Callable[[Array], tuple[float | None, Array]]


class View:
    """A gradient oracle whose gradient is computed from evaluations of another oracle.

    `estimate(x)` returns the value at x, or None if the source has not evaluated it, and the gradient. The stopping
    criterion `gtol` applies to exact gradients only. `random` says that two gradients at one place differ. A gradient
    that is not finite ends the run.
    """

    def __init__(self, oracle: Oracle, estimate: Estimate, random: bool = False) -> None:
        self.dimension, self.smoothness, self.best_known = oracle.dimension, oracle.smoothness, oracle.best_known
        self.bounds, self.noise, self.remarks = oracle.bounds, oracle.noise, oracle.remarks
        self.value, self.iterate, self.off_the_clock = oracle.value, oracle.iterate, oracle.off_the_clock
        self.terms_per_pass, self.random = oracle.terms_per_pass, random
        self._oracle, self._estimate = oracle, estimate

    def gradient(self, x: Array) -> Array:
        """The source's gradient at x, shape (dimension,). All its evaluations are charged."""
        self._here = x
        self._value_here, gradient = self._estimate(x)
        if not np.isfinite(gradient).all():
            self._oracle.diverge("the gradient that the source computes is not finite: take smaller steps")
        return gradient

    @property
    def claims(self) -> Claims | None:
        """What the solver's library says that it has called."""
        return self._oracle.claims

    @claims.setter
    def claims(self, claims: Claims | None) -> None:
        self._oracle.claims = claims

    @property
    def terms(self) -> int:
        """The terms that are charged so far."""
        return self._oracle.terms

    @property
    def knows_value_here(self) -> bool:
        """Whether the value at the position of the last gradient is known, so that `value_here` is free."""
        return self._value_here is not None

    def value_here(self) -> float:
        """The value at the position of the last gradient: one evaluation, or free if the source has evaluated it."""
        if self._value_here is None:
            self._value_here = self.value(self._here)
        return self._value_here

    def guttman(self, _: Array) -> Array:
        """Raise UsageError: there is no Guttman transform with a gradient source."""
        raise UsageError("the Guttman transform is made of distances, not of a gradient: it takes no gradient source")


@gradient_source("exact", uses="gradient", reference="the problem's own formula")
def exact(oracle: GradientOracle, rng: np.random.Generator) -> GradientOracle:
    """The problem's own gradient, one gradient per call. It is the default source."""
    return oracle


@gradient_source(
    "forward-difference",
    uses="value",
    reference="Dennis & Schnabel 1996, section 5.4, algorithm A5.6.3; noise: Moré & Wild 2012",
    version=2,
)
def forward_difference(oracle: Oracle, rng: np.random.Generator, *, h: float = 0.0) -> View:
    """One-sided differences: n + 1 evaluations, of which a line search can use the one at x.

        g_i = (f(x + h_i e_i) - f(x)) / h_i,    h_i = h max(|x_i|, s_i)

    `s_i` is the size of variable i at the first gradient, see `mdsbench.solvers.differences`. `h` is by default (0) the
    root of the machine precision, 1.5e-8, which balances truncation and rounding. Where the problem declares noise of
    standard deviation e, it is 8^(1/4) (e / |f|)^(1/2) if that is more, with f at the first gradient: the least
    expected error if the second derivative is |f| / s_i^2. At an upper bound the difference is to the other side.
    """
    steps = Steps(oracle, h, order=1)

    def estimate(x: Array) -> tuple[float, Array]:
        here = oracle.value(x)
        return here, np.array([steps.slope(x, i, here) for i in range(x.size)])

    return View(oracle, estimate)


@gradient_source(
    "central-difference",
    uses="value",
    reference="Dennis & Schnabel 1996, section 5.6, algorithm A5.6.4; noise: Moré & Wild 2012",
    version=2,
)
def central_difference(oracle: Oracle, rng: np.random.Generator, *, h: float = 0.0) -> View:
    """Two-sided differences: 2n evaluations.

        g_i = (f(x + h_i e_i) - f(x - h_i e_i)) / 2h_i,    h_i = h max(|x_i|, s_i)

    `s_i` is the size of variable i at the first gradient, see `mdsbench.solvers.differences`. `h` is by default (0) the
    cube root of the machine precision, 6.1e-6, which balances truncation and rounding. Where the problem declares noise
    of standard deviation e, it is (3 e / |f|)^(1/3) if that is more, with f at the first gradient, which costs one
    evaluation: the least expected error if the third derivative is |f| / s_i^3. A side beyond a bound ends there.
    """
    steps = Steps(oracle, h, order=2)
    return View(oracle, lambda x: (None, np.array([steps.slope(x, i) for i in range(x.size)])))


@gradient_source(
    "noise-aware-difference",
    uses="value",
    reference="noise: Moré & Wild 2011 (ECnoise); steps: Moré & Wild 2012; renewed as in Berahas, Byrd & Nocedal 2019",
)
def noise_aware_difference(oracle: Oracle, rng: np.random.Generator, *, renew: int = 20) -> View:
    """One-sided differences whose steps are chosen for the noise that the source measures: n + 1 evaluations.

        g_i = (f(x + h_i e_i) - f(x)) / h_i,    h_i = 8^(1/4) (e / |f''_i|)^(1/2)

    The noise e and the second derivatives f''_i are estimated where the first gradient is taken, and again after every
    `renew` gradients (0 is never), see `mdsbench.solvers.computational_noise`. That takes 6 evaluations for each table
    of differences, mostly one, and 2 or 4 for each variable; all are charged. What the problem declares of its noise is
    not used. A solver that asks for the noise receives the estimate.
    """
    if renew < 0:
        raise UsageError(f"noise-aware-difference(renew={renew}): it is a number of gradients, or 0 for never")
    steps = NoiseAwareSteps(oracle, rng, renew)

    def estimate(x: Array) -> tuple[float, Array]:
        here, gradient = steps.gradient(x)
        view.noise = steps.noise
        return here, gradient

    view = View(oracle, estimate)
    return view


@gradient_source(
    "spsa",
    uses="value",
    reference="Spall 1992, equation 2.2; gains: Spall 1998, section III",
    version=2,
)
def spsa(oracle: Oracle, rng: np.random.Generator, *, c: float = 0.0, gamma: float = 0.101, averaged: int = 1) -> View:
    """Simultaneous perturbation: 2 evaluations in any dimension.

        g = (f(x + c_k D) - f(x - c_k D)) / 2c_k D,    each D_i = +1 or -1 at random,    c_k = c / (k + 1)**gamma

    divided elementwise; the mean over D is the gradient up to c_k^2. `gamma` is Spall's, the least that his theory
    allows. He sets `c` to the standard deviation of the loss's noise, and without noise to "some small positive
    number". By default (0) it is the noise that the problem declares, and without noise 0.001 times the largest |x_i|
    of the first gradient (or 0.001 where all are 0). `averaged` such estimates, at 2 evaluations each, are averaged;
    the paper has one. Within bounds, the two points end there.

    The estimate is longer than the gradient by a factor of about the root of the dimension. The step 1/L is therefore
    too long by a factor of about the dimension: in 12 dimensions, use `gd[spsa](step=1/L(times=0.05))`.
    """
    taken, first = 0, c or oracle.noise

    def estimate(x: Array) -> tuple[None, Array]:
        nonlocal taken, first
        first = first or 0.001 * (float(np.abs(x).max()) or 1.0)
        width = first / (taken + 1) ** gamma
        taken += 1
        gradient = np.zeros_like(x)
        for _ in range(averaged):
            signs = rng.choice((-1.0, 1.0), size=x.size)
            above, below = (inside(oracle, x + side * width * signs) for side in (1, -1))
            rise, run = oracle.value(above) - oracle.value(below), above - below
            if oracle.bounds is None:
                run = 2 * width * signs
            gradient += np.divide(rise, run, out=np.zeros_like(x), where=run != 0)
        return None, gradient / averaged

    return View(oracle, estimate, random=True)


@gradient_source(
    "mini-batch",
    uses="gradient",
    reference="Robbins & Monro 1951; Bottou, Curtis & Nocedal 2018, section 3.3",
    version=2,
)
def mini_batch(oracle: GradientOracle, rng: np.random.Generator, *, pairs: int = 0, check_every: float = 10.0) -> View:
    """The gradient of some terms, drawn at random each time. Only these are charged.

    Terms are the pairs of points of a map, and the observations that a model is trained on. They are drawn without
    replacement, so the mean is the gradient, and all of them give the gradient itself. `pairs` is how many are drawn,
    of a model too: by default (0) the number of points, half the dimension, or 32 observations. A pair that represents
    all pairs has a curvature of up to 8 * all / drawn. With the default this is about the L of the whole, so the step
    1/L still decreases the loss. A smaller batch needs a step that is shorter by the same factor. Stochastic gradient
    descent is this source with a decreasing step: `gd[mini-batch](step=power)`.

    Some terms do not show the value of the whole, and only an evaluated value is a result. The whole is therefore
    evaluated, charged, where the first gradient is taken, and again after every `check_every` passes over all terms.
    """
    drawn = pairs or oracle.batch
    if not 1 <= drawn <= oracle.terms_per_pass:
        raise UsageError(f"mini-batch(pairs={pairs}): there are {oracle.terms_per_pass} terms to draw from")
    if not check_every > 0:
        raise UsageError(f"mini-batch(check_every={check_every:g}): it is a positive number of passes")
    due = 0.0

    def estimate(x: Array) -> tuple[float | None, Array]:
        nonlocal due
        value = None
        if oracle.terms >= due:
            value = oracle.value(x)
            due = oracle.terms + check_every * oracle.terms_per_pass
        return value, oracle.batch_gradient(x, rng.choice(oracle.terms_per_pass, drawn, replace=False))

    return View(oracle, estimate, random=True)


@gradient_source(
    "autodiff",
    uses="gradient",
    reference="Linnainmaa 1976; Griewank & Walther 2008; code: torch",
    needs=("torch", "torch"),
)
def autodiff(oracle: GradientOracle, rng: np.random.Generator) -> View:
    """Automatic differentiation in reverse mode by torch: one gradient, exact to rounding.

    It is charged like the formula's gradient; only the seconds differ.
    """
    libraries.require(SOURCES.find("autodiff"))
    import torch

    def differentiate(function: Callable[..., torch.Tensor], x: Array) -> tuple[float, Array]:
        leaf = torch.tensor(x, requires_grad=True)
        loss = function(leaf)
        (gradient,) = torch.autograd.grad(loss, leaf)
        return loss.item(), gradient.numpy()

    def estimate(x: Array) -> tuple[float, Array]:
        gradient = oracle.autodiff(x, differentiate)
        return oracle.value_here(), gradient

    return View(oracle, estimate)
