"""A cell: what to run, in names and numbers only."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.registry.registry import PROBLEMS, SOLVERS, SOURCES, STARTS, STEPS, Registry
from mdsbench.registry.spec import Spec, parse, unlike
from mdsbench.solvers import gradient_descent  # noqa: F401 - importing the package registers what cells can name


@dataclass(frozen=True)
class Cell:
    """A problem, a solver, a start, limits and a seed, by name, so that the cell travels to any worker.

    Two cells that mean the same are equal: the names are made canonical when the cell is made. Raises UsageError for a
    name that is not of the grammar. A cell `as_stored` keeps the names, the key and the versions that it is given.
    """

    problem: str
    solver: str
    start: str
    limits: Limits
    seed: int = 0
    _stored: tuple[str, tuple[int, ...]] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def as_stored(
        cls, problem: str, solver: str, start: str, limits: Limits, seed: int, *, key: str, versions: Sequence[int]
    ) -> "Cell":
        """A cell with a key and versions of the past. Nothing is looked up, so no code of a user's is loaded."""
        cell = object.__new__(cls)
        fields = {"problem": problem, "solver": solver, "start": start, "limits": limits, "seed": seed}
        for name, value in {**fields, "_stored": (key, tuple(versions))}.items():
            object.__setattr__(cell, name, value)
        return cell

    def __post_init__(self) -> None:
        """Write the names in their canonical form."""
        for name, canonical in (("problem", _problem), ("solver", _solver), ("start", _start)):
            object.__setattr__(self, name, canonical(getattr(self, name)))

    @property
    def key(self) -> str:
        """Identifies the cell and the versions of what it names: 16 hexadecimal digits."""
        return self._stored[0] if self._stored else _hashed(self.canonical_json)

    @property
    def canonical_json(self) -> str:
        """What the key is a hash of."""
        return self._json(self.versions)

    def _json(self, versions: list[int]) -> str:
        content = {
            "limits": limits_of(self.limits),
            "problem": _identity(self.problem),
            "seed": self.seed,
            "solver": self.solver,
            "start": self.start,
            "versions": versions,
        }
        return json.dumps(content, sort_keys=True)

    @property
    def versions(self) -> list[int]:
        """The versions of its solver, gradient source and step rules, then of a problem and a start of the user's.

        A file that was edited counts as it is now. Raises UsageError if something does not exist.
        """
        if self._stored:
            return list(self._stored[1])
        versions = (_version(kind, name) for kind, name in self._named())
        return [version for version in versions if version is not None]

    @property
    def is_ours(self) -> bool:
        """Whether this package registers everything that the cell names. Loads nothing; raises UsageError as `key`."""
        return all(kind.is_ours(name) for kind, name in self._named())

    def fixed(self) -> "Cell":
        """The cell with its present key and versions, which later edits of files do not change; raises UsageError.

        Within `user_files.steady()` this is the identity of the code that runs.
        """
        return self.of_versions(self.versions)

    def of_versions(self, versions: Sequence[int]) -> "Cell":
        """The cell with these versions of what it names, and the key that they make."""
        key = _hashed(self._json(list(versions)))
        return Cell.as_stored(self.problem, self.solver, self.start, self.limits, self.seed, key=key, versions=versions)

    def _named(self) -> Iterator[tuple[Registry, str]]:
        """What the cell names, with its registry, in the order of the versions; of what does not exist, the solver."""
        solver = _parsed(self.solver)
        if not _is_known(SOLVERS, solver.name):
            yield SOLVERS, solver.name
        yield from _parts(solver, SOLVERS)
        for kind, name in ((PROBLEMS, _problem_name(self.problem)), (STARTS, _parsed(self.start).name)):
            if _is_known(kind, name):
                yield kind, name

    @property
    def label(self) -> str:
        """The cell in a few words, for messages."""
        return f"{self.problem} {self.solver} {self.start}"


NAMED_BY = {"step": STEPS, "solver": SOLVERS}  # the options whose values are names


# A campaign has many cells of few names.
@lru_cache(10_000)
def _parsed(text: str) -> Spec:
    return parse(text)


@lru_cache(10_000)
def _problem(text: str) -> str:
    """With the number of points or variables behind the name: `cities-34`, `sphere-2`."""
    spec = problem.spelled_out(text)
    here = problem.defaults(spec.name) if _is_here(PROBLEMS, spec.name) else None
    options = dict(spec.options if here is None else unlike(dict(spec.options), here, keep="n"))
    default = here.get("n") if here else None
    number = options.get("n", default)
    name = f"{spec.name}-{number}" if type(number) is int and number > 0 else spec.name
    if name != spec.name or number == default:
        options.pop("n", None)
    return str(Spec(name, options=tuple(options.items())))


@lru_cache(10_000)
def _solver(text: str) -> str:
    spec = _without_defaults(parse(text), SOLVERS)
    source = spec.source and _without_defaults(spec.source, SOURCES)
    return str(Spec(spec.name, source, spec.options))


@lru_cache(100_000)
def _start(text: str) -> str:
    return str(_without_defaults(parse(text), STARTS, keep="seed"))


def _without_defaults(spec: Spec, registry: Registry, keep: str = "") -> Spec:
    """The spec without the options that say what is the default; `keep` is an option that is always written."""
    if not _is_here(registry, spec.name):  # what is a user's may change
        return spec
    return Spec(spec.name, spec.source, tuple(unlike(dict(spec.options), registry[spec.name].options, keep).items()))


def _identity(name: str) -> str:
    """The name of the problem, with a hash of the data instead of the name of a data file."""
    return problem.find(name).name if "file=" in name else name


@lru_cache(100_000)
def _limits(limits: Limits) -> tuple[tuple[str, Any], ...]:
    return tuple((name, bound) for name, bound in asdict(limits).items() if bound is not None)


def limits_of(limits: Limits) -> Mapping[str, Any]:
    """The limits that are set, by name; a limit that is added to the program later leaves old keys as they are."""
    return dict(_limits(limits))


@lru_cache(100_000)
def limits_json(limits: Limits) -> str:
    """The limits that are set, as canonical JSON."""
    return json.dumps(limits_of(limits), sort_keys=True)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_here(registry: Registry, name: str) -> bool:
    """Whether this package registers the name."""
    return name in registry and registry[name].is_ours


def _is_known(registry: Registry, name: str) -> bool:
    """Whether a name is registered, or stands for what a file, a module or an installed package has."""
    return name in registry or registry.is_elsewhere(name)


def _parts(spec: Spec, place: Registry | None) -> Iterator[tuple[Registry, str]]:
    """What a solver's spec names: the solver, its gradient source and the step rules in its options, at any depth.

    `place` is what stands where the spec stands, None where it need not be a name.
    """
    for registry in (SOLVERS, STEPS):
        loaded = registry is place and _is_known(registry, spec.name)
        if loaded or (spec.name in registry and ":" not in spec.name):
            yield registry, spec.name
    if spec.source:
        yield SOURCES, spec.source.name
    for option, value in spec.options:
        if isinstance(value, Spec | str):
            yield from _parts(value if isinstance(value, Spec) else Spec(value), NAMED_BY.get(option))


def _problem_name(text: str) -> str:
    """The name of a problem without the number behind it."""
    name = _parsed(text).name
    return name if name in PROBLEMS else re.sub(r"-\d+$", "", name)


def _version(kind: Registry, name: str) -> int | None:
    """The version of an entry; None for a problem or a start of this package, whose versions are not in keys."""
    entry = kind.find(name)
    return None if entry.is_ours and (kind is PROBLEMS or kind is STARTS) else entry.version
