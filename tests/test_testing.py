"""Every promise, on every solver in the registry; and each promise broken once, to see that the check sees it."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kill import live_workers
from mdsbench import testing
from mdsbench.errors import UsageError
from mdsbench.oracle.account import GaveUp, Limits
from mdsbench.problems.problem import Array, Problem, find
from mdsbench.registry.registry import PROBLEMS, SOLVERS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.testing.problems import gradient_is_right

ZOO = Path(__file__).parent / "zoo"


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
def test_a_broken_promise_is_seen(
    enter: Callable[..., str], monkeypatch: pytest.MonkeyPatch, function: Any, uses: str, promise: str
) -> None:
    name = enter(function, uses)
    monkeypatch.setitem(SOLVERS, name, replace(SOLVERS[name], home="mdsbench.solvers.bad"))  # as if it were ours
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
        (returns_nothing, "error", "a solver yields each new x, or calls the oracle and returns a message"),
        (raises, "error", "ZeroDivisionError: half way"),
        (yields_nan, "diverged", "not a finite number"),
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
    assert run.spent.terms <= 100 * 15


def test_a_gradient_that_was_not_declared_is_refused_and_says_what_to_declare(enter: Callable[..., str]) -> None:
    run = execute(Cell("cities-6", enter(good, "value"), "published", Limits(calls=100)))
    assert run.ending == "error"
    assert run.message.partition("\n")[0].endswith("declare what it uses: @solver(..., uses='gradient')")
    assert run.spent.gradients == 0


def test_a_users_solver_without_a_docstring_is_advised_and_breaks_nothing(enter: Callable[..., str]) -> None:
    (promise,) = (words for words in testing.CHECKS if "docstring" in words)
    testing.CHECKS[promise](enter(undocumented))


def test_a_users_file_is_advised_on_its_docstring(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def solve(fun, x0):\n    return x0\n")
    assert testing.advice(f"{tmp_path}/mine.py:solve") == "it has no docstring: say in one line what it does"
    assert testing.advice("gd") == ""


def test_check_solver_passes_a_good_solver() -> None:
    testing.check_solver("gd")


def test_check_solver_lists_all_faults_of_a_solver_that_exits() -> None:
    with pytest.raises(AssertionError) as caught:
        testing.check_solver(f"{ZOO}/solvers.py:exits_badly")
    assert "the worker process ended with exit code 3" in str(caught.value)
    assert str(caught.value).count("\n") > 2
    assert live_workers() == []


def test_a_file_that_exits_when_it_is_imported_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "gone.py").write_text("import os\nos._exit(5)\n")
    for check in (testing.check_solver, testing.check_problem):
        with pytest.raises(UsageError, match="cannot be loaded: the worker process ended with exit code 5"):
            check(f"{tmp_path}/gone.py:solve")


def test_what_was_registered_in_this_session_is_checked_in_this_process(enter: Callable[..., str]) -> None:
    testing.check_solver(enter(good))
    PROBLEMS.register("bad", reference="this test")(lambda: replace(CITIES, name="bad", best_known=1e9))
    try:
        with pytest.raises(AssertionError, match="bad breaks 1 of its promises"):
            testing.check_problem("bad")
    finally:
        del PROBLEMS["bad"]


VARIANTS = ["noise=0.1", "quantum=0.01", "loss=absolute", "missing=0.1", "missing=0.3", "noise=0.1,quantum=0.01"]
NAMES = [
    *("cities-6", "cities-15", "places-20", "sphere-3", "rosenbrock-4"),
    *(f"cities-{n}({variant})" for n in (6, 15) for variant in VARIANTS),
]


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_keeps_every_promise(name: str) -> None:
    testing.check_problem(find(name))


def test_a_users_coordinates_keep_every_promise(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).uniform((40, 0), (60, 30), size=(12, 2))
    lines = ["latitude,longitude", *(f"{latitude},{longitude}" for latitude, longitude in rows)]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n")
    testing.check_problem(find(f'coordinates(file="{tmp_path}/mine.csv")'))


def test_a_promise_about_what_a_problem_does_not_give_is_left_out() -> None:
    values_alone = Problem(
        name="values alone",
        dimension=2,
        value=lambda x: float(x @ x),
        value_and_gradient=lambda _: pytest.fail("it has no gradient"),
        has_gradient=False,
        best_known=np.nan,
        provenance="unknown",
    )
    kept = testing.PROBLEM_CHECKS.concerning(values_alone)
    assert kept == [
        "has a positive dimension, and values that are finite numbers",
        "gives the same bits for the same x, or declares its noise",
        "leaves x as it is",
    ]
    assert "has the gradient that differences of the value have" in testing.PROBLEM_CHECKS.concerning(find("sphere-2"))
    testing.check_problem(values_alone)


@pytest.mark.slow
def test_a_named_problem_is_checked_in_another_process() -> None:
    testing.check_problem("sphere-3")
    faults = dict(testing.examine_problem(f"{ZOO}/problems.py:exits"))
    assert set(faults) < set(testing.PROBLEM_CHECKS)
    assert set(faults.values()) == {"the worker process ended with exit code 0"}
    assert faults["has the gradient that differences of the value have"]
    with pytest.raises(AssertionError, match="differs from central differences by"):
        testing.check_problem(f"{ZOO}/problems.py:steep")
    with pytest.raises(AssertionError, match="it was still running after"):
        testing.check_problem(f"{ZOO}/problems.py:hangs", seconds=0.5)
    with pytest.raises(UsageError, match="there is no problem 'spher'"):
        testing.check_problem("spher")


CITIES = find("cities-6")
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "gradient": (
        {"value_and_gradient": lambda x: (CITIES.value(x), 1.5 * CITIES.value_and_gradient(x)[1])},
        "has the gradient that differences of the value have",
    ),
    "sign of the gradient": (
        {"value_and_gradient": lambda x: (CITIES.value(x), -CITIES.value_and_gradient(x)[1])},
        "has the gradient that differences of the value have",
    ),
    "order of the gradient": (
        {"value_and_gradient": lambda x: (CITIES.value(x), CITIES.value_and_gradient(x)[1].reshape(-1, 2).T.ravel())},
        "has the gradient that differences of the value have",
    ),
    "one wrong element of the gradient": (
        {"value_and_gradient": lambda x: (CITIES.value(x), CITIES.value_and_gradient(x)[1] * (np.arange(12) != 7))},
        "has the gradient that differences of the value have",
    ),
    "value of the gradient": (
        {"value_and_gradient": lambda x: (CITIES.value(x) + 1e-3, CITIES.value_and_gradient(x)[1])},
        "gives one value, whichever method computes it",
    ),
    "Hessian": (
        {"hessian_vector": lambda x, v: 1.5 * CITIES.hessian_vector(x, v)},  # type: ignore[misc]
        "has the Hessian-vector product that differences of the gradient have",
    ),
    "directional derivative": (
        {"directional_derivative": lambda x, v: (CITIES.value(x), -CITIES.slope(x, v)[1])},
        "its directional derivative has the wrong sign",
    ),
    "length of the direction": (
        {"directional_derivative": lambda x, v: CITIES.slope(x, v / np.linalg.norm(v))},
        "its directional derivative along 2 v is not twice that along v",
    ),
    "value of the directional derivative": (
        {"directional_derivative": lambda x, v: (CITIES.value(x) + 1e-3, CITIES.slope(x, v)[1])},
        "its value of directional_derivative differs from its value",
    ),
    "no pair of a directional derivative": (
        {"directional_derivative": lambda x, v: CITIES.slope(x, v)[1]},
        "it is the value and the derivative, two floats",
    ),
    "residuals": (
        {"residuals": lambda x: 2 * CITIES.residuals(x)},  # type: ignore[misc]
        "gives one value, whichever method computes it",
    ),
    "Jacobian": (
        {"jacobian": lambda x: -CITIES.jacobian(x)},  # type: ignore[misc]
        "has the Jacobian that differences of the residuals have",
    ),
    "batch": (
        {"batch_gradient": lambda x, terms: CITIES.batch_gradient(x, terms[:-1])},  # type: ignore[misc]
        "has a batch gradient that is the gradient when the batch is everything",
    ),
    "shape": (
        {"value_and_gradient": lambda x: (CITIES.value(x), CITIES.value_and_gradient(x)[1].reshape(-1, 2))},
        "gives derivatives of the right shapes, in double precision",
    ),
    "shape of a row": (
        {"value_and_gradient": lambda x: (CITIES.value(x), CITIES.value_and_gradient(x)[1][None])},
        "gives derivatives of the right shapes, in double precision",
    ),
    "shape of a column": (
        {"value_and_gradient": lambda x: (CITIES.value(x), CITIES.value_and_gradient(x)[1][:, None])},
        "gives derivatives of the right shapes, in double precision",
    ),
    "transposed Jacobian": (
        {"jacobian": lambda x: CITIES.jacobian(x).T},  # type: ignore[misc]
        "gives derivatives of the right shapes, in double precision",
    ),
    "list": (
        {"value_and_gradient": lambda x: (CITIES.value(x), CITIES.value_and_gradient(x)[1].tolist())},
        "gives derivatives of the right shapes, in double precision",
    ),
    "no pair": (
        {"value_and_gradient": lambda x: CITIES.value_and_gradient(x)[1]},
        "gives derivatives of the right shapes, in double precision",
    ),
    "type": (
        {"value_and_gradient": lambda x: (CITIES.value(x), CITIES.value_and_gradient(x)[1].astype(np.float32))},
        "gives derivatives of the right shapes, in double precision",
    ),
    "value": ({"value": lambda _: np.nan}, "has a positive dimension, and values that are finite numbers"),
    "dimension": ({"dimension": 0}, "has a positive dimension, and values that are finite numbers"),
    "chance": (
        {"value": lambda x: CITIES.value(x) + np.random.default_rng().uniform()},
        "gives the same bits for the same x",
    ),
    "best known": ({"best_known": 1e9}, "has a best known value that no tested point is below"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_problem_breaks_its_promise(fault: str) -> None:
    changes, promise = WRONG[fault]
    wrong: Problem = replace(CITIES, **changes)
    with pytest.raises(AssertionError, match=promise):
        testing.check_problem(wrong)


def test_a_directional_derivative_of_its_own_keeps_every_promise() -> None:
    testing.check_problem(replace(CITIES, directional_derivative=lambda x, v: CITIES.slope(x, v)))


def test_a_directional_derivative_that_changes_x_breaks_its_promise() -> None:
    def directional_derivative(x: Array, v: Array) -> tuple[float, float]:
        found = CITIES.slope(x, v)
        x += 1
        return found

    with pytest.raises(AssertionError, match="directional_derivative changed the x that it was given"):
        testing.check_problem(replace(CITIES, directional_derivative=directional_derivative))


def test_a_problem_that_changes_x_breaks_its_promise() -> None:
    def value(x: Any) -> float:
        x -= x.mean()
        return CITIES.value(x)

    with pytest.raises(AssertionError, match="value changed the x that it was given"):
        testing.check_problem(replace(CITIES, value=value))


def test_a_problem_that_exits_or_fails_in_this_process_breaks_its_promises_in_one_line_each() -> None:
    def exits(x: Any) -> float:
        raise SystemExit("two\nlines")

    with pytest.raises(AssertionError) as caught:
        testing.check_problem(replace(CITIES, value=exits))
    assert "has a positive dimension, and values that are finite numbers: it failed: SystemExit: two lines" in str(
        caught.value
    )


def test_a_solver_that_evaluates_nothing_breaks_a_promise_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdsbench.testing.solvers.run", lambda *_, **__: SimpleNamespace(improvements=[]))
    (promise,) = (words for words in testing.CHECKS if "reaches its target" in words)
    assert testing.CHECKS.fault(promise, "any") == "it evaluated nothing in a budget of 2,000 calls"


def gives_up(oracle: Any, x: Any, rng: Any) -> Any:
    """Evaluates once and ends without success."""
    oracle.value(x)
    raise GaveUp("no luck")


def test_a_solver_that_gives_up_too_early_is_quoted(enter: Callable[..., str]) -> None:
    faults = {words: testing.CHECKS.fault(words, enter(gives_up, "value")) for words in testing.CHECKS}
    broken = {words for words, fault in faults.items() if fault}
    assert broken == {words for words in testing.CHECKS if "2,000 calls a variable" in words}
    assert all("(gave-up: no luck)" in faults[words] for words in broken)


def test_a_gradient_is_right_where_variables_differ_ten_million_times_in_size() -> None:
    def value(x: Array) -> float:
        return float(x[0] * np.exp(-x[1] / 1e-4))

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        decay = np.exp(-x[1] / 1e-4)
        return float(x[0] * decay), np.array([decay, -1e4 * x[0] * decay])

    start = np.array([[1_000.0, 1e-4]])
    decaying = Problem(
        name="decay", dimension=2, value=value, value_and_gradient=value_and_gradient, x0=start, best_known=0.0,
        provenance="by hand", bounds=(np.zeros(2), np.array([np.inf, np.inf])),
    )  # fmt: skip
    gradient_is_right(decaying)
