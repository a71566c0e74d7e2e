"""Numbers and lists as they stand in a sentence."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mdsbench.problems.problem import MapInfo
from mdsbench.statistics.units import typical_error


def listed(items: Sequence[str], last: str = "and") -> str:
    """One, two and three."""
    return f" {last} ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else ""


def share(part: int, whole: int) -> str:
    """So many of all: "none of 4", "3 of 4", "all 4"."""
    return f"none of {whole}" if not part else f"all {whole}" if part == whole else f"{part} of {whole}"


def times(more: float, less: float) -> str:
    """How many times as much: "2.50 times"."""
    return f"{rounded(more / less)} times"


def rounded(number: float) -> str:
    """Three digits, and all of those before the decimal point."""
    decimals = 0 if number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:,.{decimals}f}"


def counted(number: float) -> str:
    """A cost: whole, unless it is so small that its parts matter."""
    return f"{number:,.0f}" if number >= 9.95 or number == round(number) else f"{number:.2g}"


def amount(number: float) -> str:
    """A cost as `counted`, in powers of ten from ten million on: "1,255", "1.23e9"."""
    if number < 1e7:
        return counted(number)
    digits, _, power = f"{number:.2e}".partition("e+")
    return f"{digits}e{int(power)}"


def gap_in_words(target: float) -> str:
    """A relative gap: "0.01", "1e-6"."""
    return re.sub(r"e-0*", "e-", f"{target:g}")


def plural(number: float, kind: str) -> str:
    """A cost of some kind: "1 call", "1,712 evaluations"."""
    return f"{counted(number)} {kind}{'' if counted(number) == '1' else 's'}"


def kilometres(loss: float, places: MapInfo) -> str:
    """A loss as the distances' root mean square error in km, to three digits."""
    return rounded(float(typical_error(loss, places)))


LEAST = 0.01  # mm
UNITS = {"km": 1.0, "m": 1e-3, "mm": 1e-6}  # in km


def unit_for(km: float) -> str:
    """The unit of length in which so many km are a number from 1 on; the smallest one if there is none."""
    return next((unit for unit, size in UNITS.items() if km >= size), "mm")


def length(km: float) -> str:
    """A length with its unit: "1,234 km", "12.3 m", "0.25 mm"."""
    unit = unit_for(km)
    number = km / UNITS[unit]
    return f"{rounded(number)} {unit}" if number >= LEAST or np.isnan(number) else f"less than {LEAST} {unit}"


FOLDERS = re.compile(
    r"""(?<![\w./\\])(?:[A-Za-z]:)?[\\/](?:[^\\/\s'"()\[\]=,:]+[\\/])+"""  # of an absolute path
    r"""|(?:[^\\/\s'"()\[\]=,:]+|(?<![\w])[A-Za-z]:)?(?:[\\/][^\\/\s'"()\[\]=,:]+)*[\\/](?=[^\\/\s'"()\[\]=,:]+\.py\b)"""
)


DATA_FILE = re.compile(r"""(\bfile="?)[^",()]*[\\/]""")  # in the name of a problem


def without_folders(text: str) -> str:
    """A text in which each file has its name only: a page names no folder of the machine that made it."""
    for folder in (Path.cwd(), Path.home(), Path(tempfile.gettempdir())):  # also those with blanks in their names
        if folder != Path(folder.anchor):
            here = rf"(?<![\w.]){re.escape(str(folder))}"
            text = re.sub(rf"{here}(?![\w./\\-])", "…", re.sub(rf"{here}[/\\]", "", text))
    return FOLDERS.sub("", DATA_FILE.sub(r"\1", text))
