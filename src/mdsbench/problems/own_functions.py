"""A problem made of a function of the user's and of what is declared of it: `simulator.py:loss(dimension=40)`.

What is declared are attributes of the function, as `mdsbench.problem` sets them, or options in its name. An option has
precedence. The function's own parameters after x are options too, and have precedence over options of the same name.
Functions that belong to it, such as `jac`, are given those of its parameters that they have.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from math import nan
from typing import Any

import numpy as np
from scipy.optimize import Bounds

from mdsbench.errors import UsageError
from mdsbench.problems.edge import ProblemError, array, guarded
from mdsbench.problems.from_functions import box_of, from_functions
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.plugins import why_no_function_of_x
from mdsbench.registry.registry import PROBLEMS

FUNCTIONS = ("jac", "hess", "hessp", "residuals", "jacobian", "batch_gradient")
NUMBERS = ("x0", "low", "high", "noise", "smoothness", "best_known")
COUNTS = ("dimension", "terms", "repeats")
DECLARED = (*FUNCTIONS, "x0", "bounds", "noise", "smoothness", "best_known", *COUNTS)
REPEATS = 10  # of a function that declares noise


def _why_not(thing: Any) -> str:
    return "" if isinstance(thing, Problem) else why_no_function_of_x(thing)


@PROBLEMS.adapter(_why_not)
def adapt(function: Any) -> Callable[..., Problem]:
    """Make a registered problem of a plain callable; a Problem is one already."""
    if isinstance(function, Problem):
        return lambda: function

    def make(**options: Any) -> Problem:
        return declared(function, options)

    kinds: dict[str, Any] = {
        **dict.fromkeys(COUNTS, int | None),
        "n": int | None,
        **dict.fromkeys(NUMBERS, float | None),
        **dict.fromkeys(FUNCTIONS, str | bool | None),
    }
    own = {name: _option(parameter) for name, parameter in _own(function).items()}
    ours = {
        name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in kinds.items()
    }
    make.__signature__ = inspect.Signature(list({**ours, **own}.values()))  # type: ignore[attr-defined]
    make.__doc__ = inspect.getdoc(function)
    return make


def declared(function: Callable[..., Any], options: Mapping[str, Any]) -> Problem:
    """The problem of minimising a function, with what its attributes and these options declare; raises UsageError."""
    own = _own(function)
    named = function
    while isinstance(named, partial):
        named = named.func
    name = getattr(named, "__name__", type(named).__name__)
    lacking = [key for key, p in own.items() if p.default is p.empty and options.get(key) is None]
    if lacking:
        taken = ", ".join(["x", *own])
        raise UsageError(
            f"{name} takes ({taken}), and a function to minimise takes one array x: give the others values, "
            f"{name}({', '.join(f'{key}=...' for key in lacking)})"
        )
    arguments = {key: value for key, value in options.items() if key in own}
    given = {key: value for key, value in options.items() if key not in own and value is not None}

    def said(key: str) -> Any:
        return given[key] if key in given else getattr(function, key, None)

    functions = {key: _with(arguments, _function(function, key, said(key))) for key in FUNCTIONS}
    n = _dimension(name, given, function)
    batch = functions.pop("batch_gradient")
    try:
        plain = from_functions(
            _with(arguments, function),
            n,
            **functions,
            smoothness=_number(name, "smoothness", said("smoothness"), None),
            best_known=_number(name, "best_known", said("best_known"), nan),
        )
        bounds = _bounds(given, function, n)
        noise = _number(name, "noise", said("noise"), 0.0)
        return guarded(
            Problem(
                **{
                    **vars(plain),
                    "name": name,
                    "batch_gradient": batch,
                    "terms": _count(name, "terms", said("terms"), 1),
                    "noise": noise,
                    "repeats": _count(name, "repeats", said("repeats"), REPEATS if noise else 0, least=0),
                    "bounds": bounds,
                    "x0": _starts(name, said("x0"), n, bounds),
                }
            )
        )
    except ProblemError as error:
        raise UsageError(str(error)) from None


def is_declared(function: Any) -> bool:
    """Whether anything is declared of a function."""
    return callable(function) and any(getattr(function, key, None) is not None for key in DECLARED)


def _own(function: Any) -> dict[str, inspect.Parameter]:
    """The parameters of a function after x that can be given by name."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return {}
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    first = parameters[0] if parameters and parameters[0].kind is not inspect.Parameter.KEYWORD_ONLY else None
    return {p.name: p for p in named if p is not first}


def _option(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter as an option: of the type of its default, if no other is declared; a missing one is found later."""
    default, kind = parameter.default, parameter.annotation
    if kind is parameter.empty and type(default) in (bool, int, float, str):
        kind = int | float if type(default) is int else type(default)
    none = None if default is parameter.empty else default
    return parameter.replace(kind=parameter.KEYWORD_ONLY, default=none, annotation=kind)


def _with(arguments: Mapping[str, Any], function: Any) -> Any:
    """A function with those of the arguments that it has parameters for."""
    if not arguments or not callable(function):
        return function
    own = _own(function)
    taken = {key: value for key, value in arguments.items() if key in own}
    bound = partial(function, **taken)
    bound.__name__ = getattr(function, "__name__", "function")  # type: ignore[attr-defined]
    return bound


def _function(function: Any, key: str, said: Any) -> Any:
    """A function that belongs to another: itself, or what its module has under that name; True for `jac`."""
    if said is None or callable(said) or (key == "jac" and isinstance(said, bool)):
        return said
    if not isinstance(said, str):
        raise UsageError(f"{key}={said!r:.60}: it is a function, or the name of one beside the function to minimise")
    plain = inspect.unwrap(function)
    module = sys.modules.get(getattr(plain, "__module__", None) or type(plain).__module__)
    found = getattr(module, said, None)
    if not callable(found):
        raise UsageError(f"{key}={said}: there is no function of that name beside the function to minimise")
    return found


def _dimension(name: str, given: Mapping[str, Any], function: Any) -> int:
    """The number of variables, from the options, the attribute, the start or the bounds."""
    said = given.get("dimension", given.get("n", getattr(function, "dimension", None)))
    if said is not None:
        return _count(name, "dimension", said, 1)
    x0, bounds = getattr(function, "x0", None), getattr(function, "bounds", None)
    if x0 is not None and np.ndim(x0):
        return int(np.shape(x0)[-1])
    if isinstance(bounds, Bounds) and np.size(bounds.lb) > 1:
        return int(np.size(bounds.lb))
    if bounds is not None and not isinstance(bounds, Bounds) and not _is_one_pair(bounds):
        return len(bounds)
    raise UsageError(
        f"how many variables does {name} have? Write {name}(dimension=...), or declare it: "
        f"@mdsbench.problem(dimension=...)"
    )


def _is_one_pair(bounds: Any) -> bool:
    """Whether these are a lowest and a highest value for all variables, not pairs."""
    return len(bounds) == 2 and all(side is None or not np.ndim(side) for side in bounds)


def _bounds(given: Mapping[str, Any], function: Any, n: int) -> tuple[Array, Array] | None:
    """The lowest and the highest values, shape (n,) each."""
    said = getattr(function, "bounds", None)
    if "low" in given or "high" in given:
        said = (given.get("low"), given.get("high"))
    if said is None:
        return None
    return box_of([tuple(said)] * n if not isinstance(said, Bounds) and _is_one_pair(said) else said, n)


def _starts(name: str, said: Any, n: int, bounds: tuple[Array, Array] | None) -> Array | None:
    """The starts, shape (points, n); raises UsageError for one that is not of the problem, or outside of the bounds."""
    if said is None:
        return None
    found = array(said, None, "start x0")
    points = np.full((1, n), float(found)) if found.ndim == 0 else np.atleast_2d(found)
    if points.ndim != 2 or points.shape[1] != n:
        raise UsageError(f"{name}: x0 has the shape {np.shape(said)}, x has the shape ({n},)")
    for point in points:
        if why := outside(point, bounds):
            raise UsageError(f"{name}: x0 {why}")
    return points


def outside(x: Array, bounds: tuple[Array, Array] | None) -> str:
    """Why a start cannot be one, in words; empty if it can."""
    if not np.isfinite(x).all():
        return "holds something that is not a finite number"
    if bounds is None:
        return ""
    low, high = bounds
    wrong = np.flatnonzero((x < low) | (x > high))
    if not len(wrong):
        return ""
    k = int(wrong[0])
    return f"is outside of the bounds: variable {k} is {x[k]:g}, and its bounds are {low[k]:g} and {high[k]:g}"


def _number(name: str, key: str, said: Any, otherwise: Any) -> Any:
    """A real number that is declared, not negative unless it is the best known value."""
    if said is None:
        return otherwise
    try:
        number = float(said)
    except (TypeError, ValueError):
        number = nan
    if not np.isfinite(number) or (key != "best_known" and number < 0):
        wanted = "a number" if key == "best_known" else "0 or a positive number"
        raise UsageError(f"{name}: {key}={said!r:.60}: it is {wanted}")
    return number


def _count(name: str, key: str, said: Any, otherwise: int, least: int = 1) -> int:
    """A whole number that is declared."""
    if said is None:
        return otherwise
    if isinstance(said, bool) or not isinstance(said, int | np.integer) or said < least:
        raise UsageError(f"{name}: {key}={said!r:.60}: it is a whole number, {least} or more")
    return int(said)
