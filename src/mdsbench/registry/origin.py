"""Whose code a name stands for: this package's, or a user's from a file, a module, an entry point or a session."""

from collections.abc import Iterator
from functools import cache

from mdsbench.registry.registry import PROBLEMS, SOLVERS, SOURCES, STARTS, STEPS, Registry
from mdsbench.registry.spec import Spec

KINDS = (PROBLEMS, STARTS, SOLVERS, SOURCES, STEPS)
DATA = ("file",)  # the options whose values are names of data, which is read and not run


def is_ours(registry: Registry, name: str) -> bool:
    """Whether this package registers the entry; a user's own comes from a file, a module, an entry point or a session.

    Raises UsageError if there is no such entry.
    """
    module: str = registry.find(name).function.__module__
    return ":" not in name and name not in registry.points() and module.startswith("mdsbench.")


def is_foreign(registry: Registry, spec: Spec) -> bool:
    """Whether a spec names code that this package does not register, itself or in its options. Nothing is loaded.

    A name that nothing is known of counts as foreign.
    """
    if _is_foreign_entry(registry, spec.name) or (spec.source and is_foreign(SOURCES, spec.source)):
        return True
    return any(_is_foreign_value(value) for option, value in _values(spec) if option not in DATA)


def _values(spec: Spec) -> Iterator[tuple[str, Spec]]:
    """The options that may name code."""
    for option, value in spec.options:
        if isinstance(value, Spec | str):
            yield option, value if isinstance(value, Spec) else Spec(value)


def _is_foreign_entry(registry: Registry, name: str) -> bool:
    entry = registry.get(name)
    if entry is None or ":" in name or name in _points(registry.kind):
        return True
    return not entry.function.__module__.startswith("mdsbench.")


def _is_foreign_value(spec: Spec) -> bool:
    """Whether the value of an option names foreign code. A word that names nothing is a word."""
    if ":" in spec.name or any(spec.name in _points(kind.kind) for kind in KINDS):
        return True
    if any(is_foreign(kind, spec) for kind in KINDS if spec.name in kind):
        return True
    return bool(spec.source and is_foreign(SOURCES, spec.source)) or any(
        _is_foreign_value(value) for option, value in _values(spec) if option not in DATA
    )


@cache
def _points(kind: str) -> frozenset[str]:
    """The names of the entry points of a kind; to list them takes a millisecond."""
    return frozenset(next(registry for registry in KINDS if registry.kind == kind).points())
