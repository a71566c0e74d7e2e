"""The available memory, and a limit on the memory of a run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mdsbench.errors import UsageError

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

# Linux's files: memory of this process in pages (address space, then resident set), memory of the machine in kB, and
# the limit of the container under its names in the two versions of control groups.
_STATM = Path("/proc/self/statm")
_MEMINFO = Path("/proc/meminfo")
_CONTAINER = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")


@contextmanager
def at_most(megabytes: int | None) -> Iterator[None]:
    """Limit what the block allocates in addition to the present memory of the process; beyond it, MemoryError.

    The limit is on address space, because Linux can limit nothing else. On other systems there is no limit.
    """
    if megabytes is None or resource is None or not _STATM.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = _taken(0) + megabytes * 2**20
    outer = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([allowed, *outer]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def require(size: int, what: str, instead: str) -> None:
    """Raise UsageError if `what`, which takes `size` bytes, exceeds the available memory.

    `instead` is the part of the message that says what to do.
    """
    left = available()
    if left is not None and size > left:
        raise UsageError(f"{what} takes {size / 1e9:,.1f} GB of memory, and {left / 1e9:,.1f} GB are left: {instead}")


def available() -> int | None:
    """The available bytes: the least of the machine's, the container's and this process's; None if all are unknown."""
    bounds = []
    with suppress(OSError):
        said = dict(line.split(":") for line in _MEMINFO.read_text(encoding="utf-8").splitlines())
        bounds.append(1024 * int(said["MemAvailable"].split()[0]))
    for limit in _CONTAINER:
        with suppress(OSError, ValueError):  # the file does not exist, or contains "max"
            bounds.append(int(limit.read_text(encoding="utf-8")) - _taken(1))
    if resource is not None and _STATM.exists():
        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft != resource.RLIM_INFINITY:
            bounds.append(soft - _taken(0))
    return max(0, min(bounds)) if bounds else None


def _taken(number: int) -> int:
    """The memory of the process in bytes: its address space if `number` is 0, its resident set if 1."""
    return int(_STATM.read_text(encoding="utf-8").split()[number]) * os.sysconf("SC_PAGE_SIZE")
