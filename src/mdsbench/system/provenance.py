"""What a report must say of its own making, so that its numbers can be judged and made again."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePath

from mdsbench.execution.worker import ONE_THREAD
from mdsbench.version import __version__

ROOT = Path(__file__).parents[3]  # of the checkout, where the package runs from one


def collect(arguments: Sequence[str], *, jobs: int, seconds: float) -> dict[str, str]:
    """Versions, machine and command by their human names; nothing that names a user or a folder of theirs."""
    return {
        "Command": " ".join(["mdsbench", *map(_without_folders, arguments)]),
        "Date": datetime.now(UTC).isoformat(timespec="seconds"),
        "Duration": f"{seconds:.1f} s",
        "mdsbench": __version__,
        **({"Commit": commit} if (commit := _commit()) else {}),
        "Python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "pandas", "matplotlib")},
        "Processor": _processor(),
        "Cores": str(os.cpu_count() or "unknown"),
        "Workers": str(jobs),
        "Threads per worker": _threads(jobs),
        "Platform": platform.platform(),
    }


def _without_folders(argument: str) -> str:
    """The argument, an absolute path in it cut down to dots."""
    option, equals, value = argument.rpartition("=")
    return f"{option}{equals}…" if PurePath(value).is_absolute() else argument


def _threads(jobs: int) -> str:
    """How many threads a worker's linear algebra may use; a single worker takes what the environment gives."""
    variable = "OMP_NUM_THREADS"
    return ONE_THREAD[variable] if jobs > 1 else os.environ.get(variable, "the library's default")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine() or "unknown"


def _commit() -> str | None:
    """The commit of the package's own checkout, and whether files differ from it; None where it is not in one."""
    top = _git("rev-parse", "--show-toplevel")
    commit = _git("rev-parse", "--short=12", "HEAD")
    if not top or not commit or Path(top).resolve() != ROOT.resolve():
        return None
    return commit + (", with changes" if _git("status", "--porcelain") else "")


def _git(*arguments: str) -> str | None:
    """What git answers; None where it fails or is not there."""
    try:
        return subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
