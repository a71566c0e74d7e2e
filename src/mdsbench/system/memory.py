"""How much memory there is, and a bound on what a run may take of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mdsbench.errors import UsageError

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

# Linux's accounts: of this process in pages, address space first, then what is resident; of the machine in kB; and the
# limit of the container, as the two versions of control groups name it.
_STATM = Path("/proc/self/statm")
_MEMINFO = Path("/proc/meminfo")
_CONTAINER = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")


@contextmanager
def at_most(megabytes: int | None) -> Iterator[None]:
    """Let the block allocate so much on top of what the process has already; beyond it, MemoryError.

    Counted in address space, which is what Linux can bound; elsewhere the block runs unbounded.
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
    """Raise UsageError where `what`, so many bytes, is more than the memory that is left; `instead` says what to do."""
    left = available()
    if left is not None and size > left:
        raise UsageError(f"{what} takes {size / 1e9:,.1f} GB of memory, and {left / 1e9:,.1f} GB are left: {instead}")


def available() -> int | None:
    """The bytes that may still be taken, of the machine, the container and this process; None where nobody says."""
    bounds = []
    with suppress(OSError):
        said = dict(line.split(":") for line in _MEMINFO.read_text().splitlines())
        bounds.append(1024 * int(said["MemAvailable"].split()[0]))
    for limit in _CONTAINER:
        with suppress(OSError, ValueError):  # it is not there, or says "max"
            bounds.append(int(limit.read_text()) - _taken(1))
    if resource is not None and _STATM.exists():
        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft != resource.RLIM_INFINITY:
            bounds.append(soft - _taken(0))
    return max(0, min(bounds)) if bounds else None


def _taken(number: int) -> int:
    """What the process has, in bytes: number 0 is its address space, 1 its resident set."""
    return int(_STATM.read_text().split()[number]) * os.sysconf("SC_PAGE_SIZE")
