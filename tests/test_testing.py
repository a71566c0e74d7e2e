"""Every promise, on every solver in the registry; and each promise broken once, to see that the check sees it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mdsbench import testing
from mdsbench.oracle.account import Limits
from mdsbench.registry.registry import SOLVERS
from mdsbench.runs.execute import Cell, execute


@pytest.mark.parametrize("promise", testing.CHECKS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_keeps_every_promise(solver: str, promise: str) -> None:
    testing.CHECKS[promise](solver)


@pytest.fixture
def enter() -> Iterator[Callable[..., str]]:
    """Registers a solver for one test."""

    def register(function: Callable[..., Any], uses: Any = "gradient", reference: str = "this test") -> str:
        SOLVERS.register("bad", uses=uses, reference=reference)(function)
        return "bad"

    yield register
    SOLVERS.pop("bad", None)


def good(oracle: Any, x: Any, rng: Any) -> Any:
    """Gradient descent."""
    while True:
        x = x - oracle.gradient(x) / oracle.smoothness
        yield x


def undocumented(oracle: Any, x: Any, rng: Any) -> Any:
    yield from good(oracle, x, rng)


def unseeded(oracle: Any, x: Any, rng: Any) -> Any:
    """Draws from a generator of its own."""
    while True:
        oracle.value(x + np.random.default_rng().normal(scale=0.01, size=x.shape))
        yield x


def stuck(oracle: Any, x: Any, rng: Any) -> Any:
    """Asks and never moves."""
    while True:
        oracle.gradient(x)
        yield x


def normalised(oracle: Any, x: Any, rng: Any) -> Any:
    """Steps of one length, which is divided by."""
    while True:
        g = oracle.gradient(x)
        x = x - 0.01 / float(np.linalg.norm(g)) * g
        yield x


@pytest.mark.parametrize(
    ("function", "uses", "promise"),
    [
        (normalised, "gradient", "does not fail where the gradient is zero, at cities that all lie on one point"),
        (undocumented, "gradient", "has a docstring and a reference"),
        (unseeded, "value", "gives the same trace from the same seed"),
        (stuck, "gradient", "gets to the bottom of a round bowl within 2,000 calls a variable"),
        (stuck, "gradient", "places six cities to a gap of 1e-6 within 2,000 calls a variable"),
        (good, "value", "asks only for what it declared"),
    ],
)
def test_a_broken_promise_is_seen(enter: Callable[..., str], function: Any, uses: str, promise: str) -> None:
    name = enter(function, uses)
    with pytest.raises(testing.Broken):
        testing.CHECKS[promise](name)


def returns_nothing(oracle: Any, x: Any, rng: Any) -> Any:
    """Forgot to yield."""


def raises(oracle: Any, x: Any, rng: Any) -> Any:
    """Raises half way."""
    yield x - oracle.gradient(x)
    raise ZeroDivisionError("half way")


def yields_nan(oracle: Any, x: Any, rng: Any) -> Any:
    """Yields what is no number."""
    oracle.gradient(x)
    yield x * np.nan


def yields_a_pair(oracle: Any, x: Any, rng: Any) -> Any:
    """Yields the wrong shape."""
    oracle.gradient(x)
    yield x[:2]


def changes_its_start(oracle: Any, x: Any, rng: Any) -> Any:
    """Writes into x."""
    x -= oracle.gradient(x)
    yield x


def swallows_exceptions(oracle: Any, x: Any, rng: Any) -> Any:
    """Catches everything and carries on."""
    for _ in range(1000):
        with contextlib.suppress(BaseException):
            oracle.value(x)
    yield x


def never_asks(oracle: Any, x: Any, rng: Any) -> Any:
    """Yields for ever."""
    while True:
        yield x


@pytest.mark.parametrize(
    ("function", "ending", "message"),
    [
        (returns_nothing, "error", "a solver is a generator: yield each new x"),
        (raises, "error", "ZeroDivisionError: half way"),
        (yields_nan, "diverged", "no longer a finite number"),
        (yields_a_pair, "error", "moved to an array of shape (2,); yield arrays of shape (12,)"),
        (changes_its_start, "error", "x is the start itself: write x = x - ..., not x -= ..."),
        (swallows_exceptions, "budget", "all 100 calls are spent"),
        (never_asks, "error", "iterates without a question"),
    ],
)
def test_a_bad_solver_has_a_named_ending_and_a_message(
    enter: Callable[..., str], function: Any, ending: str, message: str
) -> None:
    run = execute(Cell("cities-6", enter(function), "published", Limits(calls=100)))
    assert run.ending == ending
    assert message in run.message
    assert run.pairs <= 100 * 15


def test_a_gradient_that_was_not_declared_is_refused_and_says_what_to_declare(enter: Callable[..., str]) -> None:
    run = execute(Cell("cities-6", enter(good, "value"), "published", Limits(calls=100)))
    assert run.ending == "error"
    assert run.message.partition("\n")[0].endswith("declare what it uses: @solver(..., uses='gradient')")
    assert run.gradients == 0
