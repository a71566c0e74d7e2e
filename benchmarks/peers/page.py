"""docs/performance.md, which the scripts beside this write section by section: what they measured, on what machine."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"


def machine(python: Path, packages: Sequence[str]) -> str:
    """The processor, its cores, and the versions that this Python has of itself and of these packages."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    code = (
        f"import sys; from importlib.metadata import version as v; print(sys.version.split()[0], *map(v, {packages}))"
    )
    python_version, *found = subprocess.check_output([python, "-c", code], text=True).split()
    versions = ", ".join(f"{name} {version}" for name, version in zip(packages, found, strict=True))
    return f"{model[1] if model else 'unknown CPU'}, {os.cpu_count()} cores; Python {python_version}, {versions}"


def write(heading: str, text: str, page: Path = PAGE) -> None:
    """Put the section in the place of the one with this heading (`## ...`), or at the end of the page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(f"{heading}\n")
    _, following, after = rest.partition("\n## ")
    page.write_text(f"{before.rstrip()}\n\n{heading}\n\n{text}{following}{after}", encoding="utf-8")
