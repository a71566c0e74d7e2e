"""Short labels of the versions of what cells name: `mine.py:s@3f2a`, `adam@2`."""

import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import NamedTuple

from mdsbench.store import rows

CHECKSUMS = 1_000  # a version from here on is a checksum: no solver here has so many versions
SHORT = 4  # hexadecimal digits of a checksum


class Version(NamedTuple):
    """What a cell names, and its versions: of a solver also those of its parts."""

    name: str
    numbers: tuple[int, ...]


class Versions(NamedTuple):
    """The versions of a cell, by what it names."""

    problem: Version
    solver: Version
    start: Version


def versions_of_row(problem: str, solver: str, start: str, text: str) -> Versions:
    """The versions of a cell from its row.

    The last numbers are those of the problem and the start, if they are a user's.
    """
    numbers = list(rows.versions_of_json(text))
    last = tuple(numbers.pop() for _ in range(_is_of_a_file(start)) if numbers)
    middle = tuple(numbers.pop() for _ in range(_is_of_a_file(problem)) if numbers)
    return Versions(Version(problem, middle), Version(solver, tuple(numbers)), Version(start, last))


def labels(wanted: Iterable[Version]) -> dict[Version, str]:
    """A label for each version; different versions of one name have different labels."""
    found = {version: _label(version, SHORT) for version in wanted}
    numbers: dict[str, set[tuple[int, ...]]] = {}
    for version, label in found.items():
        numbers.setdefault(label, set()).add(version.numbers)
    return {version: label if len(numbers[label]) == 1 else _label(version, 8) for version, label in found.items()}


def _label(version: Version, digits: int) -> str:
    told = [
        f"{number:08x}"[:digits] if number >= CHECKSUMS else str(number) for number in version.numbers if number != 1
    ]
    place, colon, name = _without_options(version.name).rpartition(":")
    short = f"{PurePath(place).name}{colon}{name}"
    return f"{short}@{'-'.join(told)}" if told else short


def _is_of_a_file(name: str) -> bool:
    """Whether the name is that of an object in a user's file or module."""
    return ":" in _without_options(name)


def _without_options(name: str) -> str:
    return re.split(r"\(", name, maxsplit=1)[0]
