"""Functions given by residuals, and the forms in which Moré and Wild (2009) minimise them.

With residuals F(x) = (f_1(x), ..., f_m(x)) and their Jacobian J(x), section 4 of the paper has the forms

    smooth       f(x) = sum_i f_i(x)^2                                        gradient 2 J^T F
    nonsmooth    f(x) = sum_i |f_i(x)|                                        subgradient J^T sign(F)
    noisy        f(x) = (1 + eps phi(x)) sum_i f_i(x)^2                       phi: see `deterministic_noise`

and one more form is ours:

    stochastic   the smooth f; a solver receives each value times 1 + eps u, with u uniform between -1 and 1

The authors' published code has a stochastic form too, in which each residual is disturbed before it is squared. Here
the noise is that of the value, which is what a solver receives. Its size is not declared, because it changes with the
value: no solver knows it.

A few functions have no minimum in the nonsmooth form. There, the paper takes F(max(x, 0)) instead of F(x).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.problems.data_files import BestKnown
from mdsbench.problems.disturbances import relative_noise
from mdsbench.problems.problem import Array, Problem

FORMS = ("smooth", "nonsmooth", "noisy", "stochastic")
EPS = 1e-3  # the paper's level of noise


@dataclass(frozen=True, eq=False, kw_only=True)
class Residuals:
    """Residuals of n variables: `values(x)`, shape (m,), and `jacobian(x)`, shape (m, n).

    `start` is the standard start of the literature, shape (n,). `clipped` says that the nonsmooth form takes
    F(max(x, 0)).
    """

    values: Callable[[Array], Array]
    jacobian: Callable[[Array], Array]
    start: Array
    clipped: bool = False


def in_form(
    form: str,
    F: Residuals,
    name: Callable[..., str],
    *,
    eps: float = EPS,
    best: BestKnown,
) -> Problem:
    """The problem of minimising F in one of the FORMS, with noise of the relative size `eps` if the form has noise.

    `name(form=form, eps=eps)` is the name of the problem. Raises UsageError for an unknown
    form, or for noise that makes no sense. `best` is the best known value of the form.
    """
    if form not in FORMS:
        raise UsageError(f"form={form}: the form is one of {', '.join(FORMS)}")
    if not 0 < eps < 1:
        raise UsageError(f"eps={eps:g}: the relative noise is between 0 and 1")
    if eps != EPS and form not in ("noisy", "stochastic"):
        raise UsageError(f"form={form} has no noise: leave out eps, or take form=noisy or form=stochastic")
    given: dict[str, Any] = {
        "ours": True,
        "name": name(form=form, eps=eps),
        "dimension": len(F.start),
        "x0": F.start[None],
        "best_known": best.loss,
        "provenance": best.provenance,
    }
    if form == "nonsmooth":
        return Problem(**_absolute(F), **given)
    if form == "noisy":
        return Problem(**_noisy(F, eps), **given)
    squares = {**_squares(F), "residuals": F.values, "jacobian": F.jacobian}
    return Problem(**squares, **given, observe=relative_noise(eps) if form == "stochastic" else None)


def deterministic_noise(x: Array) -> tuple[float, Array]:
    """Moré and Wild's phi, equation (4.2), between -1 and 1, and its gradient where it has one.

    It is the Chebyshev polynomial T_3(p) = p (4 p^2 - 3) of

        p(x) = 0.9 sin(100 |x|_1) cos(100 |x|_inf) + 0.1 cos(|x|_2)
    """
    one, two, k = np.abs(x).sum(), float(np.sqrt(x @ x)), int(np.abs(x).argmax())
    greatest = abs(x[k])
    p = 0.9 * np.sin(100 * one) * np.cos(100 * greatest) + 0.1 * np.cos(two)
    slope = 90 * np.cos(100 * one) * np.cos(100 * greatest) * np.sign(x)
    slope[k] -= 90 * np.sin(100 * one) * np.sin(100 * greatest) * np.sign(x[k])
    slope -= 0.1 * np.sinc(two / np.pi) * x
    return float(p * (4 * p**2 - 3)), (12 * p**2 - 3) * slope


def _squares(F: Residuals) -> dict[str, Any]:
    def value(x: Array) -> float:
        f = F.values(x)
        return float(f @ f)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        f = F.values(x)
        return float(f @ f), 2 * (f @ F.jacobian(x))

    return {"value": value, "value_and_gradient": value_and_gradient}


def _absolute(F: Residuals) -> dict[str, Any]:
    def seen(x: Array) -> Array:
        return np.maximum(x, 0.0) if F.clipped else x

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        f = F.values(seen(x))
        slope = np.sign(f) @ F.jacobian(seen(x))
        return float(np.abs(f).sum()), np.where(x > 0, slope, 0.0) if F.clipped else slope

    return {"value": lambda x: float(np.abs(F.values(seen(x))).sum()), "value_and_gradient": value_and_gradient}


def _noisy(F: Residuals, eps: float) -> dict[str, Any]:
    smooth = _squares(F)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        value, gradient = smooth["value_and_gradient"](x)
        phi, slope = deterministic_noise(x)
        return (1 + eps * phi) * value, (1 + eps * phi) * gradient + eps * value * slope

    def value(x: Array) -> float:
        return float((1 + eps * deterministic_noise(x)[0]) * smooth["value"](x))

    return {"value": value, "value_and_gradient": value_and_gradient}
