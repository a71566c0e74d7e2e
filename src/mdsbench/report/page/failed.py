"""The runs that failed, grouped by their reasons."""

from typing import NamedTuple

import pandas as pd

from mdsbench.statistics.wording import without_folders

SHOWN = 3  # problems that are named
LONGEST = 300  # letters of a message


class Failed(NamedTuple):
    """Runs of one solver that ended in the same way with the same words."""

    solver: str
    ending: str
    message: str
    runs: int
    problems: list[str]
    more: int


def failed(runs: pd.DataFrame) -> list[Failed]:
    """The failures of the frame of runs, the most frequent first; the first lines of messages tell them apart."""
    bad = runs[runs["failed"]].copy()
    if not len(bad):
        return []
    bad["said"] = [without_folders(str(text or "").partition("\n")[0])[:LONGEST] for text in bad["message"]]
    found = []
    for (solver, ending, said), group in bad.groupby(["solver", "ending", "said"], sort=False):
        names = [without_folders(str(name)) for name in group["problem"].unique()]
        rest = max(0, len(names) - SHOWN)
        found.append(Failed(without_folders(str(solver)), str(ending), str(said), len(group), names[:SHOWN], rest))
    return sorted(found, key=lambda one: -one.runs)
