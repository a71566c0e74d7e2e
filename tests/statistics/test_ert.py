"""The success rate and the ERT of one solver: by hand."""

from math import exp, inf, sqrt

import numpy as np
import pytest

from mdsbench.statistics.ert import ert_interval, wilson

STUDENT_3 = 3.182446305284263  # the 97.5 % point of Student's t with 3 degrees of freedom
NORMAL = 1.959963984540054


def test_ert_by_hand() -> None:
    """Costs 10, 20, 30, 60, three arrivals: ERT 120/3 = 40, e = -30, -20, -10, 60, sum of squares 5,000."""
    ert, low, high = ert_interval(np.array([10.0, 20.0, 30.0, 60.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    error = sqrt(5_000 / (4 * 3)) / 30
    assert ert == 40
    assert low == pytest.approx(40 * exp(-STUDENT_3 * error))
    assert high == pytest.approx(40 * exp(STUDENT_3 * error))


def test_wilson_by_hand() -> None:
    share, runs, square = 0.75, 4, NORMAL**2
    centre = (share + square / (2 * runs)) / (1 + square / runs)
    half = NORMAL * sqrt(share * (1 - share) / runs + square / (4 * runs**2)) / (1 + square / runs)
    assert wilson(3, 4) == pytest.approx((centre - half, centre + half))
    assert wilson(0, 0) == (0, 1)


def test_without_an_arrival_there_is_a_lower_bound_only() -> None:
    """With 5 runs and none arrived, a success rate above 1 - 0.05^(1/5) = 0.451 is refused at 95 %."""
    expected = (inf, 100 / (1 - 0.05 ** (1 / 5)), inf)
    assert ert_interval(np.full(5, 100.0), np.zeros(5)) == pytest.approx(expected)


def test_one_run_bounds_nothing() -> None:
    assert ert_interval(np.array([7.0]), np.array([1.0])) == (7, 0, inf)
