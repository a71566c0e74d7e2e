"""What is known about the points of a problem, without running anybody's code."""

from mdsbench.errors import Failure, UsageError
from mdsbench.problems.problem import MapInfo, find_registered
from mdsbench.store.store import Store

OF_FILES = ("coordinates", "distances")  # maps of data files, which may be gone or other ones than they were


def info_of(store: Store, name: str, key: str, points: int) -> MapInfo | None:
    """What the pairs of variables of a problem are, if they are positions of points; `key` is one of its runs.

    If the data file of a map is gone or has changed, that there were points is all that is known.
    """
    try:
        info = find_registered(name).map
        if info and "file=" in name and not _is_same(store, key):
            info = _points_only(name, points)
    except (UsageError, Failure, OSError, ImportError, ValueError, MemoryError):
        info = _points_only(name, points)
    return info if info and info.points == points else None


def _points_only(name: str, points: int) -> MapInfo | None:
    """What remains known of a problem whose data are not there; None unless it is the map of a file."""
    head = name.partition("(")[0].partition("-")[0]
    return MapInfo(points=points, unit="", unit_length=1.0) if head in OF_FILES else None


def _is_same(store: Store, key: str) -> bool:
    """Whether the data file of a problem still holds what it held when the run was made."""
    cell = store.stored_as(key).cell
    return cell.of_versions(cell.versions).key == key
