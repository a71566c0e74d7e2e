"""The noise of Moré and Wild."""

import numpy as np
import pytest

from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import Oracle
from mdsbench.problems import starts
from mdsbench.problems.disturbances import relative_noise
from mdsbench.problems.problem import find
from mdsbench.problems.residuals import deterministic_noise


def test_deterministic_noise_is_the_formula_of_the_paper() -> None:
    x = np.array([0.3, -0.7])
    p = 0.9 * np.sin(100.0) * np.cos(70.0) + 0.1 * np.cos(np.sqrt(0.58))
    assert deterministic_noise(x)[0] == pytest.approx(4 * p**3 - 3 * p, rel=1e-13)
    assert deterministic_noise(np.zeros(3))[0] == pytest.approx(4 * 0.1**3 - 0.3)
    assert np.abs([deterministic_noise(x)[0] for x in np.random.default_rng(0).normal(size=(999, 4))]).max() <= 1


def test_the_gradient_of_the_noise_is_that_of_differences() -> None:
    for x in np.random.default_rng(1).normal(size=(20, 3)):
        gradient, h = deterministic_noise(x)[1], 1e-7
        differences = [
            (deterministic_noise(x + h * e)[0] - deterministic_noise(x - h * e)[0]) / (2 * h) for e in np.eye(3)
        ]
        np.testing.assert_allclose(gradient, differences, atol=2e-4)


@pytest.mark.parametrize("eps", [1e-3, 0.1])
def test_a_noisy_value_is_off_by_its_share_at_most(eps: float) -> None:
    smooth, noisy = find("chebyquad-6"), find(f"chebyquad(n=6, form=noisy, eps={eps})")
    off = [noisy.value(x) / smooth.value(x) - 1 for x in np.random.default_rng(2).uniform(size=(400, 6))]
    assert 0.9 * eps < np.abs(off).max() <= eps * (1 + 1e-9)


def test_stochastic_noise_disturbs_what_a_solver_receives_and_nothing_else() -> None:
    """The noise is that of a value, and its size, which changes with the value, is not declared."""
    problem = find("more-wild(n=7, form=stochastic, eps=0.01)")
    assert problem.noise == 0
    x, smooth = starts.x0(problem), find("more-wild-7")
    oracle = Oracle(problem, x, Limits(), np.random.default_rng(3))
    received = np.array([oracle.value(x) for _ in range(4000)])
    assert problem.value(x) == smooth.value(x) == oracle.best_loss == pytest.approx(24.2)
    off = received / 24.2 - 1
    assert len(set(off)) > 3990
    assert np.abs(off).max() <= 0.01
    assert off.std() == pytest.approx(0.01 / np.sqrt(3), rel=0.03)
    assert abs(off.mean()) < 4 * 0.01 / np.sqrt(3 * 4000)


def test_relative_noise_draws_for_each_number_of_an_array() -> None:
    noise = relative_noise(0.5)
    disturbed = noise(np.ones(1000), np.random.default_rng(4))
    assert isinstance(disturbed, np.ndarray)
    assert len(set(disturbed)) == 1000
    assert type(noise(2.0, np.random.default_rng(4))) is float
