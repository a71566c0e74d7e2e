"""The growth of cost with the number of variables: by hand, on a quadratic, and the bias that dropping runs brings."""

from math import log
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.arrivals import arrivals, cost
from mdsbench.statistics.growth import ert_exponent, exponent, growth, growth_of_ratio, share_slope
from mdsbench.store.frames import frames
from mdsbench.store.store import Store

SCRIPT = Path(__file__).with_name("coverage_growth.py")


def table(*runs: tuple[str, int, str, str, float]) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Runs of (solver, dimension, trial, fate, cost)."""
    frame = pd.DataFrame(runs, columns=["solver", "dimension", "trial", "fate", "cost"])
    named = frame.assign(family="p", problem="p-" + frame["dimension"].astype(str), start="uniform", target=0.01)
    return named, frame["cost"]


def only(*runs: tuple[str, int, str, str, float]) -> dict[str, Any]:
    (row,) = growth(*table(*runs)).to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_exponent_by_hand() -> None:
    """Costs 2 and 8 at n = 1 and 8 and 32 at n = 4: medians 4 and 16 by the logarithm, so 4 n."""
    runs = [("s", n, str(k), "arrived", c) for n, costs in ((1, (2, 8)), (4, (8, 32))) for k, c in enumerate(costs)]
    found = only(*runs)
    assert (found["factor"], found["exponent"]) == pytest.approx((4, 1))
    # residuals are +-log 2: s^2 = 4 log(2)^2 / 2; Sxx = 4 (log(4) / 2)^2 = 4 log(2)^2; so the error is sqrt(1 / 2)
    wide = 4.302652729911275 * 0.5**0.5
    assert (found["low"], found["high"]) == pytest.approx((1 - wide, 1 + wide))
    assert (found["sizes"], found["runs"], found["arrived"], found["note"]) == (2, 4, 4, "")


def test_a_power_law_without_error_is_found_exactly() -> None:
    found = only(*[("s", n, "a", "arrived", 3.0 * n**1.5) for n in (2, 4, 8, 16)])
    assert [found[name] for name in ("factor", "exponent", "low", "high")] == pytest.approx([3, 1.5, 1.5, 1.5])


def test_runs_that_ended_elsewhere_leave_the_fit_and_lower_the_share() -> None:
    runs = [("s", n, str(k), "arrived", c * n) for n in (2, 8) for k, c in enumerate((1.0, 2.0, 3.0))]
    alone = only(*runs)
    more = only(*runs, *[("s", 8, f"e{k}", "elsewhere", 1e6) for k in range(3)])
    assert more["exponent"] == pytest.approx(alone["exponent"])
    assert more["share_slope"] < alone["share_slope"]
    assert more["ert_exponent"] > alone["ert_exponent"] + 1


def test_censored_runs_raise_the_exponent() -> None:
    runs = [("s", n, str(k), "arrived", c * n) for n in (2, 8) for k, c in enumerate((1.0, 2.0, 3.0))]
    assert only(*runs, ("s", 8, "z", "censored", 24.0))["exponent"] > only(*runs)["exponent"] + 0.1


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([("s", 2, "a", "censored", 9.0), ("s", 4, "a", "elsewhere", 9.0)], "no run arrived"),
        ([("s", 2, "a", "arrived", 9.0), ("s", 2, "b", "arrived", 7.0)], "one number of variables only"),
        ([("s", 2, "a", "arrived", 9.0), ("s", 4, "b", "censored", 7.0)], "arrived at one number"),
        ([("s", 2, "a", "arrived", 9.0), ("s", 4, "b", "arrived", 7.0)], "too few arrivals"),
        ([("s", n, "a", "arrived", float(n > 1)) for n in (1, 2, 4, 8)], "1 run without cost"),
    ],
)
def test_what_cannot_be_said_is_said(runs: list[tuple[str, int, str, str, float]], words: str) -> None:
    assert words in only(*runs)["note"]


def test_share_slope_by_hand() -> None:
    """With one covariate of two values Firth's penalty adds half a run to each cell: 3 of 4 and 1 of 4."""
    slope, low, high = share_slope(np.repeat([2.0, 4.0], 4), np.array([1.0, 1, 1, 0, 1, 0, 0, 0]))
    odds = [log(3.5 / 1.5), log(1.5 / 3.5)]
    assert slope == pytest.approx((odds[1] - odds[0]) / log(2))
    assert low < slope < high
    parted = share_slope(np.repeat([2.0, 4.0], 4), np.repeat([1.0, 0.0], 4))
    assert parted[0] == pytest.approx(2 * log(0.5 / 4.5) / log(2))


def test_ert_exponent_by_hand() -> None:
    """ERT 10 at n = 2, and 40 at n = 4 where half arrive at 20: (log 40 - log 10) / log 2 = 2."""
    n, costs = np.repeat([2.0, 4.0], 4), np.array([9.0, 11, 9, 11, 20, 20, 20, 20])
    slope, low, high = ert_exponent(n, costs, np.array([1.0, 1, 1, 1, 1, 1, 0, 0]))
    assert slope == pytest.approx(2)
    assert low < 2 < high
    assert np.isnan(ert_exponent(n, costs, np.array([1.0, 1, 1, 1, 0, 0, 0, 0]))[0])


def test_the_ratio_is_paired_by_trial() -> None:
    """Runs that differ 100-fold by their start, in ratio 3 n."""
    runs = [
        (solver, n, str(k), "arrived", hard * (3 * n if solver == "d" else 1))
        for solver in "gd"
        for n in (2, 4, 8)
        for k, hard in enumerate((1.0, 10.0, 100.0))
    ]
    (row,) = growth_of_ratio(*table(*runs), "g", "d").to_dict("records")
    assert [row[name] for name in ("factor", "exponent", "low", "high")] == pytest.approx([3, 1, 1, 1])
    assert (row["sizes"], row["pairs"], row["note"]) == (3, 9, "")


def test_the_ratio_of_censored_runs_is_the_difference_of_the_exponents() -> None:
    runs = [("g", n, str(k), "arrived", n + k) for n in (2, 4, 8) for k in range(4)]
    runs += [("d", n, str(k), "censored" if k == 3 else "arrived", n**2 + k) for n in (2, 4, 8) for k in range(4)]
    (row,) = growth_of_ratio(*table(*runs), "g", "d").to_dict("records")
    by_solver = growth(*table(*runs)).set_index("solver")["exponent"]
    assert row["exponent"] == pytest.approx(by_solver["d"] - by_solver["g"])
    assert row["low"] < row["exponent"] < row["high"]
    assert "censored" in row["note"]


@pytest.mark.slow
def test_differences_on_a_quadratic_grow_as_n_plus_one_more(tmp_path: Path) -> None:
    """L-BFGS-B by differences over L-BFGS-B on the sphere: the ratio n + 1 - n / k of k gradients has its exponent."""
    sizes = (4, 8, 16, 32)
    with Store.open(tmp_path / "store") as store:
        for n in sizes:
            for seed in range(3):
                for solver in ("l-bfgs-b", "l-bfgs-b[forward-difference]"):
                    store.put(execute(Cell(f"sphere-{n}", solver, f"uniform(seed={seed})", Limits(calls=2_000))))
    found = frames(tmp_path / "store")
    rows = arrivals(found.runs, found.improvements, [1e-4])
    (row,) = growth_of_ratio(rows, cost(rows), "l-bfgs-b", "l-bfgs-b[forward-difference]").to_dict("records")
    counted = rows[rows["solver"] == "l-bfgs-b"]
    size, taken = counted["dimension"].to_numpy(float), counted["gradients"].to_numpy(float)
    expected = exponent(size, size + 1 - size / taken, np.full(len(size), True))["exponent"]
    assert row["exponent"] == pytest.approx(expected, abs=0.02)


def test_dropping_censored_runs_hides_growth_that_the_fit_finds() -> None:
    """Planted: 1.5. Half of the runs end by one budget, most of them large."""
    script = run_path(str(SCRIPT))
    _, fitted, without = script["coverage"](50, "half by one budget", 40, seed=7)
    assert fitted == pytest.approx(1.5, abs=0.1)
    assert without < 1.2


@pytest.mark.slow
def test_the_interval_covers() -> None:
    assert 0.92 <= run_path(str(SCRIPT))["coverage"](20, "half at each size", 300)[0] <= 0.98
