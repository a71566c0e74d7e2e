"""Short labels of the versions of solvers: `mine.py:s@3f2a`, `adam@2`."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from mdsbench.store import rows

CHECKSUMS = 1_000  # a version from here on is a checksum: no solver here has so many versions
SHORT = 4  # hexadecimal digits of a checksum

Pair = tuple[str, str]  # a solver, and its versions as a cell's row has them


def labels(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """A label for each pair of a solver and its versions; different versions of one solver have different labels."""
    wanted = set(pairs)
    found = {pair: _label(pair, SHORT) for pair in wanted}
    versions: dict[str, set[str]] = {}
    for pair, label in found.items():
        versions.setdefault(label, set()).add(pair[1])
    return {pair: label if len(versions[label]) == 1 else _label(pair, 8) for pair, label in found.items()}


def _label(pair: Pair, digits: int) -> str:
    solver, versions = pair
    told = [
        f"{number:08x}"[:digits] if number >= CHECKSUMS else str(number)
        for number in rows.versions_of_json(versions)
        if number != 1
    ]
    return f"{_name(solver)}@{'-'.join(told)}" if told else _name(solver)


def _name(solver: str) -> str:
    """The solver without its options, and of a file no more than its name."""
    place, colon, name = re.split(r"\(", solver, maxsplit=1)[0].rpartition(":")
    return f"{PurePath(place).name}{colon}{name}"
