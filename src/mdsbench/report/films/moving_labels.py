"""When and where each moving dot bears its name: planned for the whole film at once, so that nothing flickers.

Because all frames are known beforehand, a name fades out before it would run into another one, and it appears only
where it can stay for a while.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdsbench.problems.problem import Array
from mdsbench.report.figures import labels

FADE = 8  # frames from invisible to full
SHORTEST = 3 * FADE  # a name that could stay for less is not shown


class Plan(NamedTuple):
    """Labels' centres relative to their dots, shape (T, n, 2), and their opacities, shape (T, n)."""

    offsets: Array
    opacity: Array


def plan(dots: Array, sizes: Array, frame: Array, gap: float) -> Plan:
    """Plan the labels of dots, shape (T, n, 2), over T frames; the first of the n cities matter most.

    `sizes`, shape (n, 2), are widths and heights, `frame`, shape (4,), is left, bottom, right, top, `gap` the
    distance from dot to label; all in pixels. The last frame's labels are arranged first, for they remain to be
    seen, and followed backwards as far as they are free; then each city in turn takes what room is left, longest
    first.
    """
    T, n = dots.shape[:2]
    offsets, opacity = np.zeros((T, n, 2)), np.zeros((T, n))
    last = labels.arrange(dots[-1], sizes, frame, gap, rings=(1.0, 2.0))
    around = labels.offsets(sizes, gap, rings=(1.0,))
    for i in range(n):
        if np.isfinite(last[i]).all():
            free = _free(i, last[i], dots, sizes, frame, gap, offsets, opacity)
            taken = np.flatnonzero(~free)
            _show(i, last[i], taken[-1] + 1 if len(taken) else 0, T, offsets, opacity)
    for i in range(n):
        rooms = np.array([_free(i, k, dots, sizes, frame, gap, offsets, opacity) for k in around[i]])
        rooms &= opacity[:, i] == 0
        while True:
            k, begin, end = _longest(rooms)
            if end - begin < SHORTEST:
                break
            _show(i, around[i, k], begin, end, offsets, opacity)
            rooms[:, begin:end] = False
    return Plan(offsets, opacity)


def _free(
    i: int, offset: Array, dots: Array, sizes: Array, frame: Array, gap: float, offsets: Array, opacity: Array
) -> NDArray[np.bool_]:
    """In which frames, shape (T,), label i at this offset is inside the frame, clear of dots and of other labels."""
    n = dots.shape[1]
    centre = dots[:, i] + offset
    inside = ((centre - sizes[i] / 2 >= frame[:2]) & (centre + sizes[i] / 2 <= frame[2:])).all(axis=-1)
    others = np.arange(n) != i
    covers = labels.overlap(centre[:, None], sizes[i], dots[:, others], np.full(2, gap)).any(axis=1)
    meets = labels.overlap(centre[:, None], sizes[i] + gap / 2, (dots + offsets)[:, others], sizes[others])
    free: NDArray[np.bool_] = inside & ~covers & ~(meets & (opacity[:, others] > 0)).any(axis=1)
    return free


def _longest(rooms: NDArray[np.bool_]) -> tuple[int, int, int]:
    """The longest run of True in any row: its row, begin and end."""
    edges = np.diff(np.pad(rooms, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, begins = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    if len(rows) == 0:
        return 0, 0, 0
    longest = (ends - begins).argmax()
    return int(rows[longest]), int(begins[longest]), int(ends[longest])


def _show(i: int, offset: Array, begin: int, end: int, offsets: Array, opacity: Array) -> None:
    """Show label i from frame `begin` up to `end`, fading unless the film itself begins or ends there."""
    T = len(opacity)
    frames = np.arange(begin, end)
    fade_in = (frames - begin + 1) / FADE if begin > 0 else np.ones(len(frames))
    fade_out = (end - frames) / FADE if end < T else np.ones(len(frames))
    offsets[begin:end, i] = offset
    opacity[begin:end, i] = np.minimum(1, np.minimum(fade_in, fade_out))
