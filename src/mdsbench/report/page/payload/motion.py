"""Positions along a run as whole numbers of 16 bits: differences along time, byte planes, deflated."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdsbench.problems.problem import Array
from mdsbench.report.page.payload.columns import base64_of, deflated, planes

NOWHERE = -32768  # a position that is not a finite number
FARTHEST = 32767
FINENESS = 16_384  # quanta across a map
COARSEST = 4.0  # times the finest quantum


class Motion(NamedTuple):
    """Positions on a map: `scale` * number + `offset`.

    `numbers`, shape (frames, 2 points), are x and y in turn; `offset` is x and y.
    """

    numbers: NDArray[np.int16]
    scale: float
    offset: tuple[float, float]

    def at(self, frames: NDArray[np.intp]) -> "Motion":
        """Some of the frames."""
        return self._replace(numbers=self.numbers[frames])

    def as_json(self) -> dict[str, Any]:
        """As the page takes it."""
        steps = self.numbers.astype(np.int32)
        steps[1:] -= steps[:-1].copy()
        return {
            "frames": len(self.numbers),
            "points": self.numbers.shape[1] // 2,
            "scale": self.scale,
            "offset": list(self.offset),
            "data": base64_of(deflated(planes(folded(steps)))),
        }


def motion(positions: Array, centre: Array, extent: float) -> Motion:
    """Round positions, shape (frames, points, 2), of a map about `centre` that is `extent` wide, in its unit.

    A quantum is 1/16,384 of the extent, or more, up to 4 times as much, where positions are more than two extents from
    the centre. What is farther than eight extents is moved to there. Positions that are not finite become NaN.
    """
    frames, points = positions.shape[:2]
    with np.errstate(over="ignore", invalid="ignore"):
        away = positions - centre
    known = np.isfinite(away).all(axis=2, keepdims=True)
    away = np.where(known, away, 0.0)
    quantum = extent / FINENESS
    scale = float(np.clip(np.abs(away).max(initial=0.0) / FARTHEST, quantum, COARSEST * quantum))
    numbers = np.where(known, np.rint((away / scale).clip(-FARTHEST, FARTHEST)), NOWHERE)
    flat = numbers.astype(np.int16).reshape(frames, 2 * points)
    return Motion(flat, scale, (float(centre[0]), float(centre[1])))


def folded(differences: NDArray[np.int32]) -> NDArray[np.uint16]:
    """Whole numbers modulo 2^16 in the order 0, -1, 1, -2, 2, ..., so that small ones have a high byte of zero."""
    signed = differences.astype(np.int16).astype(np.int32)  # wraps around
    return ((signed << 1) ^ (signed >> 15)).astype(np.uint16)
