"""The measured parts of the pages in docs/: tables, and the machine that they were measured on.

The prose of a page is in the page. A script replaces only what is between `<!-- table: NAME -->` and `<!-- end -->`.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PERFORMANCE = ROOT / "docs" / "performance.md"


def processor() -> str:
    """The processor and its number of cores."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return f"{model[1] if model else 'unknown CPU'}, {os.cpu_count()} cores"


def machine(python: Path, packages: Sequence[str]) -> str:
    """The processor, and the versions of a Python and of packages that are installed for it."""
    code = (
        f"import sys; from importlib.metadata import version as v; print(sys.version.split()[0], *map(v, {packages}))"
    )
    python_version, *found = subprocess.check_output([python, "-c", code], text=True).split()
    versions = ", ".join(f"{name} {version}" for name, version in zip(packages, found, strict=True))
    return f"{processor()}; Python {python_version}, {versions}."


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown. The first column is aligned left and the others right."""
    rule = "|---|" + "--:|" * (len(header) - 1)
    return "\n".join([_line(header), rule, *map(_line, rows)])


def replace(name: str, measured: str, page: Path = PERFORMANCE) -> None:
    """Write what was measured between the markers of this name. A page without them, or with two pairs, is refused."""
    begin, end = f"<!-- table: {name} -->", "<!-- end -->"
    before, *after = page.read_text(encoding="utf-8").split(f"{begin}\n")
    if len(after) != 1 or end not in after[0]:
        raise ValueError(f"{page.name} must have {begin} once, alone on its line, and {end} below it")
    rest = after[0][after[0].index(end) :]
    page.write_text(f"{before}{begin}\n{measured.strip()}\n{rest}", encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
