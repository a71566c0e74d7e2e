"""The variants of every problem: which there are, what they compute, and that each keeps a problem's promises."""

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mdsbench import testing
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import GradientOracle, Oracle
from mdsbench.problems.obstacles import Failures, Steps, start_that_works, uniform_hash
from mdsbench.problems.problem import Problem, find
from mdsbench.problems.varied import hidden_failures, jumps, plateaus
from mdsbench.registry.registry import PROBLEMS, VARIANTS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

AMOUNTS = {
    "loss": "absolute",
    "missing": 0.3,
    "plateau": 0.05,
    "jump": 0.5,
    "hidden": 0.2,
    "noise": 0.01,
    "quantum": 0.01,
}
FAMILIES = [name for name in PROBLEMS if "file" not in PROBLEMS.find(name).options and name != "cutest"]
SLOW = ("logistic-regression", "perceptron")  # their starts are on 1,437 images
MAPS = ("cities", "places", "cloud")
NO_SQUARES = ("bbob", "logistic-regression", "perceptron")
UNKNOWN_BEST = ("bdqrtic",)  # with 6 variables


def has_none(family: str, option: str) -> bool:
    """Whether a family has no such variant."""
    return family in {"loss": NO_SQUARES, "jump": UNKNOWN_BEST}.get(option, ()) or (
        option == "missing" and family not in MAPS
    )


def named(family: str, option: str) -> str:
    size = "-6" if "n" in PROBLEMS.find(family).options else ""
    return f"{family}{size}({option}={AMOUNTS[option]})"


def made(name: str) -> Problem | str:
    """The problem of that name, or why there is none."""
    try:
        return find(name)
    except UsageError as error:
        return str(error)


def test_every_variant_is_known_here() -> None:
    assert set(AMOUNTS) == set(VARIANTS)


def test_hidden_failures_call_a_function_once_for_their_height_and_where_a_start_may_fail() -> None:
    asked: list[np.ndarray] = []
    sphere = find("sphere-3")

    def value(x: np.ndarray) -> float:
        asked.append(x)
        return sphere.value(x)

    task = hidden_failures(replace(sphere, value=value, ours=False), hidden=0.3)
    inside, outside = (
        next(x for x in np.random.default_rng(0).uniform(size=(99, 3)) + 5 if failures.is_in_failing_square(x) == fails)
        for failures, fails in ((Failures(sphere, 0.3), True), (Failures(sphere, 0.3), False))
    )
    assert task.fails
    assert task.fails(inside)
    assert len(asked) == 2  # there, and at the published start
    task.fails(inside)
    task.fails(outside)
    assert len(asked) == 3


@pytest.mark.parametrize("option", AMOUNTS)
def test_a_variant_has_no_directional_derivative_of_the_function_without_it(option: str) -> None:
    """A user's function that offers one: its variant answers with the variant's own gradient times v."""
    plain = find("rosenbrock-6")
    offers = replace(plain, ours=False, directional_derivative=lambda x, v: plain.slope(x, v))
    if option == "missing":
        with pytest.raises(UsageError, match="is no stress"):
            VARIANTS[option].bind({option: AMOUNTS[option]})(offers)
        return
    varied = VARIANTS[option].bind({option: AMOUNTS[option]})(offers)
    x, v = np.random.default_rng(0).normal(size=(2, 6))
    value, gradient = varied.value_and_gradient(x)
    assert_allclose(varied.slope(x, v), (value, gradient @ v))


@pytest.mark.parametrize("option", AMOUNTS)
@pytest.mark.parametrize("family", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in FAMILIES])
def test_each_variant_of_each_problem_keeps_every_promise_or_says_why_there_is_none(family: str, option: str) -> None:
    varied = made(named(family, option))
    assert isinstance(varied, str) == has_none(family, option)
    if isinstance(varied, Problem):
        # Some of the starts that problems bring are at a kink of the absolute loss.
        testing.check_problem(replace(varied, x0=None) if option == "loss" else varied)
    else:
        assert re.search("leave (it )?out", varied)


@pytest.mark.parametrize("option", AMOUNTS)
def test_no_variant_is_the_default(option: str) -> None:
    default = VARIANTS.find(option).options[option]
    plain, same = (Cell(name, "gd", "zeros", Limits()) for name in ("sphere-3", f"sphere-3({option}={default})"))
    assert plain.key == same.key
    assert find(f"sphere-3({option}={default})").name == "sphere-3"


def test_a_variant_has_one_name_however_it_is_written() -> None:
    texts = ("sphere-3(jump=1, hidden=2e-1)", "sphere(hidden=0.20, n=3, jump=1.0)")
    assert {Cell(text, "gd", "zeros", Limits()).problem for text in texts} == {"sphere-3(hidden=0.2, jump=1.0)"}
    assert {find(text).name for text in texts} == {"sphere-3(hidden=0.2, jump=1.0)"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sphere-3(hiden=0.2)", "sphere has no option 'hiden'; did you mean 'hidden'"),
        ("sphere-3(hidden=1)", "hidden=1: it is a share of the space, from 0 to below 1"),
        ("sphere-3(jump=-1)", "jump=-1: it is 0 or a positive number"),
        ("sphere-3(plateau=inf)", "plateau=inf: it is 0 or a positive number"),
        ("sphere-3(plateau=wide)", "sphere: plateau takes a number, not wide"),
        ("cloud-6(missing=1)", "missing=1: it is a share of the pairs, from 0 to below 1"),
        ("cloud-6(loss=cubes)", "loss=cubes: there is no such choice"),
        ("cloud-6(loss=absolute, missing=0.3)", "is no stress with all distances in memory: leave out missing="),
        ("sphere-3(missing=0.3)", "sphere-3 is no stress"),
        ("places-7(jump=1)", "no best value of places-7 is known"),
    ],
)
def test_a_variant_that_makes_no_sense_is_refused_in_words(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        find(name)


def test_plateaus_are_the_value_at_the_nearest_point_of_the_lattice() -> None:
    flat = find("sphere-2(plateau=0.5)")
    assert flat.value(np.array([0.6, -0.2])) == (1 / 6) ** 2 + (1 / 3) ** 2  # at (0.5, 0)
    assert flat.value(np.array([0.74, 0.24])) == flat.value(np.array([0.26, -0.24]))
    assert flat.value(np.array([0.76, 0.0])) == pytest.approx((2 / 3) ** 2 + (1 / 3) ** 2)
    assert np.array_equal(flat.value_and_gradient(np.array([0.6, -0.2]))[1], [0, 0])
    assert flat.best_known == 0
    assert "a lower bound" in flat.provenance


def test_a_jump_multiplies_the_height_above_the_minimum_on_the_far_side() -> None:
    plain = replace(find("sphere-2"), value=lambda x: 5.0 + float(x @ x), best_known=5.0)
    steps = Steps(plain, 0.5)
    steps.normals[:] = [1.0, 0.0]
    steps.offsets[:] = [0.0] * 2 + [1.0] * 8  # two half-spaces x > 0 and eight x > 1
    assert steps.value(np.array([-2.0, 0.0])) == 5 + 4
    assert steps.value(np.array([0.0, 2.0])) == 5 + 4  # the border belongs to the near side
    assert steps.value(np.array([0.5, 0.0])) == 5 + 2 * 0.25
    assert steps.value(np.array([2.0, 0.0])) == 5 + 6 * 4
    assert steps.value(np.zeros(2)) == 5


def test_the_half_spaces_are_always_the_same_and_cross_the_unit_cube() -> None:
    steps = [Steps(find("sphere-8"), 1.0) for _ in range(2)]
    assert np.array_equal(steps[0].normals, steps[1].normals)
    assert_allclose(np.linalg.norm(steps[0].normals, axis=1), 1)
    X = np.random.default_rng(0).uniform(size=(2000, 8))
    shares = (steps[0].offsets < X @ steps[0].normals.T).mean(axis=0)
    assert np.all((shares > 0) & (shares < 1))


def test_the_gradient_and_curvature_with_jumps_are_those_between_the_borders() -> None:
    jumping, plain = find("rosenbrock-3(jump=2)"), find("rosenbrock-3")
    x, v = np.array([0.3, 0.9, 0.2]), np.array([1.0, -1.0, 0.5])
    factor = jumping.value(x) / plain.value(x)
    assert factor in {1.0 + 2 * k for k in range(11)}
    assert_allclose(jumping.value_and_gradient(x)[1], factor * plain.value_and_gradient(x)[1])
    assert jumping.hessian_vector
    assert plain.hessian_vector
    assert_allclose(jumping.hessian_vector(x, v), factor * plain.hessian_vector(x, v))
    assert find("sphere-3(jump=2)").smoothness == 2 * 21


def test_kinks_are_the_sum_of_absolute_residuals() -> None:
    kinked = find("rosenbrock-2(loss=absolute)")
    value, gradient = kinked.value_and_gradient(np.array([0.5, 0.0]))
    assert value == kinked.value(np.array([0.5, 0.0])) == 10 * 0.25 + 0.5
    assert_allclose(gradient, [20 * 0.5 - 1, -10])  # d/dx of 10 (x^2 - y) + (1 - x)
    assert np.array_equal(kinked.value_and_gradient(np.ones(2))[1], [0, 0])
    assert kinked.best_known == 0


def test_the_share_that_fails_is_the_declared_one() -> None:
    failures = Failures(find("sphere-5"), 0.3)
    X = np.random.default_rng(0).uniform(-50, 50, size=(4000, 5))
    failed = np.mean([failures.fails(x) for x in X])
    assert failed == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / 4000) ** 0.5)
    assert np.mean([uniform_hash(i, j) for i in range(-50, 50) for j in range(-50, 50)]) == pytest.approx(0.5, abs=0.01)
    assert len({uniform_hash(i, j) for i in range(-50, 50) for j in range(-50, 50)}) == 10_000


def test_failures_are_squares_of_the_declared_side_in_a_plane() -> None:
    failures = Failures(find("sphere-5"), 0.5)
    assert_allclose(failures.plane @ failures.plane.T, np.eye(2), atol=1e-14)
    corner = np.array([3, -2]) * 0.1 + 7.0
    within = 0.1 * np.array([[0.05, 0.9], [0.9, 0.05]])
    states = {failures.is_in_failing_square((corner + f) @ failures.plane) for f in within}
    assert len(states) == 1
    orthogonal = np.linalg.svd(failures.plane)[2][2]
    x = (corner + 0.05) @ failures.plane
    assert failures.is_in_failing_square(x) == failures.is_in_failing_square(x + 9.3 * orthogonal)


def test_a_failing_point_has_no_value_and_the_others_have_the_plain_one() -> None:
    varied, plain = find("rosenbrock-4(hidden=0.4)"), find("rosenbrock-4")
    X = np.random.default_rng(1).uniform(-3, 3, size=(60, 4))
    failing = np.array([varied.fails is not None and varied.fails(x) for x in X])
    assert 0 < failing.sum() < 60
    for x, fails in zip(X, failing, strict=True):
        value, gradient = varied.value_and_gradient(x)
        if fails:
            assert np.isnan([varied.value(x), value, *gradient]).all()
        else:
            assert varied.value(x) == value == plain.value(x)
            assert np.array_equal(gradient, plain.value_and_gradient(x)[1])


def test_nothing_fails_near_the_minimum() -> None:
    for n in range(1, 9):
        failures = Failures(find(f"sphere-{n}"), 0.99)
        assert not failures.fails(np.full(n, 1 / 3))
        assert failures.value(np.full(n, 1 / 3)) == 0
    unknown = Failures(replace(find("sphere-3"), best_known=np.nan), 0.999)
    assert unknown.fails(np.full(3, 1 / 3)) == unknown.is_in_failing_square(np.full(3, 1 / 3))


def test_a_failure_is_a_charged_call_that_compares_as_inf_and_ends_nothing() -> None:
    task = replace(find("sphere-1"), value=lambda x: np.nan if x[0] > 1 else float(x @ x), fails=lambda x: x[0] > 1)
    oracle = Oracle(task, np.zeros(1), Limits(calls=3))
    assert [oracle.value(np.array([x])) for x in (2.0, 0.5)] == [np.inf, 0.25]
    assert (oracle.evaluations, oracle.stopped, oracle.best_loss) == (2, None, 0.25)


def test_a_gradient_that_is_asked_at_a_failure_ends_the_run() -> None:
    task = find("cities-6(hidden=0.5)")
    assert task.fails
    X = np.random.default_rng(0).uniform(size=(20, 12))
    x = next(x for x in X if task.fails(x))
    oracle = GradientOracle(task, x, Limits())
    with pytest.raises(BaseException, match="the value is nan where the gradient is asked"):
        oracle.gradient(x)
    assert oracle.gradients == 1


@pytest.mark.parametrize("seed", range(6))
def test_a_start_that_fails_is_moved_to_the_same_place_for_every_solver(seed: int) -> None:
    name, start = "sphere-6(hidden=0.5)", f"uniform(seed={seed})"
    runs = [execute(Cell(name, solver, start, Limits(calls=40))) for solver in ("nelder-mead", "powell")]
    first = [run.path[0] for run in runs]
    assert np.array_equal(first[0][1], first[1][1])
    assert np.isfinite(first[0][0].loss)


def test_a_start_that_works_stays() -> None:
    x = np.array([0.5, 0.5])
    assert start_that_works(x, None) is x
    assert start_that_works(x, lambda _: False) is x
    moved = start_that_works(x, lambda at: bool(at[0] < 0.55))
    assert moved[0] >= 0.55
    assert np.linalg.norm(moved - x) < 1
    assert start_that_works(x, lambda _: True) is x


def test_searches_go_around_failures() -> None:
    run = execute(Cell("sphere-4(hidden=0.3)", "powell", "uniform(seed=1)", Limits(calls=800)))
    assert run.gap < 1e-6


def test_variants_of_a_users_problem_are_behind_the_edge() -> None:
    theirs = Problem(
        name="a name with spaces",
        dimension=2,
        value=lambda x: np.array([x @ x]),  # type: ignore[arg-type, return-value]
        value_and_gradient=lambda x: (x @ x, [2 * x[0], 2 * x[1]]),  # type: ignore[arg-type, return-value]
        best_known=0.0,
        provenance="given",
    )
    for varied in (plateaus(theirs, plateau=0.1), jumps(theirs, jump=1.0), hidden_failures(theirs, hidden=0.1)):
        _, gradient = varied.value_and_gradient(np.array([0.5, 0.25]))
        assert isinstance(varied.value(np.array([0.5, 0.25])), float)
        assert isinstance(gradient, np.ndarray)
        assert varied.name == "a name with spaces"
        assert not varied.ours


def test_noise_and_rounding_compose_on_every_problem() -> None:
    task = find("sphere-2(noise=0.5, quantum=0.25)")
    assert task.noise == pytest.approx((0.25 + 0.25**2 / 12) ** 0.5)
    oracle = GradientOracle(task, np.zeros(2), Limits(), np.random.default_rng(1))
    told = np.array([oracle.value(np.zeros(2)) for _ in range(400)])
    assert np.array_equal(told / 0.25, np.round(told / 0.25))
    assert told.mean() == pytest.approx(2 / 9, abs=0.1)
    assert told.std() == pytest.approx(task.noise, rel=0.2)
    assert oracle.best_loss == 2 / 9
