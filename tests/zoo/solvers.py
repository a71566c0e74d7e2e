"""Solvers that do what none should. Addressed as `tests/zoo/solvers.py:name`."""

import ctypes
import os
import signal
import sys
from collections.abc import Generator
from typing import Any

import numpy as np

from mdsbench.registry.decorators import solver

Iterates = Generator[Any, None, None]


def bad(function: Any) -> Any:
    return solver("zoo-" + function.__name__.replace("_", "-"), uses="gradient", reference="the zoo")(function)


@bad
def raises(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Raises."""
    yield x
    raise ZeroDivisionError("out of luck")


@bad
def not_a_number(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Moves to NaN."""
    oracle.value(x)
    yield x * np.nan


@bad
def hangs_in_python(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Hangs in Python."""
    yield x
    while True:
        pass


@bad
def hangs_in_c(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Hangs in C, where no signal handler of Python's runs, and holds the interpreter's lock."""
    yield x
    ctypes.PyDLL(None).sleep(3600)


@bad
def exits_well(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Ends its process as if all were well."""
    yield x
    os._exit(0)


@bad
def exits_badly(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Ends its process with an exit code."""
    yield x
    os._exit(3)


@bad
def asks_to_exit(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Asks the interpreter to exit."""
    yield x
    sys.exit(3)


@bad
def crashes(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Crashes its process as a bug in C does."""
    yield x
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)


@bad
def allocates(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Allocates without end."""
    yield x
    hoard = []
    while True:
        hoard.append(np.ones(2**20))


@bad
def swallows(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Swallows every exception."""
    while True:
        try:
            oracle.value(x)
            yield x
        except GeneratorExit:
            return
        except BaseException:
            pass


@bad
def prints(oracle: Any, x: Any, rng: Any) -> Iterates:
    """Writes to stdout without end."""
    yield x
    while True:
        print("all work and no play makes jack a dull boy" * 100)
