"""How long cells will take is measured in processes that can be killed."""

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kill import live_workers
from mdsbench.campaigns import estimate
from mdsbench.campaigns.estimate import Range
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run

if TYPE_CHECKING:
    from tests.conftest import MadeUp

ZOO = Path(__file__).parents[1] / "zoo" / "solvers.py"


def test_a_solver_that_hangs_or_exits_hurts_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "LOADING", 0.3)
    limits = Limits(calls=20, seconds=50)
    names = ["gd", f"{ZOO}:hangs_in_c", f"{ZOO}:exits_well", f"{ZOO}:raises"]
    cells = [Cell("cities-6", name, f"uniform(seed={k})", limits) for name in names for k in range(2)]
    seconds = estimate.calibrate(cells, {("cities-6", "adam"): (6.0, 7.0)}, jobs=2)
    assert next(iter(seconds)) == ("cities-6", "adam")
    assert {solver for _, solver in seconds} == {"adam", *(cell.solver for cell in cells)}
    assert seconds["cities-6", "adam"] == (6.0, 7.0)
    assert seconds["cities-6", cells[2].solver][1] == 50  # its calls are not known, so its time limit counts
    assert all(low <= high <= 50 for pair, (low, high) in seconds.items() if pair[1] != "adam")
    assert live_workers() == []


def test_what_is_known_is_not_measured() -> None:
    known = {("cities-6", "gd"): (6.0, 7.0)}
    assert estimate.calibrate([Cell("cities-6", "gd", "published", Limits(calls=9))], known) == known


def test_more_pairs_than_are_looked_at_last_until_their_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "MOST_LOOKS", 0)
    cells = [Cell("cities-6", "gd", "zeros", Limits(calls=9, seconds=7)), Cell("cities-6", "adam", "zeros", Limits(9))]
    assert list(estimate.calibrate(cells, {}).values()) == [(0.0, 7), (0.0, inf)]


def looked(made_up: "MadeUp", limits: Limits, ending: str, calls: int, seconds: float) -> tuple[Run, Cell]:
    """A calibration of so many calls and seconds, and the cell that it is the start of."""
    run = made_up.run("gd", 6, "zeros", [(0, 4.0)], spent=calls, ending=ending)
    return replace(run, spent=run.spent._replace(seconds=seconds, iterations=0)), replace(run.cell, limits=limits)


@pytest.mark.parametrize(
    ("limits", "ending", "calls", "expected"),
    [
        (Limits(calls=1000, seconds=600), "timeout", 100, (0.1 / 3, 3.0)),
        (Limits(calls=1000, seconds=2), "timeout", 100, (0.1 / 3, 2.0)),
        (Limits(calls=1000, seconds=600), "budget", 1000, (0.1 / 3, 0.3)),
        (Limits(calls=1000, seconds=600), "converged", 10, (0.1 / 3, 30.0)),  # from another start it may go on
        (Limits(calls=1000, seconds=600), "error", 0, (0.1 / 3, 600.0)),
        (Limits(seconds=600), "timeout", 100, (0.1 / 3, 600.0)),
        (Limits(iterations=10), "timeout", 100, (0.1 / 3, inf)),
    ],
)
def test_the_first_calls_are_extrapolated_to_the_whole_budget(
    made_up: "MadeUp", limits: Limits, ending: str, calls: int, expected: tuple[float, float]
) -> None:
    run, cell = looked(made_up, limits, ending, calls, 0.1)
    assert estimate.extrapolated(run, cell) == pytest.approx(expected)


def test_a_range_is_from_the_shortest_and_the_longest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "cores", lambda: 2)
    left = {("p", "a"): 10, ("p", "b"): 4}
    seconds = {("p", "a"): (3.0, 6.0), ("p", "b"): (0.0, 0.0)}
    assert estimate.remaining(left, seconds, 4) == pytest.approx((10 * 2 / 4, (10 * 9.1 + 4 * 0.1) / 2 + 9.1 + 10))
    assert estimate.remaining({("p", "a"): 1}, seconds, 4) == pytest.approx((2, 9.1 / 2 + 9.1 + 10))


def test_what_no_run_has_shown_is_not_promised() -> None:
    seconds = {("p", "a"): (3.0, 6.0)}
    assert estimate.remaining({("p", "b"): 4}, seconds, 1) is None
    assert estimate.remaining({("p", "b"): 4, ("p", "a"): 6}, seconds, 1) == (12.0, inf)
    assert estimate.remaining({}, {}, 1) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (20.9, 214, "between 20 s and 4 min"),
        (0.5, 10.2, "at most 11 s"),
        (20, inf, "at least 20 s"),
        (0.5, inf, "time unknown"),
        (100, 10**6, "between 1 min and 12 days"),
        (0, 1e300, "at most "),
    ],
)
def test_a_range_in_words(low: float, high: float, words: str) -> None:
    assert estimate.in_words(Range(low, high)).startswith(words)
    assert estimate.in_words(None) == "time unknown before the first run has finished"
