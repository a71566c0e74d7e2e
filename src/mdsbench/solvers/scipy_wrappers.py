"""Shared by solvers from libraries: calls of SciPy's minimize, a box to search, imports of optional libraries."""

import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from mdsbench.errors import UsageError
from mdsbench.oracle.oracle import GradientOracle, HessianOracle, Oracle
from mdsbench.problems.problem import Array

FOREVER = sys.maxsize  # if a library requires a limit: the oracle ends the run


def by_values(oracle: Oracle, x: Array, method: str, options: dict[str, Any]) -> str:
    """Run one of SciPy's derivative-free minimisers, with a callback for iterates; returns why it stopped."""
    return str(minimize(oracle.value, x, method=method, callback=_moved(oracle), options=options).message)


def by_gradients(oracle: GradientOracle, x: Array, method: str, options: dict[str, Any]) -> str:
    """Run one of SciPy's minimisers that take a gradient, and Hessian-vector products if the oracle has them.

    Value and gradient come from one pass, so every trial of a line search costs one gradient.
    """

    def value_and_gradient(at: Array) -> tuple[float, Array]:
        gradient = oracle.gradient(at)
        return oracle.value_here(), gradient

    hessp = oracle.hessian_vector if isinstance(oracle, HessianOracle) else None
    result = minimize(
        value_and_gradient, x, method=method, jac=True, hessp=hessp, callback=_moved(oracle), options=options
    )
    return str(result.message)


def _moved(oracle: Oracle) -> Callable[[Any], None]:
    """A callback that reports each iterate to the oracle.

    Because of its parameter's name, SciPy's newer minimisers pass their result so far and save a copy of x. Older ones
    pass x with any name.
    """

    def moved(intermediate_result: OptimizeResult | Array) -> None:
        oracle.iterate(intermediate_result if isinstance(intermediate_result, np.ndarray) else intermediate_result["x"])

    return moved


def box(x: Array, radius: float) -> tuple[Array, Array]:
    """Lowest and highest corner of the box that a global method searches: the start, plus and minus `radius`.

    With a radius of 1, the longest distance, a box around any start in the unit square contains a best map.
    """
    if not 0 < radius < np.inf:
        raise UsageError(f"radius={radius:g}: it is a positive number")
    return x - radius, x + radius


def optional(oracle: Oracle, name: str, extra: str) -> Any:
    """Import a library off the clock; if it is missing, raise UsageError, which says what to install."""
    try:
        with oracle.off_the_clock():
            return importlib.import_module(name)
    except ImportError:
        raise UsageError(f"the library {name} is not installed: pip install 'mdsbench[{extra}]'") from None
