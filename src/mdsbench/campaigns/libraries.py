"""The cells of a campaign that wait for an optional library."""

from collections.abc import Iterable
from functools import cache

from mdsbench.registry.libraries import install, missing
from mdsbench.runs.cell import Cell


def waiting(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    """The cells that cannot run, by the library that is missing."""
    found: dict[str, list[Cell]] = {}
    missing_of = cache(missing)
    for cell in cells:
        if library := missing_of(cell.solver):
            found.setdefault(library, []).append(cell)
    return found


def notice(library: str, cells: Iterable[Cell]) -> str:
    """What to tell of the cells that wait for a library."""
    listed = list(cells)
    solvers = ", ".join(dict.fromkeys(cell.solver for cell in listed))
    return f"{solvers}: the library {library} is not installed, and {len(listed)} cells wait for it: {install(library)}"
