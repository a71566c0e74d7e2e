"""Whether a page says what its store says: every text with a query, and all that the page knows of every run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mdsbench.errors import Failure
from mdsbench.problems.problem import Array
from mdsbench.report.build import page_of
from mdsbench.report.page import written
from mdsbench.report.page.payload.by_run import RunData, by_run
from mdsbench.report.page.payload.payload import payload
from mdsbench.report.page.written import Written
from mdsbench.store.store import Store

EVERY_FRAME = 1e15  # bytes: no snapshot is left out
OF_RUNS = frozenset({"runs", "arrivals", "traces", "trajectories"})
NOT_OF_STORE = frozenset({"version", "made", "price", "maps", "lands", "sampled"})  # how it is shown, not what is known


@dataclass
class Verification:
    """How many texts and numbers were compared, and what differs: texts by query, runs by key, names by what they are.

    A difference is what the page has and what the store has; None where one of them has nothing.
    """

    numbers: int = 0
    texts: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    runs: dict[str, list[str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.texts or self.runs or self.others)


def verify(page: Path, store: Path) -> Verification:
    """Compare a page with a store; raises Failure if one of them cannot be read.

    The page is made anew from the store with its own campaign and price of a gradient, and its numbers are compared
    with the new ones. Positions on maps may differ by what they were rounded to.
    """
    old = written.read(page)
    made = old.data["made"]
    new = written.parsed(page_of(store, made["campaign"], made["gradient_cost"]))
    with Store.read(store) as opened:
        whole = payload(opened, made["campaign"], title=old.data["title"], most_bytes=EVERY_FRAME)
    found = Verification()
    _compare_texts(old, new, found)
    try:
        _compare_runs(by_run(old.data), by_run(whole), found)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Failure(f"the data of {page} are damaged ({error}): make it again with mdsbench report") from None
    _compare_names(old.data, whole, found)
    return found


def _compare_texts(old: Written, new: Written, found: Verification) -> None:
    for query in dict.fromkeys([*old.texts, *new.texts]):
        here, there = ("; ".join(one.texts[query]) if query in one.texts else None for one in (old, new))
        found.numbers += sum(any(letter.isdigit() for letter in word) for word in (here or "").split())
        if here != there:
            found.texts[query] = here, there


def _compare_runs(old: Mapping[str, RunData], new: Mapping[str, RunData], found: Verification) -> None:
    for key in dict.fromkeys([*old, *new]):
        if key not in old or key not in new:
            found.runs[key] = ["missing from the page" if key in new else "missing from the store"]
            continue
        found.numbers += sum(np.size(value) for value in old[key].values())
        if parts := list(_differing(old[key], new[key])):
            found.runs[key] = parts


def _differing(old: RunData, new: RunData) -> Iterator[str]:
    """The names of what differs in a run."""
    for name, value in old.items():
        if name in ("frames", "positions", "quantum"):
            continue
        same = _same(value, new[name]) if isinstance(value, (np.ndarray, float)) else value == new[name]
        if not same:
            yield name
    if "frames" in old and not _moves_alike(old, new):
        yield "positions"


def _moves_alike(old: RunData, new: RunData) -> bool:
    """Whether each frame of the page is a snapshot of the store, with its positions and loss."""
    if "frames" not in new:
        return False
    at = {row.tobytes(): k for k, row in enumerate(new["frames"])}
    places = [at.get(row.tobytes()) for row in old["frames"]]
    if None in places:
        return False
    far = np.abs(old["positions"] - new["positions"][np.array(places, int)])
    quantum = max(old["quantum"], new["quantum"])
    return bool(np.all((far <= quantum) | np.isnan(old["positions"])))


def _compare_names(old: Mapping[str, Any], new: Mapping[str, Any], found: Verification) -> None:
    """Solvers, problems, targets and facts, entry by entry."""
    for name in old:
        if name in OF_RUNS | NOT_OF_STORE:
            continue
        here, there = old[name], new.get(name)
        if isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
            pairs = [(f"{name}: {_name(a)}", a, b) for a, b in zip(here, there, strict=True)]
        else:
            pairs = [(name, here, there)]
        found.others += [what for what, a, b in pairs if a != b]


def _name(entry: Any) -> str:
    return str(entry["name"]) if isinstance(entry, dict) and "name" in entry else str(entry)


def _same(here: Array | float, there: Array | float) -> bool:
    return np.shape(here) == np.shape(there) and bool(np.array_equal(here, there, equal_nan=True))
