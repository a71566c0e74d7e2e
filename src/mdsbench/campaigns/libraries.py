"""Which optional libraries the solvers of a campaign need, and which of them are not installed."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec

from mdsbench.registry.registry import SOLVERS, SOURCES
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.cell import Cell

NEEDS = {"newuoa": "nlopt", "autodiff": "torch"}  # a solver or gradient source, and the module that it imports


def waiting(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    """The cells that cannot run, by the library that is missing."""
    found: dict[str, list[Cell]] = {}
    known: dict[str, str] = {}  # the missing library of a solver
    for cell in cells:
        if cell.solver not in known:
            known[cell.solver] = next((name for name in needed(cell.solver) if not _installed(name)), "")
        if known[cell.solver]:
            found.setdefault(known[cell.solver], []).append(cell)
    return found


def notice(library: str, cells: Iterable[Cell]) -> str:
    """What to tell of the cells that wait for a library."""
    listed = list(cells)
    solvers = ", ".join(dict.fromkeys(cell.solver for cell in listed))
    return (
        f"{solvers}: the library {library} is not installed, and {len(listed)} cells wait for it:"
        f" python -m pip install {library}"
    )


def needed(solver: str) -> list[str]:
    """The optional libraries that a solver imports."""
    return [NEEDS[name] for name in _names(parse(solver)) if name in NEEDS]


def _names(spec: Spec) -> Iterator[str]:
    """The names in a spec at any depth, those of inner solvers that are defaults among them."""
    yield spec.name
    if spec.source:
        yield from _names(spec.source)
    options = dict(spec.options)
    for registry in (SOLVERS, SOURCES):
        if spec.name in registry:
            options = {**registry[spec.name].options, **options}
    for value in options.values():
        if isinstance(value, Spec):
            yield from _names(value)
        elif isinstance(value, str) and value in SOLVERS:
            yield from _names(Spec(value))


def _installed(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except (ImportError, ValueError):
        return False
