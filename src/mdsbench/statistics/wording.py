"""Numbers and lists as they stand in a sentence."""

from collections.abc import Sequence

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


def plural(number: float, kind: str) -> str:
    """A cost of some kind: "1 call", "1,712 evaluations"."""
    return f"{counted(number)} {kind}{'' if counted(number) == '1' else 's'}"


def kilometres(loss: float, places: MapInfo) -> str:
    """A loss as the distances' root mean square error in km, to three digits."""
    return rounded(float(typical_error(loss, places)))
