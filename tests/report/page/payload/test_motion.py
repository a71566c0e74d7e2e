"""Positions come back within half a quantum."""

import numpy as np
import pytest

from mdsbench.report.page.payload.motion import FARTHEST, FINENESS, folded, motion
from mdsbench.report.page.payload.unpacked import positions

CENTRE = np.array([100.0, -50.0])


@pytest.mark.parametrize("spread", [1.0, 300.0, 2000.0])
def test_positions_come_back_within_half_a_quantum(spread: float) -> None:
    placed = CENTRE + spread * np.random.default_rng(1).normal(size=(20, 7, 2))
    packed = motion(placed, CENTRE, 1000.0)
    assert np.abs(positions(packed.as_json()) - placed).max() <= packed.scale / 2 * (1 + 1e-9)


def test_the_quantum_is_that_of_the_map_unless_a_run_strays() -> None:
    near = motion(np.full((1, 1, 2), 1.9 * FINENESS), np.zeros(2), float(FINENESS))
    far = motion(np.full((1, 1, 2), 3.0 * FARTHEST), np.zeros(2), float(FINENESS))
    assert (near.scale, far.scale) == (1.0, 3.0)


def test_what_is_too_far_is_moved_to_the_edge_and_what_is_not_finite_is_nowhere() -> None:
    placed = np.array([[[1e300, -1e300], [np.nan, 1.0]], [[np.inf, 0.0], [1.0, 1.0]]])
    found = positions(motion(placed, np.zeros(2), float(FINENESS)).as_json())
    assert np.array_equal(found[0, 0], [4.0 * FARTHEST, -4.0 * FARTHEST])
    assert np.isnan(found[0, 1]).all()
    assert np.isnan(found[1, 0]).all()
    assert np.array_equal(found[1, 1], [0.0, 0.0])  # within half a quantum of 4


def test_some_of_the_frames_are_those_frames() -> None:
    placed = np.random.default_rng(2).normal(size=(9, 3, 2))
    packed = motion(placed, np.zeros(2), 5.0)
    kept = np.array([0, 4, 8])
    assert np.array_equal(positions(packed.at(kept).as_json()), positions(packed.as_json())[kept])


def test_small_differences_are_folded_into_small_numbers() -> None:
    steps = np.array([0, -1, 1, -2, 2, 32767, -32768, 65535, 32768], np.int32)  # modulo 2^16
    assert folded(steps).tolist() == [0, 1, 2, 3, 4, 65534, 65535, 1, 65535]
