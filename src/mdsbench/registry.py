"""What there is to choose from, by name: decorators that fill dicts of frozen records."""

import inspect
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any, Literal, TypeVar

from mdsbench import foreign
from mdsbench.errors import UsageError
from mdsbench.spec import Spec

Uses = Literal["value", "gradient", "hessian"]
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

        `path.py:name` and `module:name` are loaded when they are first asked for; their version is their file's
        checksum.
        """
        if name not in self and ":" in name:
            self._load(name)
        if name not in self:
            raise UsageError(f"there is no {self.kind} {name!r}{nearest(name, self)}")
        return self[name]

    def bind(self, spec: Spec) -> Callable[..., Any]:
        """The function that a spec names, the spec's options filled in; raises UsageError."""
        found = self.find(spec.name)
        options = dict(spec.options)
        for option in options:
            if option not in found.options:
                raise UsageError(f"{found.name} has no option {option!r}{nearest(option, found.options)}")
        return partial(found.function, **options)

    def _load(self, text: str) -> None:
        function, version = foreign.load(text)
        for entry in list(self.values()):
            if entry.function is function:
                self[text] = replace(entry, name=text, version=version)
                return
        raise UsageError(f"{text} is no {self.kind}: decorate it with @{self.kind}(...)")


def nearest(word: str, words: Iterable[str]) -> str:
    """'; did you mean ...?' or, where nothing is near, '; there are ...'."""
    known = sorted(words)
    close = get_close_matches(word, known, n=1)
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
