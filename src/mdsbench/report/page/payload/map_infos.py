"""What is known about the points of a problem, without running anybody's code."""

import pandas as pd

from mdsbench.errors import Failure, UsageError
from mdsbench.problems.problem import MapInfo, find_registered
from mdsbench.store.store import Store

OF_FILES = ("coordinates", "distances")  # maps of data files, which may be gone or other ones than they were


def info_of(store: Store, run: "pd.Series[object]", points: int) -> MapInfo | None:
    """What the variables of a run with so many pairs of variables are, if they are positions of points.

    If the data file of a map is gone or has changed, that there were points is all that is known.
    """
    name, key = str(run["problem"]), str(run["key"])
    try:
        info = find_registered(name).map
        if info and "file=" in name and not _is_same(store, key):
            raise UsageError("the file has changed")
    except (UsageError, Failure, OSError, ImportError, ValueError, MemoryError):
        head = name.partition("(")[0].partition("-")[0]
        info = MapInfo(points=points, unit="", unit_length=1.0) if head in OF_FILES else None
    return info if info and info.points == points else None


def _is_same(store: Store, key: str) -> bool:
    """Whether the data file of a problem still holds what it held when the run was made."""
    cell = store.stored_as(key).cell
    return cell.of_versions(cell.versions).key == key
