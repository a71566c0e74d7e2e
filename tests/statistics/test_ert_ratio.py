"""Whether two solvers have the same ERT: by hand, and as identities."""

from math import exp, inf, isnan, log, sqrt
from pathlib import Path
from runpy import run_path

import numpy as np
import pandas as pd
import pytest

from mdsbench.statistics.ert_ratio import delta_error, deviation, interval, paired, ratio, sides, t_values, told_apart

STUDENT_3 = 3.182446305284263  # the 97.5 % point of Student's t with 3 degrees of freedom
STUDENT_19 = 2.093024054408263  # with 19
ONES = np.ones(4)


def test_the_delta_method_by_hand_where_all_arrive() -> None:
    """Means 25 and 50; costs over them: 0.4 0.8 1.2 1.6 and 0.4 0.8 1.6 1.2; differences 0 0 0.4 -0.4."""
    pair = sides(np.array([10.0, 20, 30, 40]), ONES, np.array([20.0, 40, 80, 60]), ONES)
    error = sqrt(2 * 0.4**2 / (4 * 3))
    assert deviation(*pair) == pytest.approx((log(2), error))
    assert interval(*pair, 0.95) == pytest.approx((2 * exp(-STUDENT_3 * error), 2 * exp(STUDENT_3 * error)))


def test_shares_of_arrivals_by_hand() -> None:
    """Equal costs, arrivals 1 1 1 0 and 1 0 0 0: the costs say that the ratio is 1, so that both shares are 1/2.

    The second share is 1/4: half of 1/2 too low, and the first half of it too high, so the second ERT is too high by 1.
    The differences, over 1/2, are 0 -2 -2 0, less their mean -1: squares 4.
    """
    arrived, others = np.array([1.0, 1, 1, 0]), np.array([1.0, 0, 0, 0])
    far, error = deviation(*sides(ONES, arrived, ONES, others))
    assert far == pytest.approx(1)
    assert error == pytest.approx(sqrt(4 / (4 * 3)))


def test_the_bounds_are_where_the_test_refuses() -> None:
    rng = np.random.default_rng(1)
    costs, others = np.exp(rng.standard_normal((2, 20)))
    first, second = sides(costs, (np.arange(20) % 2).astype(float), others, (np.arange(20) % 3 > 0).astype(float))
    low, high = interval(first, second, 0.95)
    assert low < second.ert / first.ert < high
    for bound in (low, high):
        assert max(map(abs, t_values(first, second, log(bound)))) == pytest.approx(STUDENT_19)


def test_a_bound_that_the_score_test_does_not_have_is_that_of_the_delta_method() -> None:
    """One arrival of four against three: no ratio is too large for the score test."""
    arrived, others = np.array([1.0, 1, 1, 0]), np.array([1.0, 0, 0, 0])
    first, second = sides(ONES, arrived, ONES, others)
    high = interval(first, second, 0.95)[1]
    assert high == pytest.approx(3 * exp(STUDENT_3 * delta_error(first, second)))


def test_costs_that_differ_many_times_over_are_told_apart_whoever_arrives() -> None:
    """A hundred times the cost, and five arrivals of six against six: a share does not explain that."""
    costs = np.array([40.0, 60, 50, 45, 55, 70])
    p = told_apart(*sides(costs, np.ones(6), 100 * costs[::-1], np.array([1.0, 1, 1, 1, 1, 0])))
    assert p < 0.01


@pytest.mark.parametrize("seed", range(5))
def test_units_and_order_do_not_matter(seed: int) -> None:
    """The interval scales with the costs of the second, and is the inverse if the sides are exchanged."""
    rng = np.random.default_rng(seed)
    costs, others = np.exp(rng.standard_normal((2, 12)))
    arrived, others_arrived = (rng.random((2, 12)) < 0.8).astype(float)
    low, high = interval(*sides(costs, arrived, others, others_arrived), 0.95)
    assert interval(*sides(costs, arrived, 7 * others, others_arrived), 0.95) == pytest.approx((7 * low, 7 * high))
    assert interval(*sides(others, others_arrived, costs, arrived), 0.95) == pytest.approx((1 / high, 1 / low))
    p = told_apart(*sides(costs, arrived, others, others_arrived))
    assert (p < 0.05) == (not low <= 1 <= high)


def test_the_same_runs_have_the_ratio_1_without_doubt() -> None:
    costs, arrived = np.array([10.0, 20, 30, 40]), np.array([1.0, 1, 0, 1])
    assert interval(*sides(costs, arrived, costs, arrived), 0.95) == (1, 1)
    assert told_apart(*sides(costs, arrived, costs, arrived)) == 1


def test_pairs_tell_apart_what_differs_by_a_little_at_every_start() -> None:
    costs = np.exp(np.random.default_rng(0).standard_normal(20))
    assert told_apart(*sides(costs, np.ones(20), 1.1 * costs, np.ones(20))) < 1e-6
    shuffled = np.random.default_rng(1).permutation(costs)
    assert told_apart(*sides(costs, np.ones(20), 1.1 * shuffled, np.ones(20))) > 0.05
    assert told_apart(*sides(costs, np.ones(20), costs, np.ones(20))) == 1


def test_a_solver_that_never_arrives_is_told_apart_by_the_arrivals() -> None:
    """Fisher: 10 of 10 against 0 of 10 has the probability 2 / binomial(20, 10)."""
    p = told_apart(*sides(np.ones(10), np.ones(10), np.ones(10), np.zeros(10)))
    assert p == pytest.approx(2 / 184_756)


def test_a_ratio_and_its_interval_by_hand() -> None:
    """Influences 1/2, -1/2 and 1/3, -1/3 of two runs each; differences 1/6 and -1/6: an error of sqrt(2 / 36 / 2)."""
    two = np.ones(2)
    found, low, high = ratio(*sides(np.array([6.0, 2.0]), two, np.array([40.0, 20.0]), two), 0.95)
    assert found == 7.5
    assert high / found == pytest.approx(exp(12.7062 / 6), rel=1e-4)  # Student's t with one degree of freedom
    assert low * high == pytest.approx(found**2)


def test_one_that_never_arrives_is_bounded_on_one_side_by_hand() -> None:
    """No arrival of three runs of cost 4: a share of at most 1 - 0.05^(1/3), so an ERT of at least 4 / that."""
    ones, none = np.ones(3), np.zeros(3)
    least = 4 / (1 - 0.05 ** (1 / 3))
    assert ratio(*sides(2 * ones, ones, 4 * ones, none), 0.95) == pytest.approx((inf, least / 2, inf))
    assert ratio(*sides(4 * ones, none, 2 * ones, ones), 0.95) == pytest.approx((0, 0, 2 / least))
    assert isnan(ratio(*sides(ones, none, ones, none), 0.95)[0])
    assert ratio(*sides(ones[:1], ones[:1], 2 * ones[:1], ones[:1]), 0.95) == (2.0, 0.0, inf)
    assert ratio(*sides(ones, ones, 0 * ones, ones), 0.95) == (0.0, 0.0, inf)


@pytest.mark.parametrize("arrived", [(1, 1), (1, 0), (0, 1), (0, 0)])
def test_a_cost_of_0_bounds_nothing(arrived: tuple[int, int]) -> None:
    """A side without costs that never arrived has an ERT of at least 0, and one that arrived bounds nothing."""
    ones, zeros = np.ones(3), np.zeros(3)
    for costs, others in ((zeros, ones), (ones, zeros), (zeros, zeros)):
        found, low, high = ratio(*sides(costs, arrived[0] * ones, others, arrived[1] * ones), 0.95)
        assert low == 0
        assert high == inf
        if arrived in ((1, 0), (0, 1)):
            assert found == (inf if arrived[0] else 0)


def test_pairs_are_the_trials_of_both() -> None:
    first = pd.DataFrame({"trial": ["a", "b", "c"], "_cost": [1.0, 2, 3], "_arrived": [1.0, 0, 1]})
    second = pd.DataFrame({"trial": ["c", "a", "d"], "_cost": [30.0, 10, 40], "_arrived": [0.0, 1, 1]})
    pair = paired(first, second)
    assert pair[0].costs.tolist() == [1, 3]
    assert pair[1].costs.tolist() == [10, 30]
    assert pair[1].arrived.tolist() == [1, 0]


@pytest.mark.slow
def test_the_interval_has_1_where_two_solvers_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        costs, others = rng.exponential(size=(2, 6)) * [[1.0], [rng.choice([1.0, 2.0, 5.0])]]
        arrived, others_arrived = rng.random(size=(2, 6)) < 0.7
        pair = sides(costs, arrived.astype(float), others, others_arrived.astype(float))
        if arrived.any() and others_arrived.any():
            _, low, high = ratio(*pair, 0.95)
            assert (low <= 1 <= high) == (told_apart(*pair) >= 0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("runs", "censored"), [(10, False), (20, True), (50, True)])
def test_the_interval_covers(runs: int, censored: bool) -> None:
    """The script beside this has the whole table."""
    script = run_path(str(Path(__file__).with_name("coverage_comparison.py")))
    budget = 1.0 if censored else inf
    assert 0.92 <= script["coverage"](np.random.default_rng(0), runs, budget) <= 0.98
