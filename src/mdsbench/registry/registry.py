"""The registries of problems, starts, solvers, gradient sources and step rules, and the decorators that fill them."""

import inspect
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, partial
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
    """A named function with keyword-only options, and its reference.

    `uses` limits what it may evaluate: "value" makes it derivative-free. `version` increases with every change that
    alters a trace. A `floor` is a solver that every other must beat. The checks that a solver reaches a target do not
    apply to it, and its docstring says why. `bounds` is true for a solver that keeps to `oracle.bounds`.
    """

    name: str
    function: Callable[..., Any]
    uses: Uses
    reference: str
    version: int = 1
    floor: bool = False
    bounds: bool = False

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @cached_property
    def options(self) -> dict[str, Any]:
        """Each option with its default."""
        parameters = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    def annotation(self, option: str) -> Any:
        """The declared type of an option."""
        return inspect.signature(self.function).parameters[option].annotation


class Registry(dict[str, Entry]):
    """The entries of one kind."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def register(
        self,
        name: str,
        *,
        uses: Uses = "value",
        reference: str,
        version: int = 1,
        floor: bool = False,
        bounds: bool = False,
    ) -> Callable[[F], F]:
        """Decorate a function to register it under `name`; raises ValueError if the name exists."""

        def enter(function: F) -> F:
            if name in self:
                raise ValueError(f"there is a {self.kind} {name!r} already")
            self[name] = Entry(name, function, uses, reference, version, floor, bounds)
            return function

        return enter

    def find(self, name: str) -> Entry:
        """The entry of a name; raises UsageError, which suggests the nearest name.

        A name that is not registered may be an entry point of an installed package (`points`), `module:name` or
        `path.py:name`. Its function is loaded at the first call, and its version is the checksum of its file.
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
        """What a spec may evaluate; if it has an option `solver`, that solver determines it."""
        found = self.find(spec.name)
        if "solver" not in found.options:
            return found.uses
        return self.uses(parse(str(dict(spec.options).get("solver", found.options["solver"]))))

    def bind(self, spec: Spec) -> Callable[..., Any]:
        """The function that a spec names, with the spec's options bound; raises UsageError."""
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
        elif self.kind == "solver" and plugins.is_in_scipys_style(function):
            uses: Uses = "gradient" if plugins.takes_gradient(function) else "value"
            self[name] = Entry(name, plugins.adapt(function), uses, text, version)
        else:
            decorator = f"@mdsbench.{self.kind.replace(' ', '_')}(...)"
            raise UsageError(f"{text} is no {self.kind}: decorate it with {decorator}")


def _fitting(value: Any, wanted: Any, what: str) -> Any:
    """The value, if it has one of the plain types of an annotation; an integer may become a float. Else UsageError."""
    plain = [kind for kind in getattr(wanted, "__args__", (wanted,)) if kind in _WORDS]
    if not plain or type(value) in plain or (str in plain and isinstance(value, Spec)):
        return value
    if float in plain and type(value) is int:
        return float(value)
    raise UsageError(f"{what} takes {' or '.join(_WORDS[kind] for kind in plain)}, not {value}")


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}


def nearest(word: str, words: Iterable[str]) -> str:
    """'; did you mean ...?' or, if no word is near, '; there are ...'."""
    known = sorted(words)
    close = get_close_matches(word.lower(), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(known) or 'none'}"


PROBLEMS = Registry("problem")
STARTS = Registry("start")
SOLVERS = Registry("solver")
SOURCES = Registry("gradient source")
STEPS = Registry("step rule")


def solver(
    name: str,
    *,
    uses: Uses = "value",
    reference: str,
    version: int = 1,
    floor: bool = False,
    bounds: bool = False,
) -> Callable[[F], F]:
    """Register a solver.

    The function takes an oracle, the start `x`, which is read-only and has shape (dimension,), and a random generator.
    It is a generator that yields each iterate, or a plain function that calls the oracle and returns a message or None.
    Its keyword-only arguments are options, as in ``"halving(step=0.1)"``.

    Parameters
    ----------
    name : str
        The name of the solver in `minimize`, on the command line and in campaigns.
    uses : {"value", "gradient", "hessian", "residuals"}
        The most that the solver asks of the oracle. With "value" it is derivative-free.
    reference : str
        The paper, book or code that the solver comes from.
    version : int, optional
        Increase it with each change that alters a trace, because stored runs of the old version do not count any more.
    floor : bool, optional
        Whether the solver is a lower limit that every other solver must beat.
    bounds : bool, optional
        Whether the solver keeps to `oracle.bounds`, the lowest and the highest values of x, where a problem has them.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If another solver has that name.

    Examples
    --------
    >>> import mdsbench
    >>> @mdsbench.solver("halving", uses="gradient", reference="an example")
    ... def halving(oracle, x, rng, *, step=0.25):
    ...     "Gradient descent with a constant step."
    ...     while True:
    ...         x = x - step * oracle.gradient(x)
    ...         yield x
    >>> result = mdsbench.minimize("halving", "sphere-2", [3.0, 4.0], budget=100)
    >>> result.fun < 1e-9
    True
    """
    return SOLVERS.register(name, uses=uses, reference=reference, version=version, floor=floor, bounds=bounds)


def problem(name: str, *, reference: str, version: int = 1) -> Callable[[F], F]:
    """Register a problem.

    The function returns a `mdsbench.Problem`. Its keyword-only arguments are options. If one of them is `n`, then
    ``"bowl-3"`` is short for ``"bowl(n=3)"``.

    Parameters
    ----------
    name : str
        The name of the problem in `minimize` and in campaigns.
    reference : str
        The paper, book or data that the problem comes from.
    version : int, optional
        The version of the problem.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If another problem has that name.

    Examples
    --------
    >>> import mdsbench
    >>> @mdsbench.problem("bowl", reference="an example")
    ... def bowl(*, n=2):
    ...     "The sum of squares."
    ...     return mdsbench.Problem(
    ...         name=f"bowl-{n}",
    ...         dimension=n,
    ...         value=lambda x: float(x @ x),
    ...         value_and_gradient=lambda x: (float(x @ x), 2 * x),
    ...         best_known=0.0,
    ...         provenance="a sum of squares is not negative",
    ...     )
    >>> result = mdsbench.minimize("l-bfgs-b", "bowl-3", [1.0, 2.0, 3.0], budget=100)
    >>> result.fun < 1e-9
    True
    """
    return PROBLEMS.register(name, reference=reference, version=version)


def start(name: str, *, reference: str, version: int = 1) -> Callable[[F], F]:
    """Register a start.

    The function takes a `mdsbench.Problem` and returns the position at which a run begins, shape (dimension,). Its
    keyword-only arguments are options. A campaign gives each repetition another `seed` if that is one of them.

    Parameters
    ----------
    name : str
        The name of the start in campaigns.
    reference : str
        The paper, book or code that the start comes from.
    version : int, optional
        The version of the start.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If another start has that name.

    Examples
    --------
    >>> import numpy as np
    >>> import mdsbench
    >>> @mdsbench.start("ones", reference="an example")
    ... def ones(problem):
    ...     "Every variable 1."
    ...     return np.ones(problem.dimension)
    """
    return STARTS.register(name, reference=reference, version=version)


def step_rule(name: str, *, reference: str, version: int = 1) -> Callable[[F], F]:
    """Register a step rule.

    The function takes an oracle and returns a function ``(k, x, g, p) -> t``: the iteration from 0, the position, the
    gradient there and the direction give the length of the step. Its keyword-only arguments are options.

    Parameters
    ----------
    name : str
        The name of the step rule in the option `step` of a solver.
    reference : str
        The paper, book or code that the rule comes from.
    version : int, optional
        Increase it with each change that alters a trace, because stored runs of the old version do not count any more.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If another step rule has that name.

    Examples
    --------
    >>> import mdsbench
    >>> @mdsbench.step_rule("geometric", reference="an example")
    ... def geometric(oracle, *, ratio=0.9):
    ...     "Each step is shorter than the last by a constant ratio."
    ...     return lambda k, x, g, p: 0.2 * ratio**k
    >>> result = mdsbench.minimize("gd(step=geometric(ratio=0.95))", "sphere-2", [3.0, 4.0], budget=100)
    >>> result.fun < 1e-3
    True
    """
    return STEPS.register(name, reference=reference, version=version)


def gradient_source(name: str, *, uses: Uses = "value", reference: str, version: int = 1) -> Callable[[F], F]:
    """Register a gradient source.

    The function takes an oracle and a random generator. It returns an object that a solver can use as a gradient
    oracle, such as `mdsbench.solvers.gradient_sources.View`. Its keyword-only arguments are options.

    Parameters
    ----------
    name : str
        The name of the source in brackets after a solver, as in ``"adam[central-difference]"``.
    uses : {"value", "gradient"}
        The most that the source asks of the oracle. With "value" it is derivative-free.
    reference : str
        The paper, book or code that the source comes from.
    version : int, optional
        Increase it with each change that alters a trace, because stored runs of the old version do not count any more.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If another gradient source has that name.

    Examples
    --------
    >>> import numpy as np
    >>> import mdsbench
    >>> from mdsbench.solvers.gradient_sources import View
    >>> @mdsbench.gradient_source("wide-difference", uses="value", reference="an example")
    ... def wide_difference(oracle, rng, *, h=1e-3):
    ...     "Two-sided differences over a wide interval."
    ...     probes = h * np.eye(oracle.dimension)
    ...     def estimate(x):
    ...         return None, np.array([oracle.value(x + e) - oracle.value(x - e) for e in probes]) / (2 * h)
    ...     return View(oracle, estimate)
    >>> result = mdsbench.minimize("gd[wide-difference](step=0.25)", "sphere-2", [3.0, 4.0], budget=200)
    >>> result.fun < 1e-9
    True
    """
    return SOURCES.register(name, uses=uses, reference=reference, version=version)
