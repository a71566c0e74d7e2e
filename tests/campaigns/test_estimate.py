"""How long cells will take is measured in processes that can be killed."""

from pathlib import Path

import pytest

from kill import live_workers
from mdsbench.campaigns import estimate
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell

ZOO = Path(__file__).parents[1] / "zoo" / "solvers.py"


def test_a_solver_that_hangs_or_exits_hurts_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "LOADING", 0.3)
    limits = Limits(calls=20, seconds=50)
    names = ["gd", f"{ZOO}:hangs_in_c", f"{ZOO}:exits_well", f"{ZOO}:raises"]
    cells = [Cell("cities-6", name, f"uniform(seed={k})", limits) for name in names for k in range(2)]
    seconds = estimate.calibrate(cells, {("cities-6", "adam"): 7.0}, jobs=2)
    assert next(iter(seconds)) == ("cities-6", "adam")
    assert {solver for _, solver in seconds} == {"adam", *(cell.solver for cell in cells)}
    assert seconds["cities-6", "adam"] == 7.0
    assert seconds["cities-6", cells[2].solver] == pytest.approx(50)
    assert all(0 <= seconds["cities-6", cells[k].solver] < 1 for k in (0, 4, 6))
    assert live_workers() == []


def test_what_is_known_is_not_measured() -> None:
    known = {("cities-6", "gd"): 7.0}
    assert estimate.calibrate([Cell("cities-6", "gd", "published", Limits(calls=9))], known) == known


def test_the_first_calls_are_extrapolated_to_the_budget() -> None:
    """A run of so many calls that the calibration sees a part of it only."""
    cell = Cell("cities-6", "gd", "published", Limits(calls=10**7, seconds=30))
    (seconds,) = estimate.calibrate([cell], {}).values()
    assert 1 < seconds <= 30
