"""Problems that do what none should. Addressed as `tests/zoo/problems.py:name`."""

import os
import time
from typing import Any, NoReturn

from mdsbench.problems.problem import Problem
from mdsbench.registry.decorators import problem


def exit_well(*_: Any) -> NoReturn:
    os._exit(0)


def sleep_long(*_: Any) -> NoReturn:
    while True:
        time.sleep(3600)


def bowl(**changes: Any) -> Problem:
    """A round bowl, but for the changes."""
    methods = {"value": lambda x: float(x @ x), "value_and_gradient": lambda x: (float(x @ x), 2 * x), **changes}
    return Problem(dimension=2, best_known=0.0, provenance="by construction", **methods)


@problem("zoo-bowl", reference="the zoo")
def good() -> Problem:
    """Nothing is wrong with it."""
    return bowl(name="good")


@problem("zoo-exits", reference="the zoo")
def exits() -> Problem:
    """Ends its process when it is evaluated."""
    return bowl(name="exits", value=exit_well, value_and_gradient=exit_well)


@problem("zoo-hangs", reference="the zoo")
def hangs() -> Problem:
    """Hangs when it is evaluated."""
    return bowl(name="hangs", value=sleep_long, value_and_gradient=sleep_long)


@problem("zoo-exits-at-once", reference="the zoo")
def exits_at_once() -> Problem:
    """Ends its process when it is built."""
    exit_well()


@problem("zoo-hangs-at-once", reference="the zoo")
def hangs_at_once() -> Problem:
    """Hangs when it is built."""
    sleep_long()


@problem("zoo-raises-at-once", reference="the zoo")
def raises_at_once() -> Problem:
    """Raises when it is built."""
    raise ZeroDivisionError("out of luck")


@problem("zoo-steep", reference="the zoo")
def steep() -> Problem:
    """Its gradient is wrong by 3/2."""
    return bowl(name="steep", value_and_gradient=lambda x: (float(x @ x), 3 * x))
