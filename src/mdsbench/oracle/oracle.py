"""The oracle: the only access of a solver to a problem. It charges, records and stops.

What a solver asks is charged: function values, gradients and Hessian-vector products, each counted apart, and the
terms that each touched (pairs of points of a map), so that part of a pass costs part of a call. A gradient pass yields
the value as well: that is recorded, not charged a second time. What the referee looks at (the loss of an iterate, a
snapshot for the animation) is never charged, and the clock is stopped meanwhile.

An iterate is looked at when the solver next asks: mostly it asks just there, and the answer serves the referee too.
If that look ends the run, it ends with the account of the iterate, and the question was the referee's.

A run ends by `Stop`, raised at the exact call that the limits no longer allow, or that reaches the target. It
derives from BaseException so that a solver's `except Exception` does not eat it; one that catches everything gets it
again at its next call, and no call after the first `Stop` is computed.

A problem may disturb what the solver receives (noise, rounding): the records, the target and the stopping criteria
keep to the undisturbed numbers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf, isfinite, nan
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits, Moment, SolverError, Stop
from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import Array, Problem

Number = TypeVar("Number", float, Array)


class Oracle:
    """Function values only: what a derivative-free solver is given.

    `improvements` is the account at every new lowest loss, the start's first; `path` is the account and the position
    at the iterates, every one up to `snapshots` of them, then ever fewer (each 1 % later than the last, or
    1/`snapshots` if that is more, and of large maps no more than fit into `path_bytes`); `best_x` is where the lowest
    loss was found.

    A look at an iterate where the solver asks nothing costs a pass. The referee so looks at the first `every_iterate`,
    then at ever fewer (each 1 % later), and where a pass is long at most once in three passes of the solver's.
    """

    every_iterate = 512
    path_bytes = 2**26
    most_idle_iterates = 10_000
    long_pass = 100_000  # terms

    def __init__(
        self,
        problem: Problem,
        x: Array,
        limits: Limits,
        rng: np.random.Generator | None = None,
        snapshots: int = 512,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """`rng` is where the noise of a noisy problem comes from; without one, a fixed seed. `clock` gives seconds."""
        self.dimension = problem.dimension
        self.smoothness = problem.smoothness
        self.best_known = problem.best_known  # for Polyak's step alone: no other solver knows where it is going
        self.bounds = problem.bounds
        self.terms_per_pass = problem.terms
        self.iterations = self.evaluations = self.gradients = self.hessian_vectors = self.terms = 0
        self.improvements: list[Moment] = []
        self.path: list[tuple[Moment, Array]] = []
        self.best_loss = inf
        self.stopped: Stop | None = None
        self._problem = problem
        self._observe = problem.observe
        self._rng = rng or np.random.default_rng(0)
        self._shape = (problem.dimension,)
        self._limits = limits
        self._affordable = inf if limits.calls is None else limits.calls * problem.terms
        self._target = -inf if limits.target is None else limits.target
        self._best_position = self._last_position = self._unseen = _position(x)  # the start is the first iterate
        self._last_loss = nan
        self._snapshots = max(1, snapshots)
        self._next_note, self._stride = 0, 1
        self._most_noted = max(64, self.path_bytes // x.nbytes)
        self._last_asked = self._terms_at_look = self._next_look = 0
        self._clock = clock
        self._began = clock()
        self._deadline = inf if limits.seconds is None else self._began + limits.seconds

    def value(self, x: Array) -> float:
        """The function's value at x: one evaluation."""
        self._admit(x, self.terms_per_pass)
        loss = self._problem.value(x)
        if self._unseen:
            self._look_back(x, loss)
        self.evaluations += 1
        self._charge(x, loss)
        return loss if self._observe is None else self._observed(loss)

    def iterate(self, x: Array) -> None:
        """Take note that the solver has moved to x: free of charge."""
        if self.stopped:
            raise self.stopped
        if getattr(x, "shape", None) != self._shape:
            raise SolverError(f"moved to {_described(x)}; yield arrays of shape {self._shape}")
        if self._unseen:
            self._look_back()
        self.iterations += 1
        if self.iterations - self._last_asked > self.most_idle_iterates:
            raise SolverError(f"{self.most_idle_iterates} iterates without a question: ask the oracle, or return")
        position = _position(x)
        if position != self._best_position:
            self._unseen = position
        else:  # most iterates are where the lowest loss was just found
            if self.iterations >= self._next_note:
                self._note(position, self.best_loss)
            self._compare(self.best_loss)
        if self._limits.xtol is not None:
            if np.linalg.norm(x - np.frombuffer(self._last_position)) < self._limits.xtol:
                self._stop(Ending.CONVERGED, f"|dx| < {self._limits.xtol:g}")
            self._last_position = position
        if self._limits.iterations is not None and self.iterations >= self._limits.iterations:
            self._stop(Ending.BUDGET, f"all {self.iterations} iterations are spent")

    def settle(self) -> None:
        """Look at the last iterate, as the end of a run must; raises Stop where that is an end of its own."""
        if self._unseen:
            self._look_back(anyway=True)

    @property
    def best_x(self) -> Array:
        """Where the lowest loss was found, shape (dimension,): the start, as long as there is none."""
        return np.frombuffer(self._best_position)

    @property
    def seconds(self) -> float:
        """The solver's own time so far."""
        return self._clock() - self._began

    def account(self) -> Moment:
        """What is spent so far, and the lowest loss."""
        return self._moment(self.best_loss)

    @contextmanager
    def off_the_clock(self) -> Iterator[None]:
        """The clock stands still meanwhile."""
        began = self._clock()
        try:
            yield
        finally:
            elapsed = self._clock() - began
            self._began += elapsed
            self._deadline += elapsed

    def _observed(self, number: Number) -> Number:
        """What the solver receives if the undisturbed answer is `number`."""
        return number if self._observe is None else self._observe(number, self._rng)

    def _admit(self, x: Array, terms: int) -> None:
        """Let a question at x that touches so many terms through, or end the run here."""
        if self.stopped:
            raise self.stopped
        if getattr(x, "shape", None) != self._shape:
            raise SolverError(f"asked at {_described(x)}; this problem takes an array of shape {self._shape}")
        if self.terms + terms > self._affordable:
            self._stop(Ending.BUDGET, f"all {self._limits.calls} calls are spent")
        if self._clock() > self._deadline:
            self._stop(Ending.TIMEOUT, f"the time limit of {self._limits.seconds:g} s is over")

    def _charge(self, x: Array, loss: float) -> None:
        """Charge a whole pass at x and record what it has shown."""
        self.terms += self.terms_per_pass
        self._last_asked = self.iterations
        self._learn(x, loss)

    def _charge_part(self, terms: int) -> None:
        """Charge what touches so many terms and shows no loss."""
        if self._unseen:
            self._look_back()
        self.terms += terms
        self._last_asked = self.iterations

    def _learn(self, x: Array, loss: float) -> None:
        """Record a lowest loss; end the run at the target, or where the loss is no number."""
        if loss < self.best_loss:
            self.best_loss = loss
            self._best_position = _position(x)
            self.improvements.append(self._moment(loss))
            if loss <= self._target:
                self._stop(Ending.TARGET, f"the target {self._target:g} is reached")
        elif not isfinite(loss):
            self._stop(Ending.DIVERGED, "the loss is no longer a finite number: take smaller steps")

    def _look_back(self, x: Array | None = None, loss: float = nan, anyway: bool = False) -> None:
        """Look at the last iterate, for nothing if the solver has just asked there, at x: then `loss` is its loss."""
        position, self._unseen = self._unseen, b""
        if x is None or _position(x) != position:
            if not (anyway or self._worth_a_pass()):
                return
            with self.off_the_clock():
                loss = self._problem.value(np.frombuffer(position))
            self._terms_at_look = self.terms
            self._next_look = self.iterations + 1 + max(0, self.iterations - self.every_iterate) // 100
        if anyway or self.iterations >= self._next_note:
            self._note(position, loss)
        self._learn(np.frombuffer(position), loss)
        self._compare(loss)

    def _worth_a_pass(self) -> bool:
        """Whether the referee may spend a pass on an iterate: the start, one that is due and affordable."""
        if not self.improvements or self._limits.ftol is not None:
            return True
        affordable = self.terms - self._terms_at_look >= 3 * self.terms_per_pass or self.terms_per_pass < self.long_pass
        return affordable and self.iterations >= self._next_look

    def _note(self, position: bytes, loss: float) -> None:
        """Write an iterate down in the path."""
        self.path.append((self._moment(loss), np.frombuffer(position)))
        if len(self.path) > self._most_noted:
            del self.path[1::2]
            self._stride *= 2
        later = (self.iterations - self._snapshots) // min(100, self._snapshots)
        self._next_note = self.iterations + max(self._stride, 1 + later)

    def _compare(self, loss: float) -> None:
        """Look whether the loss still changes from one iterate to the next."""
        if self._limits.ftol is not None:
            change, self._last_loss = abs(loss - self._last_loss), loss
            if change < self._limits.ftol:
                self._stop(Ending.CONVERGED, f"|df| < {self._limits.ftol:g}")

    def _moment(self, loss: float) -> Moment:
        seconds = self._clock() - self._began
        account = self.iterations, self.evaluations, self.gradients, self.hessian_vectors, self.terms, seconds, loss
        return tuple.__new__(Moment, account)  # what Moment(*account) does, in half the time

    def _stop(self, ending: Ending, message: str) -> None:
        self.settle()  # where the last iterate is an end of its own, that came first
        self.stopped = Stop(ending, message)
        raise self.stopped


class GradientOracle(Oracle):
    """Function values and gradients, and what else a pass over all terms or some of them yields."""

    _value_here = nan

    def gradient(self, x: Array) -> Array:
        """The gradient at x, shape (dimension,): one gradient."""
        gradient = self._pass(x, self._problem.value_and_gradient)
        if self._limits.gtol is not None and np.linalg.norm(gradient) < self._limits.gtol:
            self._stop(Ending.CONVERGED, f"|gradient| < {self._limits.gtol:g}")
        return gradient if self._observe is None else self._observed(gradient)

    def value_here(self) -> float:
        """The value where the last gradient was taken: free of charge, for that pass has yielded it."""
        return self._value_here

    def guttman(self, x: Array) -> Array:
        """The Guttman transform of x, shape (dimension,): one gradient, for its pass does the same work."""
        if self._problem.guttman is None:
            raise UsageError(f"{self._problem.name} has no Guttman transform: it is no stress")
        return self._observed(self._pass(x, self._problem.guttman))

    def autodiff(self, x: Array, differentiate: Callable[[Any, Array], tuple[float, Array]]) -> Array:
        """The gradient at x, shape (dimension,), as `differentiate(function, x)` derives it: one gradient.

        It is given the problem's function of a torch tensor, and returns the value and the gradient.
        """
        if self._problem.torch_value is None:
            raise UsageError(f"{self._problem.name} has no form that torch differentiates")
        return self._observed(self._pass(x, partial(differentiate, self._problem.torch_value)))

    def batch_gradient(self, x: Array, terms: NDArray[np.intp]) -> Array:
        """An estimate of the gradient at x, shape (dimension,), from these terms alone.

        Charged as the terms that it touches, and counted nowhere else: it is part of a call. It shows no loss.
        """
        if self._problem.batch_gradient is None:
            raise UsageError(f"{self._problem.name} has no terms to draw from")
        self._admit(x, len(terms))
        self._charge_part(len(terms))
        return self._observed(self._problem.batch_gradient(x, terms))

    def _pass(self, x: Array, function: Callable[[Array], tuple[float, Array]]) -> Array:
        """What a pass that costs one gradient yields besides the value."""
        self._admit(x, self.terms_per_pass)
        loss, result = function(x)
        if self._unseen:
            self._look_back(x, loss)
        self.gradients += 1
        self._value_here = loss if self._observe is None else self._observed(loss)
        self._charge(x, loss)
        return result


class HessianOracle(GradientOracle):
    """Function values, gradients and Hessian-vector products."""

    def hessian_vector(self, x: Array, v: Array) -> Array:
        """The Hessian at x times v, shape (dimension,): one Hessian-vector product."""
        if self._problem.hessian_vector is None:
            raise UsageError(f"{self._problem.name} has no Hessian-vector product: take another solver")
        self._admit(x, self.terms_per_pass)
        self._charge_part(self.terms_per_pass)
        self.hessian_vectors += 1
        return self._observed(self._problem.hessian_vector(x, v))


class ResidualOracle(Oracle):
    """Function values, the residuals whose sum of squares they are, and the residuals' Jacobian."""

    def residuals(self, x: Array) -> Array:
        """The residuals at x, shape (residuals,): one evaluation."""
        if self._problem.residuals is None:
            raise UsageError(f"{self._problem.name} is no sum of squares: take another solver")
        self._admit(x, self.terms_per_pass)
        residuals = self._problem.residuals(x)
        loss = float(residuals @ residuals)
        if self._unseen:
            self._look_back(x, loss)
        self.evaluations += 1
        self._charge(x, loss)
        return self._observed(residuals)

    def jacobian(self, x: Array) -> Array:
        """The residuals' derivatives at x, shape (residuals, dimension): one gradient."""
        if self._problem.jacobian is None:
            raise UsageError(f"{self._problem.name} is no sum of squares: take another solver")
        self._admit(x, self.terms_per_pass)
        self._charge_part(self.terms_per_pass)
        self.gradients += 1
        return self._observed(self._problem.jacobian(x))


def _position(x: Array) -> bytes:
    """An array's numbers by value: quick to compare, and safe from a solver that changes the array later."""
    return np.asarray(x, float).tobytes()


def _described(x: object) -> str:
    return f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else f"{x!r:.60}, which is no array"
