"""The data files that ship with the package: their paths, and the best known losses in them."""

import json
from functools import cache
from math import nan
from pathlib import Path
from typing import Any, NamedTuple

UNKNOWN = "no best known value"


class BestKnown(NamedTuple):
    """The best known loss of a problem, NaN if there is none, and how it was found."""

    loss: float
    provenance: str


def data_file(name: str) -> Path:
    """The path of a data file."""
    return Path(__file__).parents[1] / "data" / name


@cache
def read_json(name: str) -> dict[str, Any]:
    """The content of a data file that is one JSON object."""
    content: dict[str, Any] = json.loads(data_file(name).read_text(encoding="utf-8"))
    return content


def best_known(name: str, key: str) -> BestKnown:
    """The entry of a problem, by its key, in a file of best known losses."""
    entry = read_json(name)["losses"].get(key)
    if entry is None:
        return BestKnown(nan, UNKNOWN)
    return BestKnown(entry["loss"], f"the lowest of {entry['starts']} starts; see data/README.md")
