"""The content of a file as it was read, and whether it is still that."""

import os
from pathlib import Path
from time import time_ns

_COARSE = 2_500_000_000  # nanoseconds; within this time a file may change twice and keep its time


class Content:
    """The bytes of a file, and the state of the file when they were read."""

    def __init__(self, path: Path, data: bytes, stamp: tuple[int, ...], read: int) -> None:
        self.path, self.data = path, data
        self._stamp, self._read = stamp, read

    @classmethod
    def read(cls, path: Path) -> "Content":
        """The file as it is now; raises OSError."""
        stamp, read = _stamp(path), time_ns()  # before the bytes: what is written meanwhile is seen at the next look
        return cls(path, path.read_bytes(), stamp, read)

    def is_current(self) -> bool:
        """Whether the file holds the same bytes; read again only if its state says that they may have changed."""
        try:
            stamp = _stamp(self.path)
            if stamp == self._stamp and self._read - max(stamp[:2]) > _COARSE:
                return True
            now = Content.read(self.path)
        except OSError:
            return False
        if now.data != self.data:
            return False
        self._stamp, self._read = now._stamp, now._read
        return True


def _stamp(path: Path) -> tuple[int, ...]:
    state = os.stat(path)  # noqa: PTH116 - twice as fast, and made for every key of a cell
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino
