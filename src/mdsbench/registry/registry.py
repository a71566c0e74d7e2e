"""What there is to choose from, by name: decorators that fill dicts of frozen records."""

import inspect
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from importlib.metadata import entry_points
from typing import Any, Literal, TypeVar

from mdsbench.errors import UsageError
from mdsbench.registry import plugins
from mdsbench.registry.spec import Spec, parse

Uses = Literal["value", "gradient", "hessian", "residuals"]
Iterates = Generator[Any, None, str | None]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry:
    """A named function with keyword-only options, and where it comes from.

    `uses` is the most that it may ask of an oracle: "value" makes it derivative-free. A change that alters any trace
    raises `version`. A `floor` is a solver that every other must beat: it is exempt from the promises to reach
    something, and its docstring says why.
    """

    name: str
    function: Callable[..., Any]
    uses: Uses
    reference: str
    version: int = 1
    floor: bool = False

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def options(self) -> dict[str, Any]:
        """Each option with its default."""
        parameters = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    def annotation(self, option: str) -> Any:
        """The type that an option is declared to have."""
        return inspect.signature(self.function).parameters[option].annotation


class Registry(dict[str, Entry]):
    """The entries of one kind."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def register(
        self, name: str, *, uses: Uses = "value", reference: str, version: int = 1, floor: bool = False
    ) -> Callable[[F], F]:
        """Decorate a function to enter it under `name`; raises ValueError where the name is taken."""

        def enter(function: F) -> F:
            if name in self:
                raise ValueError(f"there is a {self.kind} {name!r} already")
            self[name] = Entry(name, function, uses, reference, version, floor)
            return function

        return enter

    def find(self, name: str) -> Entry:
        """The entry of that name; raises UsageError, which proposes the nearest.

        What is not registered may be somebody else's: the name of an entry point that an installed package declares
        (`points`), `module:name` or `path.py:name`. It is loaded when it is first asked for, and its version is its
        file's checksum.
        """
        if name not in self:
            text = name if ":" in name else self.points().get(name)
            if text:
                self._load(name, text)
        if name.endswith(".py"):
            raise UsageError(f"{name} is a file: write {name}:NAME for the {self.kind} NAME in it")
        if name not in self:
            raise UsageError(f"there is no {self.kind} {name!r}{nearest(name, self)}")
        return self[name]

    def uses(self, spec: Spec) -> Uses:
        """The most that a spec may ask: what its own option `solver` names, where it has one, asks for it."""
        found = self.find(spec.name)
        if "solver" not in found.options:
            return found.uses
        return self.uses(parse(str(dict(spec.options).get("solver", found.options["solver"]))))

    def bind(self, spec: Spec) -> Callable[..., Any]:
        """The function that a spec names, the spec's options filled in; raises UsageError."""
        found = self.find(spec.name)
        options = dict(spec.options)
        for option, value in options.items():
            if option not in found.options:
                raise UsageError(f"{found.name} has no option {option!r}{nearest(option, found.options)}")
            options[option] = _fitting(value, found.annotation(option), f"{found.name}: {option}")
        for option, default in found.options.items():
            if default is inspect.Parameter.empty and option not in options:
                raise UsageError(f"{found.name} needs its option {option}: {found.name}({option}=...)")
        return partial(found.function, **options)

    def points(self) -> dict[str, str]:
        """The entry points that installed packages declare for this kind, in the group `mdsbench.KINDs`."""
        group = f"mdsbench.{self.kind.replace(' ', '_')}s"
        return {point.name: point.value for point in entry_points(group=group)}

    def _load(self, name: str, text: str) -> None:
        function, version = plugins.load(text)
        entered = next((entry for entry in self.values() if entry.function is function), None)
        if entered:
            self[name] = replace(entered, name=name, version=version)
        elif self.kind == "solver" and callable(function) and not inspect.isgeneratorfunction(function):
            uses: Uses = "gradient" if plugins.takes_gradient(function) else "value"
            self[name] = Entry(name, plugins.adapt(function), uses, text, version)
        else:
            raise UsageError(f"{text} is no {self.kind}: decorate it with @mdsbench.{self.kind}(...)")


def _fitting(value: Any, wanted: Any, what: str) -> Any:
    """The value where it has one of the plain types that are wanted, an integer also as a decimal; or UsageError."""
    plain = [kind for kind in getattr(wanted, "__args__", (wanted,)) if kind in _WORDS]
    if not plain or type(value) in plain or (str in plain and isinstance(value, Spec)):
        return value
    if float in plain and type(value) is int:
        return float(value)
    raise UsageError(f"{what} takes {' or '.join(_WORDS[kind] for kind in plain)}, not {value}")


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}


def nearest(word: str, words: Iterable[str]) -> str:
    """'; did you mean ...?' or, where nothing is near, '; there are ...'."""
    known = sorted(words)
    close = get_close_matches(word.lower(), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(known) or 'none'}"


PROBLEMS = Registry("problem")
problem = PROBLEMS.register
STARTS = Registry("start")
start = STARTS.register
SOLVERS = Registry("solver")
solver = SOLVERS.register
SOURCES = Registry("gradient source")
source = SOURCES.register
STEPS = Registry("step rule")
step_rule = STEPS.register
