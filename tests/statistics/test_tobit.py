"""Censored regression: exact where nothing is censored, and as SciPy's own optimiser finds it where something is."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from mdsbench.statistics.tobit import fit, slope_interval


def test_without_censored_numbers_it_is_least_squares() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 3, 12)
    y = 1 + 2 * x + rng.standard_normal(12)
    line = fit(x, y, np.full(12, True))
    known = stats.linregress(x, y)
    assert (line.intercept, line.slope) == pytest.approx((known.intercept, known.slope))
    wide = stats.t.ppf(0.975, 10) * known.stderr
    assert slope_interval(x, y, np.full(12, True), line) == pytest.approx((known.slope - wide, known.slope + wide))


@pytest.mark.parametrize("seed", range(2))
def test_the_likelihood_is_greatest_there(seed: int) -> None:
    """Another optimiser in other parameters."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 3, 20)
    y = 1 + 2 * x + rng.standard_normal(20)
    exact, y = y <= 4, np.minimum(y, 4)

    def loss(p: np.ndarray) -> float:
        r = (y - p[0] - p[1] * x) / np.exp(p[2])
        return -float(np.where(exact, -(r**2) / 2 - p[2], special.log_ndtr(-r)).sum())

    known = optimize.minimize(loss, [0.0, 1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    line = fit(x, y, exact)
    found = (line.intercept, line.slope, np.log(line.spread))
    assert found == pytest.approx(tuple(known.x), abs=1e-5)


def test_many_samples_at_once_are_as_each_alone() -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 3, (4, 15))
    y = 1 + 2 * x + rng.standard_normal(x.shape)
    exact, y = y <= 5, np.minimum(y, 5)
    together = fit(x, y, exact)
    for k in range(4):
        alone = fit(x[k], y[k], exact[k])
        assert float(alone.slope) == pytest.approx(float(together.slope[k]), rel=1e-7)
