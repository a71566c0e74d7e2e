"""The oracle: the only door through which a solver sees a problem. It charges, records and stops.

What a solver asks is charged: function values, gradients and Hessian-vector products, each counted apart, and the
pairs of points that each touched, so that part of a pass costs part of a call. A gradient pass yields the stress as
well: that is recorded, not charged a second time. What the referee looks at (the loss of an iterate, a snapshot for
the animation) is never charged, and the clock stands still meanwhile.

A run ends by `Stop`, raised at the exact call that the limits no longer allow, or that reaches the target. It
derives from BaseException so that a solver's `except Exception` does not eat it; one that catches everything gets it
again at its next call, and no call after the first `Stop` is computed.

A problem may disturb what the solver is told (noise, rounding): the records, the target and the stopping criteria
keep to the undisturbed numbers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from math import inf, isfinite, nan
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mdsbench.account import Limits, Moment, SolverError, Stop
from mdsbench.errors import UsageError
from mdsbench.problem import Array, Problem

Told = TypeVar("Told", float, Array)


class Oracle:
    """Function values only: what a derivative-free solver is given.

    `improvements` is the account at every new lowest loss, the start's first; `path` is the account and the position
    at the iterates, every one up to `every_iterate` of them, then ever fewer (each 1 % later than the last), and
    `best_x` the position of the lowest loss.
    """

    every_iterate = 512
    most_idle_iterates = 10_000

    def __init__(self, problem: Problem, x: Array, limits: Limits, rng: np.random.Generator | None = None) -> None:
        """`rng` is where the noise of a noisy problem comes from; without one, a fixed seed."""
        self.dimension = problem.dimension
        self.smoothness = problem.smoothness
        self.best_known = problem.best_known  # for Polyak's step alone: no other solver knows where it is going
        self.pairs_a_pass = problem.pairs
        self.iterations = self.evaluations = self.gradients = self.hessian_vectors = self.pairs = 0
        self.improvements: list[Moment] = []
        self.path: list[tuple[Moment, Array]] = []
        self.best_loss = inf
        self.best_x = x.copy()
        self.stopped: Stop | None = None
        self._problem = problem
        self._observe = problem.observe
        self._rng = rng or np.random.default_rng(0)
        self._shape = (problem.dimension,)
        self._limits = limits
        self._affordable = inf if limits.calls is None else limits.calls * problem.pairs
        self._target = -inf if limits.target is None else limits.target
        self._last_iterate, self._last_loss = x, nan
        self._next_look = self._last_asked = 0
        self._referee_seconds = 0.0
        self._began = perf_counter()
        with suppress(Stop):  # a start that is its own end ends the run at the first question
            self._look(x)

    def value(self, x: Array) -> float:
        """The function's value at x: one evaluation."""
        self._charge(x, self._problem.pairs)
        self.evaluations += 1
        loss = self._problem.value(x)
        self._learn(x, loss)
        return self._told(loss)

    def iterate(self, x: Array) -> None:
        """Take note that the solver has moved to x: free of charge."""
        if self.stopped:
            raise self.stopped
        if getattr(x, "shape", None) != self._shape:
            raise SolverError(f"moved to {_described(x)}; yield arrays of shape {self._shape}")
        self.iterations += 1
        if self.iterations - self._last_asked > self.most_idle_iterates:
            raise SolverError(f"{self.most_idle_iterates} iterates without a question: ask the oracle, or return")
        limits = self._limits
        last = limits.iterations is not None and self.iterations >= limits.iterations
        if self.iterations >= self._next_look or last or limits.ftol is not None:
            self._look(x)
        if limits.xtol is not None:
            if np.linalg.norm(x - self._last_iterate) < limits.xtol:
                self._stop("converged", f"|dx| < {limits.xtol:g}")
            self._last_iterate = x.copy()
        if last:
            self._stop("budget", f"all {self.iterations} iterations are spent")

    @property
    def seconds(self) -> float:
        """The solver's own time so far."""
        return perf_counter() - self._began - self._referee_seconds

    @contextmanager
    def off_the_clock(self) -> Iterator[None]:
        """The clock stands still meanwhile."""
        began = perf_counter()
        try:
            yield
        finally:
            self._referee_seconds += perf_counter() - began

    def _told(self, number: Told) -> Told:
        """What the solver is told where the truth is `number`."""
        return number if self._observe is None else self._observe(number, self._rng)

    def _charge(self, x: Array, pairs: int) -> None:
        """Let a call at x that touches so many pairs through, or end the run here."""
        if self.stopped:
            raise self.stopped
        if getattr(x, "shape", None) != self._shape:
            raise SolverError(f"asked at {_described(x)}; this problem takes an array of shape {self._shape}")
        if self.pairs + pairs > self._affordable:
            self._stop("budget", f"all {self._limits.calls} calls are spent")
        if self._limits.seconds is not None and self.seconds > self._limits.seconds:
            self._stop("timeout", f"the time limit of {self._limits.seconds:g} s is over")
        self.pairs += pairs
        self._last_asked = self.iterations

    def _learn(self, x: Array, loss: float) -> None:
        """Record what a call has shown."""
        if loss < self.best_loss:
            self.best_loss = loss
            self.best_x = x.copy()
            self.improvements.append(self._moment(loss))
            if loss <= self._target:
                self._stop("target", f"the target {self._target:g} is reached")
        elif not isfinite(loss):
            self._stop("diverged", "the loss is no longer a finite number: take smaller steps")

    def _look(self, x: Array) -> None:
        """Let the referee look at an iterate: recorded, never charged, the clock standing still."""
        began = perf_counter()
        # Most iterates are where the lowest loss was just found: no need to look again.
        at_the_best = bool(self.improvements) and (x == self.best_x).all()
        loss = self.best_loss if at_the_best else self._problem.value(x)
        self._referee_seconds += perf_counter() - began
        if self.iterations >= self._next_look:
            self.path.append((self._moment(loss), x.copy()))
            self._next_look = self.iterations + 1 + max(0, self.iterations - self.every_iterate) // 100
        self._learn(x, loss)
        if self._limits.ftol is not None:
            if abs(loss - self._last_loss) < self._limits.ftol:
                self._stop("converged", f"|df| < {self._limits.ftol:g}")
            self._last_loss = loss

    def _moment(self, loss: float) -> Moment:
        account = self.iterations, self.evaluations, self.gradients, self.hessian_vectors, self.pairs
        return Moment(*account, self.seconds, loss)

    def _stop(self, ending: str, message: str) -> None:
        self.stopped = Stop(ending, message)
        raise self.stopped


class GradientOracle(Oracle):
    """Function values and gradients, and what else a pass over all pairs or some of them yields."""

    _value_here = nan

    def gradient(self, x: Array) -> Array:
        """The gradient at x, shape (dimension,): one gradient."""
        self._charge(x, self._problem.pairs)
        self.gradients += 1
        loss, gradient = self._problem.value_and_gradient(x)
        self._value_here = self._told(loss)
        self._learn(x, loss)
        if self._limits.gtol is not None and np.linalg.norm(gradient) < self._limits.gtol:
            self._stop("converged", f"|gradient| < {self._limits.gtol:g}")
        return self._told(gradient)

    def value_here(self) -> float:
        """The value where the last gradient was taken: free of charge, for that pass has yielded it."""
        return self._value_here

    def guttman(self, x: Array) -> Array:
        """The Guttman transform of x, shape (dimension,): one gradient, for its pass does the same work."""
        return self._pass(x, self._problem.guttman, "Guttman transform: it is no stress")

    def autodiff(self, x: Array, differentiate: Callable[[Any, Array], tuple[float, Array]]) -> Array:
        """The gradient at x, shape (dimension,), as `differentiate(function, x)` derives it: one gradient.

        It is given the problem's function of a torch tensor, and returns the value and the gradient.
        """
        function = self._problem.torch_value
        return self._pass(x, function and partial(differentiate, function), "form that torch differentiates")

    def batch_gradient(self, x: Array, pairs: NDArray[np.intp]) -> Array:
        """An estimate of the gradient at x, shape (dimension,), from these pairs alone.

        Charged as the pairs that it touches, and counted nowhere else: it is part of a call. It shows no loss.
        """
        if self._problem.batch_gradient is None:
            raise UsageError(f"{self._problem.name} has no pairs to draw from")
        self._charge(x, len(pairs))
        return self._told(self._problem.batch_gradient(x, pairs))

    def _pass(self, x: Array, function: Callable[[Array], tuple[float, Array]] | None, lacking: str) -> Array:
        """What a pass that costs one gradient yields besides the value."""
        if function is None:
            raise UsageError(f"{self._problem.name} has no {lacking}")
        self._charge(x, self._problem.pairs)
        self.gradients += 1
        loss, result = function(x)
        self._value_here = self._told(loss)
        self._learn(x, loss)
        return self._told(result)


class HessianOracle(GradientOracle):
    """Function values, gradients and Hessian-vector products."""

    def hessian_vector(self, x: Array, v: Array) -> Array:
        """The Hessian at x times v, shape (dimension,): one Hessian-vector product."""
        if self._problem.hessian_vector is None:
            raise UsageError(f"{self._problem.name} has no Hessian-vector product: take another solver")
        self._charge(x, self._problem.pairs)
        self.hessian_vectors += 1
        return self._told(self._problem.hessian_vector(x, v))


class ResidualOracle(Oracle):
    """Function values, the residuals whose sum of squares they are, and the residuals' Jacobian."""

    def residuals(self, x: Array) -> Array:
        """The residuals at x, shape (residuals,): one evaluation."""
        if self._problem.residuals is None:
            raise UsageError(f"{self._problem.name} is no sum of squares: take another solver")
        self._charge(x, self._problem.pairs)
        self.evaluations += 1
        residuals = self._problem.residuals(x)
        self._learn(x, float(residuals @ residuals))
        return self._told(residuals)

    def jacobian(self, x: Array) -> Array:
        """The residuals' derivatives at x, shape (residuals, dimension): one gradient."""
        if self._problem.jacobian is None:
            raise UsageError(f"{self._problem.name} is no sum of squares: take another solver")
        self._charge(x, self._problem.pairs)
        self.gradients += 1
        return self._told(self._problem.jacobian(x))


def _described(x: object) -> str:
    return f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else f"{x!r:.60}, which is no array"
