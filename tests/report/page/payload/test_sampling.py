"""What is left out of a page is left out evenly."""

import numpy as np
import pandas as pd
import pytest

from mdsbench.report.page.payload.room import affordable, shares
from mdsbench.report.page.payload.sampling import in_turn, spread


@pytest.mark.parametrize("most", [2, 3, 10, 64, 200])
@pytest.mark.parametrize(
    "cost",
    [
        np.arange(1.0, 1001),
        np.zeros(300),
        np.r_[np.arange(9.0), np.full(300, 8.0)],
        np.r_[np.arange(5.0), 1e9],
        np.geomspace(1, 1e6, 99),
    ],
)
def test_the_first_and_the_last_are_kept_and_no_more_than_asked(cost: np.ndarray, most: int) -> None:
    kept = spread(cost, most)
    assert len(kept) <= max(most, 2)
    assert (kept[0], kept[-1]) == (0, len(cost) - 1)
    assert (np.diff(kept) > 0).all()


def test_all_are_kept_where_there_is_room() -> None:
    assert spread(np.arange(5.0), 5).tolist() == [0, 1, 2, 3, 4]
    assert spread(np.empty(0), 5).tolist() == []


def test_they_are_even_over_the_logarithm() -> None:
    kept = spread(np.arange(0.0, 2**16), 17)
    ratios = np.diff(np.log1p(kept))
    assert ratios.max() < 2.5 * np.log(2**16) / 16


def test_runs_are_taken_trial_by_trial_over_all_problems_and_solvers() -> None:
    rows = [(p, s, t) for p in "PQ" for s in "ab" for t in ("0", "1", "2")]
    table = pd.DataFrame(rows, columns=["problem", "solver", "trial"])
    taken = table.iloc[in_turn(table)]
    assert taken["trial"].tolist() == ["0"] * 4 + ["1"] * 4 + ["2"] * 4
    assert set(map(tuple, taken.head(4)[["problem", "solver"]].to_numpy())) == {(p, s) for p in "PQ" for s in "ab"}


def test_frames_fit_into_the_room_and_use_it() -> None:
    there, points = np.array([1000, 1000, 3, 50]), np.array([6, 600, 6, 34])
    for room in (20_000, 100_000, 400_000):
        frames = shares(there, points, room)
        used = (frames * (2 * points + 10)).sum()
        assert 0.9 * room < used <= room
        assert (frames <= np.minimum(there, 400)).all()
        assert frames[0] >= frames[3] >= frames[1] or frames[3] == 50


def test_each_map_has_its_share_and_a_large_one_two_runs() -> None:
    assert affordable([0, 0, 0, 1, 1, 1], [10, 10, 10, 30, 30, 30], 120) == [0, 1, 2, 3, 4]
    assert affordable([0, 0, 0], [100, 100, 100], 50) == []
    assert affordable([], [], 50) == []
