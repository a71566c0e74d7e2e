"""Step rules: the length of a step along the direction that the solver has chosen.

    x_{k+1} = x_k + t_k p_k

A rule is a function of an oracle that returns the function (k, x, g, p) -> t: the iteration from 0, the position, the
gradient there and the direction, which for gradient descent is p = -g. An option `step=` of a solver takes a number,
or a rule by name with options in parentheses: `gd(step=0.1)`, `gd(step=1/L)`, `gd(step=armijo(c=0.1))`. All evaluations
of a rule are charged. An exact gradient includes the value at its position, at no extra charge. With a gradient source
that has not evaluated this value, it costs one evaluation.

From Python, `step=` also takes the function (k, x, g, p) -> t itself.

Where a problem has no L, `1/L` is found by backtracking (Nesterov 1983; Beck & Teboulle 2009, FISTA with backtracking):
the first search doubles or halves a step as long as x until

    f(x + t p) <= f(x) + t g . p / 2,

the condition that 1/L satisfies for p = -g. Each later step is the last one, halved until it satisfies the condition.
Every trial is one evaluation. The end of the run says that L was found so. A random gradient source cannot satisfy the
condition, so a number is needed there.
"""

from collections.abc import Callable
from math import inf, isnan

import numpy as np
from scipy.optimize import minimize_scalar

from mdsbench.errors import UsageError
from mdsbench.oracle.account import GaveUp, SolverError
from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import step_rule
from mdsbench.registry.registry import STEPS
from mdsbench.registry.spec import Spec, parse

Rule = Callable[[int, Array, Array, Array], float]
Step = float | str | Spec | Rule


def bind(step: Step, oracle: GradientOracle) -> Rule:
    """The rule that an option `step=` names; raises UsageError."""
    if isinstance(step, bool):
        raise UsageError("a step is a number, 1/L or a step rule, not true or false")
    if isinstance(step, int | float):
        return constant(oracle, c=step)
    if callable(step):
        return _given(step)
    spec = parse(step) if isinstance(step, str) else step
    if spec.source:
        raise UsageError(f"a step rule has no gradient source: give the solver one, not {spec}")
    rule: Rule = STEPS.bind(spec)(oracle)
    return rule


def _given(function: Rule) -> Rule:
    """A user's own function, whose answer is checked."""

    def length(k: int, x: Array, g: Array, p: Array) -> float:
        t = function(k, x.copy(), g.copy(), p.copy())
        try:
            return float(t)
        except (TypeError, ValueError):
            raise SolverError(f"step= is a function that returned {t!r:.60}; it returns a number") from None

    return length


def _length(c: float | str, oracle: GradientOracle) -> Rule:
    """A number, or 1/L from the problem or by backtracking; raises UsageError."""
    if c != "1/L":
        if not 0 < float(c) < inf:
            raise UsageError(f"a step is a positive number, not {c}")
        length = float(c)
    elif oracle.smoothness is None:
        return _backtracking(oracle)
    else:
        length = 1.0 / oracle.smoothness
    return lambda k, x, g, p: length


def _backtracking(oracle: GradientOracle) -> Rule:
    """The step 1/L where no L is known."""
    if getattr(oracle, "random", False):
        raise UsageError(
            "step=1/L: no L is known for this problem, and a random gradient cannot show it; give a number"
        )
    oracle.remarks.append("no L is known for this problem: the step 1/L was found by backtracking")
    t = 0.0

    def length(k: int, x: Array, g: Array, p: Array) -> float:
        nonlocal t
        slope = float(g @ p)
        if not slope < 0:
            return t
        loss = oracle.value_here()
        rounding = 4 * np.finfo(float).eps * abs(loss) + 2 * oracle.noise

        def short_enough(t: float) -> bool:
            return bool(oracle.value(x + t * p) <= loss + t * slope / 2 + rounding)

        if not t:
            t = (float(np.linalg.norm(x)) or 1.0) / float(np.linalg.norm(p))
            if short_enough(t):
                for _ in range(60):
                    if not short_enough(2 * t):
                        break
                    t *= 2
                return t
            t /= 2
        for _ in range(40):  # 1e-12 of the last step; rounding errors would excuse a step that is shorter still
            if short_enough(t):
                return t
            t /= 2
        raise GaveUp("no step along the direction lowers the value: it is a minimum, or the gradient is wrong")

    return length


def _guess(c: float | str, oracle: GradientOracle) -> float:
    """The first trial of a search: a number, or 1/L from the problem, which is 1 if no L is known."""
    if c == "1/L":
        return 1.0 / oracle.smoothness if oracle.smoothness else 1.0
    if not 0 < float(c) < inf:
        raise UsageError(f"a step is a positive number, not {c}")
    return float(c)


@step_rule("constant", reference="Cauchy 1847; Polyak 1987, Introduction to Optimization, section 1.4")
def constant(oracle: GradientOracle, *, c: float | str = "1/L") -> Rule:
    """A constant step.

        t_k = c

    `c` is a number or `1/L`. `step=0.1` is short for `step=constant(c=0.1)`.
    """
    return _length(c, oracle)


@step_rule("1/L", reference="Nesterov 2018, Lectures on Convex Optimization, section 1.2.3")
def one_over_smoothness(oracle: GradientOracle, *, times: float = 1.0) -> Rule:
    """A constant step in units of the inverse curvature.

        t_k = times / L

    L comes from the problem. For stress 1/L is 1/(4n), the Guttman step, which never increases the loss (de
    Leeuw 1977). `times` is 1, the middle of the range from 0 to 2 in which every step decreases the loss.
    """
    length = _length("1/L", oracle)
    return lambda k, x, g, p: times * length(k, x, g, p)


@step_rule("1/k", reference="Robbins & Monro 1951, section 4; Polyak 1987, section 2.2")
def one_over_k(oracle: GradientOracle, *, c: float | str = "1/L") -> Rule:
    """The harmonic schedule: the steps sum to infinity, their squares do not.

        t_k = c / (k + 1)

    `c` is a number or `1/L`. The default is `1/L`, because the first step is then that of gradient descent.
    """
    length = _length(c, oracle)
    return lambda k, x, g, p: length(k, x, g, p) / (k + 1)


@step_rule("power", reference="Robbins & Monro 1951; Bottou 2012, Stochastic Gradient Descent Tricks, section 5.2")
def power(oracle: GradientOracle, *, scale: float | str = "1/L", s0: float = 100.0, p: float = 1.0) -> Rule:
    """A schedule that stays near its scale for about s0 iterations and then decreases as a power of k.

        t_k = scale * (s0 / (s0 + k))**p

    `scale` is a number, or `1/L`, with which the first steps are those of gradient descent. `p` is 1: Bottou's value,
    and the end of the range 1/2 < p <= 1 in which Robbins and Monro prove convergence. `s0` is 100, so the length is
    halved after a hundred steps.
    """
    length, exponent = _length(scale, oracle), p
    return lambda k, x, g, p: length(k, x, g, p) * (s0 / (s0 + k)) ** exponent


@step_rule("normalised", reference="Shor 1985, Minimization Methods for Non-Differentiable Functions, section 2.1")
def normalised(oracle: GradientOracle, *, step: Step = "1/k(c=1)") -> Rule:
    """Steps of a given length in space, independent of the length of the gradient.

        t_k = s_k / |p_k|

    `step` is the rule for s_k. The default is 1, 1/2, 1/3, ... The unit is the longest distance on the map. Every place
    can be reached, because the sum is infinite.
    """
    length = bind(step, oracle)
    return lambda k, x, g, p: _ratio(length(k, x, g, p), float(np.linalg.norm(p)))


@step_rule("polyak", reference="Polyak 1969, Minimization of Unsmooth Functionals; Polyak 1987, section 5.3")
def polyak(oracle: GradientOracle, *, times: float = 1.0) -> Rule:
    """The step to the point where the tangent reaches f*, the value at the minimum.

        t_k = times * (f(x_k) - f*) / (-g_k . p_k),    for p = -g:  times * (f(x_k) - f*) / |g_k|^2

    f* is the problem's best known value, which no other rule or solver receives. The rule is therefore a reference and
    not a competitor. `times` is between 0 and 2; 1 is Polyak's, and 2 is exact on a quadratic with equal curvatures.
    """
    if isnan(oracle.best_known):
        raise UsageError("polyak: no best value is known for this problem; take another step rule")
    return lambda k, x, g, p: times * max(0.0, _ratio(oracle.value_here() - oracle.best_known, -float(g @ p)))


@step_rule("armijo", reference="Armijo 1966; Nocedal & Wright 2006, Numerical Optimization, Algorithm 3.1")
def armijo(
    oracle: GradientOracle, *, c: float = 1e-4, shrink: float = 0.5, grow: float = 2.0, first: float | str = "1/L"
) -> Rule:
    """Backtracking: shrink a long step until the loss decreases by a given part of what the slope predicts.

        f(x + t p) <= f(x) + c t g . p

    `c` is that of Nocedal and Wright, and `shrink` is the usual half. They begin every search from one length. Here the
    first search begins from `first`: a number, or `1/L`, which is 1 if no L is known. Each later search begins from
    `grow` times the last step, which wastes few trials and lets the step grow again; 2 undoes one halving. If the
    direction does not descend, the step is 0. If noise hides the decrease, shrinking ends when the trial equals x.
    Every trial is one evaluation.
    """
    trial = _guess(first, oracle) / grow

    def length(k: int, x: Array, g: Array, p: Array) -> float:
        nonlocal trial
        slope = float(g @ p)
        if not slope < 0:
            return 0.0
        loss = oracle.value_here()
        trial *= grow
        while oracle.value(y := x + trial * p) > loss + c * trial * slope and (y != x).any():
            trial *= shrink
        return trial

    return length


@step_rule("exact", reference="Cauchy 1847; Nocedal & Wright 2006, section 3.3; search: Brent 1973, code: SciPy")
def exact(oracle: GradientOracle, *, first: float | str = "1/L", tol: float = 1e-6) -> Rule:
    """Exact line search: the minimum along the direction.

        t_k = argmin_t f(x_k + t p_k)

    The minimum is bracketed first: from 0 and `first` (a number, or `1/L`, which is 1 if no L is known), later from 0
    and the last step. Brent's method then finds it to the relative accuracy `tol`. `tol` is 1e-6, because below the
    root of the machine precision, 1.5e-8, values do not differ. Each value is charged: ten to twenty per iteration. If
    the values do not differ enough for a bracket, the step is 0.
    """
    last = _guess(first, oracle)

    def length(k: int, x: Array, g: Array, p: Array) -> float:
        nonlocal last
        if not p.any():
            return 0.0
        try:
            t = float(minimize_scalar(lambda t: oracle.value(x + t * p), bracket=(0.0, last), tol=tol).x)
        except RuntimeError:  # SciPy found no bracket
            return 0.0
        last = t or last
        return t

    return length


@step_rule("barzilai-borwein", reference="Barzilai & Borwein 1988, equations 5 and 6")
def barzilai_borwein(oracle: GradientOracle, *, variant: int = 1, first: float | str = "1/L") -> Rule:
    """The inverse of the curvature between the last two points, which needs no evaluation.

        s = x_k - x_{k-1},  y = g_k - g_{k-1};    BB1: t_k = s.s / s.y,    BB2: t_k = s.y / y.y

    `variant` 1 is the longer step of the two, and the paper's first. `first` is the step before there is a last point,
    a number or `1/L`. The loss does not decrease monotonically. If the curvature s.y is not positive, the last step is
    used again; this does not happen on the paper's quadratics.
    """
    if variant not in (1, 2):
        raise UsageError(f"barzilai-borwein(variant={variant}): the variants are 1 and 2")
    beginning = _length(first, oracle)
    last = 0.0
    before: tuple[Array, Array] | None = None

    def length(k: int, x: Array, g: Array, p: Array) -> float:
        nonlocal last, before
        if before is None:
            last = beginning(k, x, g, p)
        else:
            s, y = x - before[0], g - before[1]
            if s @ y > 0:
                last = float(s @ s / (s @ y) if variant == 1 else s @ y / (y @ y))
        before = x, g
        return last

    return length


def _ratio(numerator: float, denominator: float) -> float:
    """The quotient, or 0 if the denominator is 0: at a stationary point the step is 0."""
    return numerator / denominator if denominator else 0.0
