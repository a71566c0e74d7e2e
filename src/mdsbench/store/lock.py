"""The right to write to a store, which one process at a time has.

It belongs to the file itself, whatever name leads to it, and the system takes it back from a process that ends. Where
there is no `fcntl`, on Windows, it is a file beside the store.
"""

import os
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any

from mdsbench.errors import Failure
from mdsbench.system.publish import plain_file

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TRIES = 5  # `is_locked` holds it for a moment
PAUSE = 0.02  # seconds


class Lock:
    """The lock of the store at `path`, which is resolved and called `name` by the user.

    Raises Failure where another process has it.
    """

    def __init__(self, path: Path, name: Path) -> None:
        self.path = path
        self._file = -1
        self._beside: Any = None
        try:
            for _ in range(TRIES):
                if self._acquired():
                    return
                sleep(PAUSE)
        except OSError as error:
            raise Failure(
                f"cannot write to {name}: {error.strerror or error}; choose another place with --store"
            ) from None
        raise Failure(f"another mdsbench is writing to {name}; wait for it, or give another --store")

    def holds(self) -> bool:
        """Whether the file at the path is still the one that is locked: not removed, not replaced by another."""
        if self._beside is not None:
            return self.path.exists()
        try:
            return os.path.samestat(os.fstat(self._file), self.path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Let others write."""
        if self._beside is not None:
            self._beside.release()
            with suppress(OSError):
                Path(self._beside.lock_file).unlink()
            return
        with suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_UN)  # a child process may have a copy of the descriptor
            os.close(self._file)
        self._file = -1

    def _acquired(self) -> bool:
        if fcntl is None:
            return self._acquired_beside()
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            return False
        except OSError:
            os.close(self._file)
            raise
        if self.holds():
            return True
        os.close(self._file)  # the file was replaced meanwhile
        return False

    def _acquired_beside(self) -> bool:
        from filelock import FileLock, Timeout

        lock = FileLock(f"{self.path}.lock", timeout=0)
        Path(lock.lock_file).touch()  # FileLock does not tell a folder that refuses from a lock that is taken
        try:
            lock.acquire()
        except Timeout:
            return False
        self._beside = lock
        return True


def is_locked(path: Path) -> bool:
    """Whether a process writes to the store. Ask before this process opens it, or SQLite loses its own locks."""
    file = plain_file(path, "STORE")
    if fcntl is None:
        return _is_locked_beside(file)
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _is_locked_beside(file: Path) -> bool:
    from filelock import FileLock, Timeout

    lock = FileLock(f"{file}.lock", timeout=0)
    if not Path(lock.lock_file).exists():
        return False
    try:
        lock.acquire()
    except (Timeout, OSError):
        return True
    lock.release()
    return False
