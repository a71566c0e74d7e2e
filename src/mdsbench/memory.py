"""A bound on the memory that a run may take."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

_STATM = Path("/proc/self/statm")  # Linux's account of this process, its first number the pages of address space


@contextmanager
def at_most(megabytes: int | None) -> Iterator[None]:
    """Let the block allocate so much on top of what the process has already; beyond it, MemoryError.

    Counted in address space, which is what Linux can bound; elsewhere the block runs unbounded.
    """
    if megabytes is None or resource is None or not _STATM.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(_STATM.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    allowed = taken + megabytes * 2**20
    outer = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([allowed, *outer]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
