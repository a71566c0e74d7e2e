"""The oracles: what a solver may ask, and what each question costs. One for each rung of the ladder, and residuals.

`mdsbench.oracle.comparisons.ComparisonOracle` answers which of two points is lower. `Oracle` gives values,
`DirectionalOracle` also the slope along a line, `GradientOracle` also gradients, and `HessianOracle` also
Hessian-vector products. A solver is given the one that it declares, which has no method for more. How they count,
record and stop is in `mdsbench.oracle.referee`.
"""

from collections.abc import Callable
from functools import partial
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.oracle.endings import Ending
from mdsbench.oracle.referee import Answer, Referee
from mdsbench.problems.problem import Array


class Oracle(Referee):
    """Function values only: what a derivative-free solver is given."""

    def value(self, x: Array) -> float:
        """The function's value at x, inf where it is not a finite number: one evaluation."""
        with self._lock:
            x = self._admit(x, self.terms_per_pass)
            self.evaluations += 1
            try:
                loss = self._problem.value(x)
            except (Exception, SystemExit) as error:
                self._failed(error)
            self._learn(x, loss)
            if loss - loss == 0.0 and self._observe is None:  # it is finite
                return loss
            return self._value_for_solver(loss)


class DirectionalOracle(Oracle):
    """Function values and directional derivatives."""

    _value_here = nan

    def directional_derivative(self, x: Array, v: Array) -> float:
        """The derivative of the function at x along v, which is the gradient times v: one directional derivative.

        `v`, shape (dimension,), may have any length. Its pass yields the value at x too, see `value_here`.
        """
        with self._lock:
            x = self._admit(x, self.terms_per_pass)
            v = self._converted(v, "asked along {}; give an array of shape {}")
            self.directional_derivatives += 1
            slope = self._shown(x, *self._computed(self._problem.slope, x, v))
            if not isfinite(slope):
                self._stop(Ending.DIVERGED, f"the directional derivative is {slope}: take smaller steps")
            return self._observed(slope)

    def value_here(self) -> float:
        """The value where the last derivative was taken: free of charge, for that pass has yielded it."""
        return self._value_here

    def _shown(self, x: Array, loss: float, derivative: Answer) -> Answer:
        """The derivative, of which the pass has shown the value too."""
        self._learn(x, loss)
        if not isfinite(loss):
            self._stop(Ending.DIVERGED, f"the value is {loss} where the gradient is asked: take smaller steps")
        self._value_here = loss if self._observe is None else self._observed(loss)
        return derivative


class GradientOracle(DirectionalOracle):
    """Function values and gradients, and what else a pass over all terms or some of them yields."""

    def gradient(self, x: Array) -> Array:
        """The gradient at x, shape (dimension,): one gradient."""
        with self._lock:
            gradient = self._pass(x, self._problem.value_and_gradient)
            if self._limits.gtol is not None and np.linalg.norm(gradient) < self._limits.gtol:
                self._stop(Ending.CONVERGED, f"|gradient| < {self._limits.gtol:g}")
            return gradient if self._observe is None else self._observed(gradient)

    def guttman(self, x: Array) -> Array:
        """The Guttman transform of x, shape (dimension,): one gradient, for its pass does the same work."""
        if self._problem.guttman is None:
            raise UsageError(f"{self._problem.name} has no Guttman transform: it is no stress")
        with self._lock:
            return self._observed(self._pass(x, self._problem.guttman))

    def autodiff(self, x: Array, differentiate: Callable[[Any, Array], tuple[float, Array]]) -> Array:
        """The gradient at x, shape (dimension,), as `differentiate(function, x)` derives it: one gradient.

        It is given the problem's function of a torch tensor, and returns the value and the gradient.
        """
        if self._problem.torch_value is None:
            raise UsageError(f"{self._problem.name} has no form that torch differentiates")
        with self._lock:
            return self._observed(self._pass(x, partial(differentiate, self._problem.torch_value)))

    def batch_gradient(self, x: Array, terms: NDArray[np.intp]) -> Array:
        """An estimate of the gradient at x, shape (dimension,), from these terms alone.

        Charged as the terms that it touches, and counted nowhere else: it is part of a call. It shows no loss.
        """
        if self._problem.batch_gradient is None:
            raise UsageError(f"{self._problem.name} has no terms to draw from")
        with self._lock:
            x = self._admit(x, len(terms))
            return self._observed(self._finite(self._computed(self._problem.batch_gradient, x, terms)))

    def _pass(self, x: Array, function: Callable[[Array], tuple[float, Array]]) -> Array:
        """What a pass that costs one gradient yields besides the value."""
        x = self._admit(x, self.terms_per_pass)
        self.gradients += 1
        try:
            loss, result = function(x)
        except (Exception, SystemExit) as error:
            self._failed(error)
        self._shown(x, loss, result)
        return result if self._problem.ours else self._finite(result)

    def _finite(self, direction: Array) -> Array:
        """The direction itself; ends the run if it is none, because it holds something that is not a finite number.

        One of this package's is finite where the value is.
        """
        if not np.isfinite(direction).all():
            self._stop(Ending.DIVERGED, "the gradient holds something that is not a finite number: take smaller steps")
        return direction


class HessianOracle(GradientOracle):
    """Function values, gradients and Hessian-vector products."""

    def hessian_vector(self, x: Array, v: Array) -> Array:
        """The Hessian at x times v, shape (dimension,): one Hessian-vector product."""
        if self._problem.hessian_vector is None:
            raise UsageError(f"{self._problem.name} has no Hessian-vector product: take another solver")
        with self._lock:
            x = self._admit(x, self.terms_per_pass)
            v = self._converted(v, "multiplied by {}; give an array of shape {}")
            self.hessian_vectors += 1
            return self._observed(self._finite(self._computed(self._problem.hessian_vector, x, v)))


class ResidualOracle(Oracle):
    """Function values, the residuals whose sum of squares they are, and the residuals' Jacobian."""

    def residuals(self, x: Array) -> Array:
        """The residuals at x, shape (residuals,): one evaluation."""
        if self._problem.residuals is None:
            raise UsageError(f"{self._problem.name} is no sum of squares: take another solver")
        with self._lock:
            x = self._admit(x, self.terms_per_pass)
            self.evaluations += 1
            residuals = self._computed(self._problem.residuals, x)
            loss = float(residuals @ residuals)
            self._learn(x, loss)
            if not isfinite(loss):
                self._stop(Ending.DIVERGED, f"the sum of squares is {loss}: take smaller steps")
            return self._observed(residuals)

    def jacobian(self, x: Array) -> Array:
        """The residuals' derivatives at x, shape (residuals, dimension): one gradient."""
        if self._problem.jacobian is None:
            raise UsageError(f"{self._problem.name} is no sum of squares: take another solver")
        with self._lock:
            x = self._admit(x, self.terms_per_pass)
            self.gradients += 1
            jacobian = self._computed(self._problem.jacobian, x)
            if not np.isfinite(jacobian).all():
                self._stop(Ending.DIVERGED, "the Jacobian holds something that is not a finite number")
            return self._observed(jacobian)
