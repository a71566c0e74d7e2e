"""Optional libraries: whether those that a solver needs are installed, asked before anything runs."""

from importlib.util import find_spec

from mdsbench.registry.registry import SOLVERS, SOURCES, Entry
from mdsbench.registry.spec import Spec, parse


def missing(solver: str) -> str:
    """What to install before a solver with its gradient source can run, in one line; empty if nothing is missing.

    Raises UsageError if there is no such solver or source.
    """
    return next((words for entry in _entries(parse(solver)) if (words := lacks(entry))), "")


def lacks(entry: Entry) -> str:
    """The library that an entry needs and that is not installed, with the command that installs it; else empty."""
    if entry.needs is None or find_spec(entry.needs[0]):
        return ""
    library, extra = entry.needs
    return f"{entry.name} needs the library {library}, which is not installed: pip install 'mdsbench[{extra}]'"


def _entries(spec: Spec) -> list[Entry]:
    """The entries of a solver, of its source, and of the solver in its option `solver`."""
    found = SOLVERS.find(spec.name)
    entries = [found, SOURCES.find(spec.source.name)] if spec.source else [found]
    if "solver" in found.options:
        entries += _entries(parse(str(dict(spec.options).get("solver", found.options["solver"]))))
    return entries
