"""What a campaign runs on: versions, machine and threads, recorded beside its runs."""

import json
import os
import platform
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mdsbench.version import __version__

PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "numba", "cma", "nlopt", "distributed")
ROOT = Path(__file__).parents[3]  # of the checkout, if the package runs from one

# Worker processes use one thread each for linear algebra, so that they do not compete for the cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


_QUOTAS = Path("/sys/fs/cgroup/cpu.max"), Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")


def cores() -> int:
    """The processor cores that this process may use: those of the machine, or fewer by affinity or its container."""
    affinity = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return max(1, min(len(affinity(0)), _quota()))


def _quota() -> int:
    """The cores' worth of time that the container may take, rounded up; a large number if there is no limit."""
    for file in _QUOTAS:
        with suppress(OSError, ValueError, ZeroDivisionError):  # the file does not exist, or contains "max"
            quota, *period = map(int, file.read_text().split())
            divisor = period[0] if period else int(file.with_name("cpu.cfs_period_us").read_text())
            if quota > 0:
                return -(-quota // divisor)
    return sys.maxsize


def environment(executor: str, threads: dict[str, str], **notes: Any) -> str:
    """Versions, machine, executor and the threads of the workers, as JSON; `notes` are added.

    Nothing in it names a user or a folder.
    """
    return json.dumps(
        {
            "mdsbench": __version__,
            "commit": _commit(),
            "python": platform.python_version(),
            "system": platform.platform(),
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "executor": executor,
            "threads": threads,
            "packages": {name: found for name in PACKAGES if (found := _version(name))},
            **notes,
        },
        sort_keys=True,
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine() or "unknown"


def _commit() -> str | None:
    """The commit of the package's own checkout, and whether files differ from it; None if it is not in one."""
    top = _git("rev-parse", "--show-toplevel")
    commit = _git("rev-parse", "--short=12", "HEAD")
    if not top or not commit or Path(top).resolve() != ROOT.resolve():
        return None
    return commit + (", with changes" if _git("status", "--porcelain") else "")


def _git(*arguments: str) -> str | None:
    """The output of git; None if it fails or is not installed."""
    try:
        return subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
