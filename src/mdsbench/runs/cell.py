"""A cell: what to run, in names and numbers only."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.registry.registry import PROBLEMS, SOLVERS, SOURCES, STARTS, STEPS, Registry
from mdsbench.registry.spec import Spec, Value, parse
from mdsbench.solvers import gradient_descent  # noqa: F401 - importing the package registers what cells can name


@dataclass(frozen=True)
class Cell:
    """A problem, a solver, a start, limits and a seed, by name, so that the cell travels to any worker.

    Two cells that mean the same are equal: the names are made canonical when the cell is made. Raises UsageError for a
    name that is not of the grammar.
    """

    problem: str
    solver: str
    start: str
    limits: Limits
    seed: int = 0

    def __post_init__(self) -> None:
        """Write the names in their canonical form."""
        for field, canonical in (("problem", _problem), ("solver", _solver), ("start", _start)):
            object.__setattr__(self, field, canonical(getattr(self, field)))

    @property
    def key(self) -> str:
        """Identifies the cell and the versions of its solver, gradient source and step rules: 16 hexadecimal digits."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()[:16]

    @property
    def canonical_json(self) -> str:
        """What the key is a hash of."""
        content = {
            "limits": limits_of(self.limits),
            "problem": _identity(self.problem),
            "seed": self.seed,
            "solver": self.solver,
            "start": self.start,
            "versions": self.versions,
        }
        return json.dumps(content, sort_keys=True)

    @property
    def versions(self) -> list[int]:
        """The versions of its solver, gradient source and step rules; raises UsageError if one does not exist."""
        spec = _parsed(self.solver)
        SOLVERS.find(spec.name)
        return _versions(spec)

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
    options = dict(_without_defaults(spec, PROBLEMS, keep="n").options)
    default = PROBLEMS[spec.name].options.get("n") if spec.name in PROBLEMS else None
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
    if spec.name not in registry or ":" in spec.name:  # what is in a user's file may change
        return spec
    defaults = registry[spec.name].options
    options: dict[str, Value] = {}
    for key, value in spec.options:
        default = defaults.get(key)
        number = float(value) if type(value) is int and isinstance(default, float) else value
        if key == keep or type(default) is not type(number) or default != number:
            options[key] = number
    return Spec(spec.name, spec.source, tuple(options.items()))


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


def _versions(spec: Spec) -> list[int]:
    """Of a solver, its gradient source and the step rules named in its options, at any depth."""
    found = [registry[spec.name].version for registry in (SOLVERS, STEPS) if spec.name in registry]
    if spec.source:
        found.append(SOURCES.find(spec.source.name).version)
    for option, value in spec.options:
        if isinstance(value, Spec | str):
            inner = value if isinstance(value, Spec) else Spec(value)
            if ":" in inner.name and option in NAMED_BY:
                NAMED_BY[option].find(inner.name)  # loads its file
            found += _versions(inner)
    return found
