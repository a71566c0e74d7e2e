"""Positions along a run as whole numbers of 16 bits: differences along time, byte planes, deflated."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdsbench.problems.problem import Array
from mdsbench.report.page.payload.columns import base64_of, deflated, planes

NOWHERE = -32768  # a position that is not a finite number
FARTHEST = 32767
FINENESS = 16_384  # quanta across a map


class Motion(NamedTuple):
    """Positions: `scale` * number + `offset`, and the numbers as text; `size` is that of the text."""

    frames: int
    points: int
    scale: float
    offset: tuple[float, float]
    data: str

    def as_json(self) -> dict[str, Any]:
        """As the page takes it."""
        return {**self._asdict(), "offset": list(self.offset)}


def motion(positions: Array, centre: Array, extent: float) -> Motion:
    """Pack positions, shape (frames, points, 2), of a map about `centre` that is `extent` wide, in its unit.

    A quantum is 1/16,384 of the extent, or more where the positions reach farther than one extent from the centre, at
    most 4 times as much: what is farther is moved to the edge. A position that is not finite is NaN.
    """
    frames, points = positions.shape[:2]
    away = positions - centre
    known = np.isfinite(away)
    reach = float(np.abs(np.where(known, away, 0.0)).max(initial=0.0))
    scale = min(max(1.0, reach * FINENESS / (extent * FARTHEST)), 4.0) * extent / FINENESS
    numbers = np.full(away.shape, NOWHERE)
    numbers[known] = np.rint(away[known] / scale).clip(-FARTHEST, FARTHEST)
    numbers[~known.all(axis=2)] = NOWHERE
    flat = numbers.reshape(frames, 2 * points)
    data = base64_of(deflated(planes(folded(np.diff(flat, axis=0, prepend=np.zeros((1, 2 * points), int))))))
    return Motion(frames, points, scale, (float(centre[0]), float(centre[1])), data)


def folded(differences: NDArray[np.int_]) -> NDArray[np.uint16]:
    """Whole numbers modulo 2^16 in the order 0, -1, 1, -2, 2, ..., so that small ones have a high byte of zero."""
    signed = differences.astype(np.int16).astype(np.int32)  # wraps around
    return ((signed << 1) ^ (signed >> 15)).astype(np.uint16)
