"""Variants: what the solver is told is disturbed, what is recorded is not; other losses have their own derivatives."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import squareform

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import GradientOracle, HessianOracle, Oracle, ResidualOracle
from mdsbench.problems import problem, variants
from mdsbench.problems.problem import Array
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

X = np.random.default_rng(0).uniform(size=12)
BEST_KNOWN = Path(__file__).parents[2] / "src" / "mdsbench" / "data" / "best_known_variants.json"


def central_difference(f: Any, x: Array, h: float = 1e-6) -> Array:
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(x.size)]).T


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("cities-6", "cities-6"),
        ("cities(n=6)", "cities-6"),
        ("cities-6(loss=squares, missing=0, noise=0)", "cities-6"),
        ("cities-34(quantum=1e-4, noise=1)", "cities-34(noise=1.0, quantum=0.0001)"),
        ("cities-15( loss = absolute )", "cities-15(loss=absolute)"),
        ("cities(noise=1e-3, n=34, missing=0.30)", "cities-34(missing=0.3, noise=0.001)"),
    ],
)
def test_a_variant_has_one_name_that_finds_it_again(text: str, canonical: str) -> None:
    assert problem.find(text).name == canonical
    assert problem.find(canonical).name == canonical
    cells = [Cell(name, "gd", "published", Limits()) for name in (text, canonical)]
    assert cells[0].key == cells[1].key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cities-6(loss=absolute, missing=0.3)", "is no stress with all distances in memory: leave out missing="),
        ("cities-6(loss=cubes)", "loss=cubes: there is no such choice; there are: absolute, squares"),
        ("cities-6(noise=-1)", "noise=-1: it is 0 or a positive number"),
        ("cities-6(quantum=inf)", "quantum=inf"),
        ("cities-6(noise=much)", "cities: noise takes a number, not much"),
        ("cities(n=many)", "cities: n takes a whole number, not many"),
    ],
)
def test_a_variant_that_does_not_exist_is_explained(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        problem.find(text)


def test_the_best_value_of_a_variant_is_that_of_the_data_file_or_unknown() -> None:
    known = json.loads(BEST_KNOWN.read_text())["losses"]
    for name in ("cities-6(loss=absolute)", "cities-34(missing=0.3)"):
        assert problem.find(name).best_known == known[name]["loss"]
    for name in ("cities-7(loss=absolute)", "cities-6(missing=0.25)"):
        assert np.isnan(problem.find(name).best_known)


def test_noise_disturbs_what_is_told_and_nothing_that_is_recorded() -> None:
    plain, noisy = problem.find("cities-6"), problem.find("cities-6(noise=0.1)")
    door = GradientOracle(noisy, X, Limits(), np.random.default_rng(1))
    told = np.array([door.value(X) for _ in range(400)])
    assert len(set(told)) == 400
    assert told.mean() == pytest.approx(plain.value(X), abs=0.02)
    assert told.std() == pytest.approx(0.1, rel=0.2)
    off = np.array([door.gradient(X) for _ in range(100)]) - plain.value_and_gradient(X)[1]
    assert off.std() == pytest.approx(0.1, rel=0.1)
    assert abs(door.value_here() - plain.value(X)) > 0
    assert [moment.loss for moment in door.improvements] == [plain.value(X)]
    assert door.best_loss == plain.value(X)


def test_the_target_under_noise_is_that_of_the_noiseless_function() -> None:
    run = execute(Cell("cities-6(noise=0.01)", "gd", "published", Limits(calls=500, target=1e-3)))
    plain = problem.find("cities-6")
    assert run.ending == "target"
    assert plain.value(run.final_x) == run.final_loss <= 1e-3
    assert run.gap > 0


def test_noise_comes_from_the_seed_and_not_from_what_the_solver_draws() -> None:
    def told(seed: int) -> list[float]:
        run = execute(Cell("cities-6(noise=0.01)", "nelder-mead", "published", Limits(calls=100), seed=seed))
        return [moment.loss for moment in run.improvements]

    state = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    assert told(0) == told(0) != told(1)
    assert np.array_equal(np.random.get_state()[1], state)  # type: ignore[index]  # noqa: NPY002


def test_quantised_numbers_are_multiples_and_nearest() -> None:
    plain, rounded = problem.find("cities-6"), problem.find("cities-6(quantum=0.01)")
    door = HessianOracle(rounded, X, Limits())
    for told, truth in [
        (door.value(X), plain.value(X)),
        (door.gradient(X), plain.value_and_gradient(X)[1]),
        (door.hessian_vector(X, X), plain.hessian_vector(X, X)),  # type: ignore[misc]
    ]:
        assert np.abs(np.asarray(told) - truth).max() <= 0.005 + 1e-12
        assert_allclose(np.asarray(told) / 0.01, np.round(np.asarray(told) / 0.01), atol=1e-9)
    assert isinstance(door.value(X), float)


def test_a_residual_is_disturbed_like_every_other_number() -> None:
    door = ResidualOracle(problem.find("cities-6(quantum=0.01)"), X, Limits())
    assert_allclose(door.residuals(X) / 0.01, np.round(door.residuals(X) / 0.01), atol=1e-9)


def test_absolute_deviations_are_summed_twice_and_their_gradient_is_the_difference() -> None:
    absolute, plain = problem.find("cities-6(loss=absolute)"), problem.find("cities-6")
    assert plain.residuals is not None
    value, gradient = absolute.value_and_gradient(X)
    assert value == absolute.value(X) == pytest.approx(np.sqrt(2) * np.abs(plain.residuals(X)).sum())
    assert_allclose(gradient, central_difference(absolute.value, X), rtol=1e-6)
    assert (absolute.smoothness, absolute.hessian_vector, absolute.residuals) == (None, None, None)


def test_at_the_kinks_of_absolute_deviations_a_pair_contributes_nothing() -> None:
    x = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0])  # the first and the third coincide, the first two fit
    value, gradient = variants.absolute_value_and_gradient(x, np.array([1.0, 2.0, 1.5]))
    assert value == 2 * (2.0 + 0.5)
    assert_allclose(gradient, [0, 0, -2, 0, 2, 0])  # downhill, the second and the third part


def test_missing_distances_have_no_say() -> None:
    n = 15
    w = variants.known_pairs(n, 0.3)
    assert (w == 0).sum() == round(0.3 * w.size)
    assert np.array_equal(w, variants.known_pairs(n, 0.3))
    missing = problem.find(f"cities-{n}(missing=0.3)")
    plain = problem.find(f"cities-{n}")
    x = np.random.default_rng(1).uniform(size=2 * n)
    assert plain.residuals is not None
    assert missing.targets is not None
    assert missing.value(x) == pytest.approx(float(w @ plain.residuals(x) ** 2))
    assert np.array_equal(np.isnan(missing.targets.condensed()), w == 0)
    value, gradient = missing.value_and_gradient(x)
    assert value == pytest.approx(missing.value(x))
    assert_allclose(gradient, central_difference(missing.value, x), rtol=1e-6, atol=1e-8)


def test_the_curvature_of_missing_distances_bounds_the_hessian_of_its_majoriser() -> None:
    assert variants.largest_curvature(np.ones(15)) == pytest.approx(4 * 6)
    run = execute(Cell("cities-15(missing=0.3)", "gd", "published", Limits(iterations=300)))
    losses = [moment.loss for moment, _ in run.path]
    assert np.all(np.diff(losses) <= 0)
    w = variants.known_pairs(15, 0.3)
    x = np.random.default_rng(0).normal(size=15)
    assert x @ (np.diag(squareform(w).sum(axis=1)) - squareform(w)) @ x <= variants.largest_curvature(w) / 4 * x @ x


@pytest.mark.slow
@pytest.mark.parametrize("name", json.loads(BEST_KNOWN.read_text())["losses"])
def test_best_losses_of_variants_are_not_beaten_and_missing_ones_are_found_again(name: str) -> None:
    known = problem.find(name).best_known
    solver = "multistart" if "missing" in name else "multistart(solver=nelder-mead)"
    run = execute(Cell(name, solver, "torgerson", Limits(calls=1500)))
    assert run.final_loss >= known * (1 - 1e-9)
    if "missing" in name:
        assert run.final_loss == pytest.approx(known, rel=0.2)


def test_a_disturbed_problem_costs_what_the_plain_one_costs() -> None:
    door = Oracle(problem.find("cities-6(noise=1e-3, missing=0.3)"), X, Limits(calls=2))
    door.value(X)
    assert (door.evaluations, door.terms) == (1, 15)


def test_the_largest_curvature_of_many_points_is_the_largest_of_all_eigenvalues() -> None:
    w = variants.known_pairs(320, 0.3)
    W = squareform(w)
    everything = np.linalg.eigvalsh(np.diag(W.sum(axis=1)) - W)
    assert variants.largest_curvature(w) == pytest.approx(4 * everything[-1], rel=1e-9)
