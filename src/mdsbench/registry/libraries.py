"""Optional libraries: whether those that a solver or a problem needs are installed."""

from importlib.util import find_spec

from mdsbench.errors import UsageError
from mdsbench.registry.registry import SOLVERS, SOURCES, Entry
from mdsbench.registry.spec import Spec, parse


def missing(solver: str) -> str:
    """The library that a solver or its gradient source needs and that is not installed; empty if there is none.

    Raises UsageError if there is no such solver or source.
    """
    return next((entry.needs[1] for entry in _entries(parse(solver)) if entry.needs and lacks(entry)), "")


def lacks(entry: Entry) -> str:
    """That the library of an entry is not installed, with the command that installs it; empty if it is."""
    if entry.needs is None or find_spec(entry.needs[0]):
        return ""
    return f"{entry.name} needs the library {entry.needs[1]}, which is not installed: {install(entry.needs[1])}"


def require(entry: Entry) -> None:
    """Raise UsageError, with the command that installs it, if the library of an entry is not installed."""
    if why := lacks(entry):
        raise UsageError(why)


def install(library: str) -> str:
    """The command that installs a library; it works where the package is installed and in a checkout."""
    return f"python -m pip install {library}"


def _entries(spec: Spec) -> list[Entry]:
    """The entries of a solver, of its source, and of the solver in its option `solver`."""
    found = SOLVERS.find(spec.name)
    entries = [found, SOURCES.find(spec.source.name)] if spec.source else [found]
    if "solver" in found.options:
        entries += _entries(parse(str(dict(spec.options).get("solver", found.options["solver"]))))
    return entries
