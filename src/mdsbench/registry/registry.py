"""The registries of problems, their variants, starts, solvers, gradient sources and step rules."""

import inspect
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, partial
from importlib.metadata import entry_points
from typing import Any, Literal, TypeVar

from mdsbench.errors import UsageError
from mdsbench.registry import plugins, user_files
from mdsbench.registry.fingerprint import fingerprint
from mdsbench.registry.spec import Spec, parse

Uses = Literal["comparison", "value", "directional", "gradient", "hessian", "residuals"]
DERIVATIVE_FREE: tuple[Uses, ...] = ("comparison", "value")
Iterates = Generator[Any, None, str | None]
F = TypeVar("F", bound=Callable[..., Any])
OURS = "mdsbench."  # what the names of this package's modules begin with


@dataclass(frozen=True)
class Entry:
    """A named function with keyword-only options, and its reference.

    `uses` limits what it may evaluate: "comparison" and "value" make it derivative-free. `version` increases with every
    change that alters a trace. A `floor` is a solver that every other must beat. The checks that a solver reaches a
    target do not apply to it, and its docstring says why. `bounds` is true for a solver that keeps to `oracle.bounds`.
    `home` is where it was registered: a module of this package, a user's file, the name of a session's module, or
    `FILE.py:NAME`. `needs` is the module of an optional library that it imports and the package that installs it.
    `plain` is true as long as the function is a plain callable, of which `Registry.find` makes the entry's function.
    """

    name: str
    function: Callable[..., Any]
    uses: Uses
    reference: str
    version: int = 1
    floor: bool = False
    bounds: bool = False
    home: str = ""
    needs: tuple[str, str] | None = None
    plain: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether this package registers it."""
        return self.home.startswith(OURS) and ":" not in self.home

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @cached_property
    def options(self) -> dict[str, Any]:
        """Each option with its default."""
        parameters = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    def bind(self, options: Mapping[str, Any]) -> Callable[..., Any]:
        """The function with these options; raises UsageError for one that it does not have, or of another type."""
        given = dict(options)
        for option, value in given.items():
            if option not in self.options:
                raise UsageError(f"{self.name} has no option {option!r}{nearest(option, self.options)}")
            given[option] = _fitting(value, self.annotation(option), f"{self.name}: {option}")
        for option, default in self.options.items():
            if default is inspect.Parameter.empty and option not in given:
                raise UsageError(f"{self.name} needs its option {option}: {self.name}({option}=...)")
        return partial(self.function, **given)

    def annotation(self, option: str) -> Any:
        """The declared type of an option."""
        return inspect.signature(self.function).parameters[option].annotation


class Registry(dict[str, Entry]):
    """The entries of one kind."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._decorated: list[Entry] = []  # every function that is entered, also one whose name belongs to another file
        self._loaded: dict[str, tuple[Any, int]] = {}  # the objects and versions behind the names that were loaded
        self._adapt: Callable[[Any], Callable[..., Any]] | None = None
        self._why_not: Callable[[Any], str] = lambda _: ""

    def register(
        self,
        name: str,
        *,
        uses: Uses = "value",
        reference: str,
        version: int = 1,
        floor: bool = False,
        bounds: bool = False,
        needs: tuple[str, str] | None = None,
        is_plain: Callable[[Any], bool] = lambda _: False,
    ) -> Callable[[F], F]:
        """Decorate a function to register it under `name`.

        What the same file or the same session registered under that name is replaced. `is_plain` says whether the
        decorated function is a plain callable. Raises ValueError if the name belongs to this package or to another
        file.
        """

        def enter(function: F) -> F:
            home = _home(sys._getframe(1).f_globals)
            made = Entry(
                name, function, uses, reference, version, floor, bounds, home, needs=needs, plain=is_plain(function)
            )
            self._enter(made if made.is_ours else replace(made, version=fingerprint(function, version)))
            return function

        return enter

    def _enter(self, entry: Entry) -> None:
        """Let the entry have its name, if no other has a better right to it; raises ValueError."""
        if ":" in entry.name or parse(entry.name) != Spec(entry.name):
            raise ValueError(f"{entry.name!r} is no name for a {self.kind}: take one word without brackets and colons")
        held = self.get(entry.name)
        if held and held.is_ours:
            raise ValueError(
                f"there is a {self.kind} {entry.name!r} already, which mdsbench registers: take another name"
            )
        if held and held.home != entry.home and not user_files.is_loading():
            raise ValueError(f"there is a {self.kind} {entry.name!r} already, which {held.home} registers")
        self._decorated = [e for e in self._decorated if (e.name, e.home) != (entry.name, entry.home)]
        self._decorated.append(entry)
        if not held or held.home == entry.home:  # else it is known by FILE.py:NAME alone
            self[entry.name] = entry

    def adapter(self, why_not: Callable[[Any], str]) -> Callable[[F], F]:
        """Decorate what makes the function of an entry from a plain callable; `why_not` says why it cannot be one."""

        def enter(adapt: F) -> F:
            self._adapt, self._why_not = adapt, why_not
            return adapt

        return enter

    def is_ours(self, name: str) -> bool:
        """Whether this package registers the entry, not a user's file, a module, an entry point or a session.

        Loads nothing. Raises UsageError if there is no such entry.
        """
        if self.is_elsewhere(name):
            return False
        return self.find(name).is_ours

    def is_elsewhere(self, name: str) -> bool:
        """Whether a name stands for something in a file, in a module or in an installed package."""
        return ":" in name or name in self._loaded or (name not in self and name in self.points())

    def find(self, name: str) -> Entry:
        """The entry of a name; raises UsageError, which suggests the nearest name.

        A name that is not registered may be an entry point of an installed package (`points`), `module:name` or
        `path.py:name`. Its function is loaded at the first call, and again when its file was edited. Its version is
        the checksum of the file and of the neighbours that the file imports.
        """
        if ":" in name:
            self._load(name, name)
        elif name not in self and (text := self.points().get(name)):
            self._load(name, text)
        if name.endswith(".py"):
            raise UsageError(f"{name} is a file: write {name}:NAME for the {self.kind} NAME in it")
        if name not in self:
            raise UsageError(f"there is no {self.kind} {name!r}{nearest(name, self)}")
        if self[name].plain and self._adapt:
            self[name] = replace(self[name], function=self._adapt(self[name].function), plain=False)
        return self[name]

    def entry_of(self, function: Callable[..., Any]) -> Entry:
        """The entry of a callable, decorated or plain, under its own name; nothing is registered. Raises UsageError."""
        name = name_of(function)
        return self._decorated_as(function) or self._plain(name, function, fingerprint(function), _home_of(function))

    def uses(self, spec: Spec) -> Uses:
        """What a spec may evaluate; if it has an option `solver`, that solver determines it."""
        found = self.find(spec.name)
        if "solver" not in found.options:
            return found.uses
        return self.uses(parse(str(dict(spec.options).get("solver", found.options["solver"]))))

    def bind(self, spec: Spec) -> Callable[..., Any]:
        """The function that a spec names, with the spec's options bound; raises UsageError."""
        return self.find(spec.name).bind(dict(spec.options))

    def points(self) -> dict[str, str]:
        """The entry points that installed packages declare for this kind, in the group `mdsbench.KINDs`."""
        group = f"mdsbench.{self.kind.replace(' ', '_')}s"
        return {point.name: point.value for point in entry_points(group=group)}

    def _load(self, name: str, text: str) -> None:
        function, version = plugins.load(text)
        held = self._loaded.get(name)
        if held and held[0] is function and held[1] == version and name in self:
            return
        found = self._decorated_as(function)
        if found:
            self[name] = replace(found, name=name, version=version, home=text)
        else:
            self[name] = self._plain(name, function, version, text)
        self._loaded[name] = function, version

    def _decorated_as(self, function: Any) -> Entry | None:
        """The newest entry that a decorator made of this function."""
        return next((entry for entry in reversed(self._decorated) if entry.function is function), None)

    def _plain(self, name: str, function: Any, version: int, home: str) -> Entry:
        """The entry of a plain callable; raises UsageError."""
        if self._adapt is None:
            decorator = f"@mdsbench.{self.kind.replace(' ', '_')}(...)"
            raise UsageError(f"{name} is no {self.kind}: decorate it with {decorator}")
        if why := self._why_not(function):
            raise UsageError(f"{name} {why}")
        uses: Uses = "gradient" if plugins.takes_gradient(function) else "value"
        return Entry(name, self._adapt(function), uses, home, version, home=home)


def name_of(function: Any) -> str:
    """What a callable is called: the name of a function, or of what a partial function or an object is made from."""
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def _home_of(function: Any) -> str:
    while isinstance(function, partial):
        function = function.func
    return f"{getattr(function, '__module__', type(function).__module__)}:{name_of(function)}"


def _home(module: Mapping[str, Any]) -> str:
    """Where code with these globals stands."""
    name = str(module.get("__name__", ""))
    return name if name.startswith(OURS) else str(module.get("__file__", name))


def _fitting(value: Any, wanted: Any, what: str) -> Any:
    """The value, if it has one of the plain types of an annotation; an integer may become a float. Else UsageError."""
    plain = [kind for kind in getattr(wanted, "__args__", (wanted,)) if kind in _WORDS]
    if not plain or type(value) in plain or (str in plain and isinstance(value, Spec)) or callable(value):
        return value  # a callable comes from Python: a user's step rule
    if float in plain and type(value) is int:
        return float(value)
    raise UsageError(f"{what} takes {' or '.join(_WORDS[kind] for kind in plain)}, not {value}")


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}


def nearest(word: str, words: Iterable[str], otherwise: str = "") -> str:
    """'; did you mean ...?', whatever the case or, if no word is near, '; there are: ...' or what is said otherwise."""
    known = {known.lower(): known for known in sorted(words)}
    close = get_close_matches(word.lower(), known, n=1)
    if close:
        return f"; did you mean {known[close[0]]!r}?"
    return f"; {otherwise or 'there are: ' + (', '.join(known.values()) or 'none')}"


PROBLEMS = Registry("problem")
VARIANTS = Registry("variant")
STARTS = Registry("start")
SOLVERS = Registry("solver")
SOURCES = Registry("gradient source")
STEPS = Registry("step rule")
