"""The break-even price of a gradient: by hand, its bounds, and on runs of which it is known."""

from math import exp, inf, sqrt
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.arrivals import arrivals
from mdsbench.statistics.break_even import break_even, price_interval
from mdsbench.statistics.ert import ert_interval
from mdsbench.store.frames import frames
from mdsbench.store.store import Store

STUDENT_2 = 4.302652729911275  # the 97.5 % point of Student's t with 2 degrees of freedom


def table(*runs: tuple[str, str, str, float, float, float]) -> pd.DataFrame:
    """Runs of (solver, trial, fate, evaluations, gradients, products) on one problem."""
    names = ["solver", "trial", "fate", "evaluations", "gradients", "hessian_vectors"]
    frame = pd.DataFrame(runs, columns=names)
    return frame.assign(problem="p-2", dimension=2, start="uniform", target=0.01, parts=0.0)


def only(frame: pd.DataFrame, **options: Any) -> dict[str, Any]:
    (row,) = break_even(frame, "g", "d", **options).to_dict("records")
    return {str(name): value for name, value in row.items()}


ARRIVED = [("g", "a", "arrived", 2, 8, 0), ("g", "b", "arrived", 4, 12, 0)]


def test_price_by_hand() -> None:
    """D: 40, 60 and 200 until the budget, two arrivals: 150 each. G: 3 values and 10 gradients each. (150 - 3) / 10."""
    others = [("d", "a", "arrived", 40, 0, 0), ("d", "b", "arrived", 60, 0, 0), ("d", "c", "censored", 200, 0, 0)]
    found = only(table(*ARRIVED, *others))
    assert found["price"] == pytest.approx(14.7)
    assert found["bound"] == found["note"] == ""
    assert 0 <= found["low"] < 14.7 < found["high"] < inf


def test_the_runs_that_failed_are_charged_to_the_gradient_method() -> None:
    """G: 1 value and 10 gradients, and 5 values and 30 gradients in vain: 6 and 40. (100 - 6) / 40."""
    runs = [("g", "a", "arrived", 1, 10, 0), ("g", "b", "elsewhere", 5, 30, 0)]
    others = [("d", "a", "arrived", 80, 0, 0), ("d", "b", "arrived", 120, 0, 0)]
    assert only(table(*runs, *others))["price"] == pytest.approx(94 / 40)


def test_interval_by_hand() -> None:
    """Gradients 8, 10, 12 against values 40, 50, 75: w* = 5.5; influences -0.2, 0, 0.2 and -15/55, -5/55, 20/55."""
    ones = np.ones(3)
    found = price_interval(0 * ones, np.array([8.0, 10.0, 12.0]), ones, np.array([40.0, 50.0, 75.0]), ones)
    differences = [-0.2 + 15 / 55, 5 / 55, 0.2 - 20 / 55]
    wide = STUDENT_2 * sqrt(sum(one**2 for one in differences) / (3 * 2))
    assert found == pytest.approx((5.5, 5.5 * exp(-wide), 5.5 * exp(wide)))


def test_products_count_as_gradients_or_have_a_price_of_their_own() -> None:
    """4 gradients and 6 products against 50 values: 50/10. Products at 5, 3 and n = 2: 20/4, 32/4 and 38/4."""
    frame = table(("g", "a", "arrived", 0, 4, 6), ("d", "a", "arrived", 50, 0, 0))
    assert only(frame)["price"] == pytest.approx(5)
    assert only(frame, product=5.0)["price"] == pytest.approx(5)
    assert only(frame, product=3.0)["price"] == pytest.approx(8)
    assert only(frame, product="dimension")["price"] == pytest.approx(9.5)


def test_more_than_where_the_derivative_free_solver_never_arrives() -> None:
    others = [("d", trial, "censored", 1_000, 0, 0) for trial in "ab"]
    found = only(table(("g", "a", "arrived", 0, 10, 0), ("g", "b", "arrived", 0, 10, 0), *others))
    least = ert_interval(np.full(2, 1_000.0), np.zeros(2), 0.975)[1]
    assert (found["bound"], found["high"]) == ("more than", inf)
    assert found["price"] == found["low"] == pytest.approx(least / 10)


def test_less_than_where_the_gradient_method_never_arrives() -> None:
    runs = [("g", trial, "censored", 0, 100, 0) for trial in "ab"]
    found = only(table(*runs, ("d", "a", "arrived", 50, 0, 0), ("d", "b", "arrived", 50, 0, 0)))
    least = ert_interval(np.full(2, 100.0), np.zeros(2), 0.975)[1]
    assert (found["bound"], found["low"]) == ("less than", 0)
    assert found["price"] == found["high"] == pytest.approx(50 / least)


def test_less_than_where_the_values_of_the_gradient_method_alone_are_dearer() -> None:
    runs = [("g", trial, "arrived", 90 + k, 5, 0) for k, trial in enumerate("abc")]
    found = only(table(*runs, *[("d", trial, "arrived", 80 + 15 * k, 0, 0) for k, trial in enumerate("abc")]))
    assert found["bound"] in ("", "less than")
    dearer = only(table(*runs, *[("d", trial, "arrived", 10, 0, 0) for trial in "abc"]))
    assert (dearer["bound"], dearer["price"], dearer["high"]) == ("less than", 0, 0)


def test_what_cannot_be_said_is_said() -> None:
    neither = only(table(("g", "a", "censored", 0, 5, 0), ("d", "a", "elsewhere", 9, 0, 0)))
    assert np.isnan(neither["price"])
    assert neither["note"] == "neither solver arrived"
    alone = only(table(("g", "a", "arrived", 0, 5, 0), ("d", "a", "arrived", 10, 0, 0)))
    assert (alone["price"], alone["low"], alone["high"], alone["note"]) == (2, 0, inf, "one run bounds nothing")


@pytest.mark.parametrize(
    ("names", "words"), [(("g", "x"), "no runs"), (("d", "g"), "takes no gradients"), (("g", "g"), "takes gradients")]
)
def test_a_question_that_makes_no_sense_is_refused(names: tuple[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        break_even(table(*ARRIVED, ("d", "a", "arrived", 40, 0, 0)), *names)


def test_pairs_narrow_the_interval_and_other_trials_do_not() -> None:
    hard = np.array([1.0, 2.0, 4.0, 8.0])
    runs = [("g", trial, "arrived", 0, 10 * c, 0) for trial, c in zip("abcd", hard, strict=True)]
    widths = []
    for trials in ("abcd", "efgh"):
        others = [("d", trial, "arrived", 50 * c + 1, 0, 0) for trial, c in zip(trials, hard, strict=True)]
        found = only(table(*runs, *others))
        widths.append(found["high"] / found["low"])
    assert widths[0] < 1.1 < 10 < widths[1]


@pytest.mark.slow
@pytest.mark.parametrize("runs", [10, 20])
def test_the_interval_covers(runs: int) -> None:
    """The script beside this has the whole table."""
    script = Path(__file__).with_name("coverage_break_even.py")
    assert 0.92 <= run_path(str(script))["coverage"](runs, True, 400) <= 0.98


def test_differences_cost_n_plus_one_values_for_each_gradient(tmp_path: Path) -> None:
    """L-BFGS-B by forward differences from the same starts takes n + 1 values where the other takes a gradient.

    The last of k gradients is an exception: its value already reaches the target, and the n differences are saved. The
    price is n + 1 - n / k therefore, and n + 1 as k grows. The paths differ by rounding.
    """
    with Store.open(tmp_path / "store") as store:
        for seed in range(4):
            for solver in ("l-bfgs-b", "l-bfgs-b[forward-difference]"):
                for problem in ("sphere-10", "rosenbrock-10"):
                    store.put(execute(Cell(problem, solver, f"uniform(seed={seed})", Limits(calls=2_000))))
    found = frames(tmp_path / "store")
    table = arrivals(found.runs, found.improvements, [1e-4])
    prices = break_even(table, "l-bfgs-b", "l-bfgs-b[forward-difference]")
    assert len(prices) == 2
    for row in prices.to_dict("records"):
        of = table[(table["problem"] == row["problem"]) & (table["solver"] == "l-bfgs-b")]
        expected = 11 - 10 / of["gradients"].mean()
        assert row["price"] == pytest.approx(expected, rel=0.03)
        assert row["low"] * 0.99 <= expected <= row["high"] * 1.01
