"""COCO's 24 functions without noise, the suite bbob, from its own library: the extra `coco`.

The functions have no derivatives here. A solver that uses a gradient is given one by differences, as in
`l-bfgs-b[central-difference]`, and its evaluations are COCO's.
"""

from importlib import import_module
from typing import Any, NoReturn

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.problems.problem import Array, Problem, canonical
from mdsbench.registry import libraries
from mdsbench.registry.decorators import problem
from mdsbench.registry.registry import PROBLEMS

FUNCTIONS, MOST = 24, 40


@problem(
    "bbob",
    reference="Hansen, Finck, Ros & Auger 2009, INRIA RR-6829; Hansen et al. 2021; code: coco-experiment",
    needs=("cocoex", "coco-experiment"),
)
def bbob(*, n: int = 2, function: int = 1, instance: int = 1) -> Problem:
    """One of COCO's 24 functions in 2 to 40 variables: `bbob(function=8, n=10)` is Rosenbrock's, turned.

    `instance` shifts and turns the function; COCO's experiments take 1 to 15. The start `x0` is the middle of the
    region -5 <= x_i <= 5 that contains the minimum. The best known value is COCO's.
    """
    _check("number of variables", n, 2, MOST)
    _check("function", function, 1, FUNCTIONS)
    _check("instance", instance, 1, 2**31 - 1)
    f = coco_function(function, n, instance)

    def no_gradient(_: Array) -> NoReturn:
        raise UsageError("bbob has no gradient: take a source such as l-bfgs-b[central-difference]")

    return Problem(
        name=canonical("bbob", n, function=function, instance=instance),
        dimension=n,
        value=lambda x: float(f(x)),
        value_and_gradient=no_gradient,
        has_gradient=False,
        x0=np.zeros((1, n)),
        best_known=float(f.best_value()),
        provenance="COCO: the functions are made with their minimum",
    )


def coco_function(function: int, n: int, instance: int) -> Any:
    """COCO's function; raises UsageError if its library is not installed."""
    libraries.require(PROBLEMS["bbob"])
    return import_module("cocoex").BareProblem("bbob", function, n, instance)


def _check(what: str, number: int, least: int, most: int) -> None:
    """Raise UsageError for a number out of range."""
    if not least <= number <= most:
        raise UsageError(f"bbob: the {what} goes from {least} to {most:,}, not {number}")
