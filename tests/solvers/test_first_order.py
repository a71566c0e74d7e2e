"""The hand-written solvers: identities between them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import STARTS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run


@pytest.fixture(autouse=True)
def centred():  # type: ignore[no-untyped-def]
    """A start whose centre is the origin."""

    @STARTS.register("centred", reference="this test")
    def start(problem):  # type: ignore[no-untyped-def]
        X = np.random.default_rng(1).uniform(size=(problem.dimension // 2, 2))
        return (X - X.mean(axis=0)).ravel()

    yield
    STARTS.pop("centred")


def run(solver: str, iterations: int = 50, problem: str = "cities-15") -> Run:
    return execute(Cell(problem, solver, "centred", Limits(iterations=iterations)))


def path(solver: str) -> Array:
    return np.array([x for _, x in run(solver).path])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("momentum(beta=0)", "gd"),
        ("nesterov(beta=0)", "gd"),
        ("momentum(beta=0, step=armijo)", "gd(step=armijo)"),
        ("smacof", "gd(step=1/L)"),
        ("gd(step=1/60)", "gd(step=1/L)"),
        ("smacof(relaxed=true, plain_every=0)", "gd(step=1/L(times=2))"),
        ("smacof(relaxed=true, plain_every=1)", "smacof"),
        ("gd[mini-batch(pairs=105)]", "gd"),
        ("adam(beta1=0, beta2=0, eps=0)", "rmsprop(rho=0, eps=0, step=0.001)"),
        ("gd(step=power(p=0))", "gd"),
        ("gd(step=power(s0=1))", "gd(step=1/k)"),
    ],
)
def test_two_names_for_one_path(one: str, other: str) -> None:
    one = one.replace("1/60", repr(1 / 60))
    assert_allclose(path(one), path(other), rtol=1e-9, atol=1e-12)


def test_smacof_never_goes_up_relaxed_or_not() -> None:
    for solver in ("smacof", "smacof(relaxed=true)", "smacof(relaxed=true, plain_every=0)"):
        losses = [moment.loss for moment, _ in run(solver).path]
        assert np.all(np.diff(losses) <= 1e-12)


def test_relaxed_smacof_is_about_twice_as_fast() -> None:
    def iterations_to(solver: str) -> int:
        finished = run(solver, 300)
        first = finished.first_reaching(finished.best_known * (1 + 1e-9))
        assert first is not None
        return first.iterations

    assert iterations_to("smacof") / iterations_to("smacof(relaxed=true)") == pytest.approx(2, rel=0.3)


def test_the_bare_relaxed_formula_ends_in_a_swing_between_two_scales_and_one_plain_move_mends_it() -> None:
    swinging = run("smacof(relaxed=true, plain_every=0)", 500)
    (_, before), (_, last), (_, again) = swinging.path[-4:-1]
    assert swinging.gap > 1e-3
    assert_allclose(again, before, atol=1e-9)
    scale = np.linalg.norm(last) / np.linalg.norm(again)
    assert_allclose(last, scale * again, atol=1e-6)
    mended = run("smacof(relaxed=true, plain_every=500)", 502)
    assert mended.gap < 1e-8


def test_heavy_ball_keeps_a_part_of_its_last_move() -> None:
    x, gradients = path("momentum(beta=0.5, step=0.01)"), path("gd(step=0.01)")
    assert_allclose(x[1], gradients[1], rtol=1e-12)
    assert not np.allclose(x[2], gradients[2])


def test_adagrad_moves_every_coordinate_by_the_step_at_first_and_adam_too() -> None:
    for solver in ("adagrad(step=0.1)", "adam(step=0.1)"):
        x = path(solver)
        assert_allclose(np.abs(x[1] - x[0]), 0.1, rtol=1e-6)


def test_nesterovs_schedule_begins_without_momentum() -> None:
    assert_allclose(path("nesterov")[:2], path("gd")[:2])


def test_nesterov_takes_a_number_or_the_schedule() -> None:
    with pytest.raises(UsageError, match="beta is a number, or t_k"):
        run("nesterov(beta=fast)")


def test_smacof_takes_stress_only() -> None:
    with pytest.raises(UsageError, match="sphere-2 has no Guttman transform"):
        run("smacof", problem="sphere-2")


def test_smacof_asks_for_one_pass_an_iteration() -> None:
    finished = run("smacof")
    assert (finished.spent.evaluations, finished.spent.gradients) == (0, 50)
