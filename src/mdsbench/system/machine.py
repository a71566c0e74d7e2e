"""What a campaign runs on: versions, machine and threads, recorded beside its runs."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from math import ceil
from pathlib import Path
from typing import Any

from mdsbench.version import __version__

PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "numba", "cma", "nlopt", "distributed")
ROOT = Path(__file__).parents[3]  # of the checkout, if the package runs from one

# Worker processes use one thread each for linear algebra, so that they do not compete for the cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# Where Linux states the processor time that a container may use, in the two versions of control groups.
_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUP = Path("/proc/self/cgroup")


def cores() -> int:
    """The number of cores that this process may use: at most those of the machine, and at least 1.

    The least of the processor affinity, such as `taskset` or a batch system sets, and the quota of the container,
    rounded up.
    """
    quotas = [ceil(quota) for quota in _quotas() if quota > 0]
    return max(1, min([_allowed(), *quotas]))


def _allowed() -> int:
    """The cores of the processor affinity, where the system has one, else of the machine."""
    count = getattr(os, "process_cpu_count", None)  # Python 3.13
    if count is None and hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return (count or os.cpu_count)() or 1


def _quotas() -> Iterator[float]:
    """The quotas of the control groups that this process is in, in cores."""
    for folder in _groups():
        with suppress(OSError, ValueError, ZeroDivisionError):  # the file does not exist, or contains "max"
            time, period = (folder / "cpu.max").read_text().split()
            yield int(time) / int(period)
    with suppress(OSError, ValueError):
        time, period = ((_GROUPS / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        yield int(time) / int(period)


def _groups() -> Iterator[Path]:
    """The folders of the control group of this process and of those around it, the innermost first."""
    own = Path()
    with suppress(OSError, ValueError):
        paths = [line[3:] for line in _OWN_GROUP.read_text().splitlines() if line.startswith("0::/")]
        own = Path(*(part for part in Path(*paths).parts if part not in ("/", "..")))
    for folder in (own, *own.parents):
        yield _GROUPS / folder


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
            "cores": cores(),
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
