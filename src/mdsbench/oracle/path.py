"""The path of a run: the account and the position at its iterates, ever fewer of them, in bounded memory."""

import numpy as np

from mdsbench.oracle.account import Moment
from mdsbench.problems.problem import Array


class Path:
    """Every iterate up to `snapshots` of them, then ever fewer: each 1 % later than the last, or 1/`snapshots` if more.

    No more than `most` entries are kept: when there are more, every other one is dropped. The loss of an entry is NaN
    if nobody has evaluated the function there.
    """

    def __init__(self, snapshots: int, most: int) -> None:
        self.entries: list[tuple[Moment, Array]] = []
        self.next = 0  # the iteration of the next entry
        self._snapshots = max(1, snapshots)
        self._most = most
        self._stride = 1

    def add(self, moment: Moment, position: bytes) -> None:
        """Write an iterate down."""
        self.entries.append((moment, np.frombuffer(position)))
        if len(self.entries) > self._most:
            del self.entries[1::2]
            self._stride *= 2
        later = (moment.iterations - self._snapshots) // min(100, self._snapshots)
        self.next = moment.iterations + max(self._stride, 1 + later)
