"""The decorators that register problems, their variants, starts, solvers, gradient sources and step rules."""

from collections.abc import Callable, Mapping
from typing import Any

from mdsbench.registry import plugins
from mdsbench.registry.registry import PROBLEMS, SOLVERS, SOURCES, STARTS, STEPS, VARIANTS, F, Uses, name_of


def solver(
    name: str,
    *,
    uses: Uses = "value",
    reference: str,
    version: int = 1,
    floor: bool = False,
    bounds: bool = False,
    needs: tuple[str, str] | None = None,
) -> Callable[[F], F]:
    """Register a solver.

    The function takes an oracle, the start `x`, which is read-only and has shape (dimension,), and a random generator.
    It is a generator that yields each iterate, or a plain function that calls the oracle and returns a message or None.
    Its keyword-only arguments are options, as in ``"halving(step=0.1)"``.

    Parameters
    ----------
    name : str
        The name of the solver in `minimize`, on the command line and in campaigns.
    uses : {"comparison", "value", "directional", "gradient", "hessian", "residuals"}
        The most that the solver asks of the oracle. With "value" it is derivative-free; with "comparison" it learns
        only which of two points is lower, from ``oracle.below(x, y)``. With "directional" it asks
        ``oracle.directional_derivative(x, v)``.
    reference : str
        The paper, book or code that the solver comes from.
    version : int, optional
        Increase it with each change that alters a trace, because stored runs of the old version do not count any more.
    floor : bool, optional
        Whether the solver is a lower limit that every other solver must beat.
    bounds : bool, optional
        Whether the solver keeps to `oracle.bounds`, the lowest and the highest values of x, where a problem has them.
    needs : (str, str), optional
        The module of a library that not everyone has, which the solver imports, and the package that installs it.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If a solver of mdsbench or of another file has that name; the same file or session may replace it.

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
    return SOLVERS.register(
        name, uses=uses, reference=reference, version=version, floor=floor, bounds=bounds, needs=needs
    )


def problem(
    name: Any = None,
    *,
    reference: str = "",
    version: int = 1,
    needs: tuple[str, str] | None = None,
    dimension: int | None = None,
    x0: Any = None,
    bounds: Any = None,
    jac: Callable[..., Any] | bool | None = None,
    hess: Callable[..., Any] | None = None,
    hessp: Callable[..., Any] | None = None,
    residuals: Callable[..., Any] | None = None,
    jacobian: Callable[..., Any] | None = None,
    batch_gradient: Callable[..., Any] | None = None,
    terms: int | None = None,
    noise: float | None = None,
    repeats: int | None = None,
    smoothness: float | None = None,
    best_known: float | None = None,
) -> Callable[[F], F]:
    """Declare a function of x to be a problem, or register a function that returns a `mdsbench.Problem`.

    A function of x, shape (dimension,), returns a number. Its name in campaigns and on the command line is
    ``"FILE.py:NAME"``, with options if wanted: ``"FILE.py:NAME(dimension=40)"``. Its parameters after x are options
    too. What is declared becomes attributes of the function, such as ``loss.jac``, which can be set without the
    decorator.

    A function that returns a Problem takes keyword-only arguments, which are options. If one of them is `n`, then
    ``"bowl-3"`` is short for ``"bowl(n=3)"``. It needs a name and a reference, and none of what is declared below
    `needs`.

    Parameters
    ----------
    name : str, optional
        The name of the problem in `minimize` and in campaigns, besides ``"FILE.py:NAME"``.
    reference : str, optional
        The paper, book or data that the problem comes from.
    version : int, optional
        The version of the problem.
    needs : (str, str), optional
        The module of a library that not everyone has, which the problem imports, and the package that installs it.
    dimension : int, optional
        The number of variables. It may be left out where `x0` or `bounds` tell it, or where the name does.
    x0 : array_like, optional
        The start, shape (dimension,), or several, shape (points, dimension).
    bounds : (low, high), sequence of pairs or scipy.optimize.Bounds, optional
        The lowest and the highest value of every variable, or of each; None is no bound.
    jac : callable or True, optional
        The gradient, ``jac(x)``. If True, the function returns the value and the gradient.
    hess, hessp : callable, optional
        The Hessian ``hess(x)``, or its product with a vector, ``hessp(x, v)``.
    residuals, jacobian : callable, optional
        The residuals whose sum of squares the function is, and their derivatives, shape (residuals, dimension).
    batch_gradient : callable, optional
        An estimate of the gradient from some terms of a sum, ``batch_gradient(x, indices)``.
    terms : int, optional
        The number of terms of that sum.
    noise : float, optional
        The standard deviation of the noise of a value. The result of a run is then valued again, `repeats` times.
    repeats : int, optional
        The calls of the budget that are kept to value the result again; 10 by default if there is noise.
    smoothness : float, optional
        L, the Lipschitz constant of the gradient, for the step 1/L.
    best_known : float, optional
        The lowest value known.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If a problem of mdsbench or of another file has that name; the same file or session may replace it. If a
        function that returns a Problem has no name or no reference.

    Examples
    --------
    >>> import mdsbench
    >>> @mdsbench.problem("valley", dimension=2, x0=[-1.2, 1.0], bounds=(-2, 2))
    ... def valley(x, *, steep=100.0):
    ...     return steep * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    >>> result = mdsbench.minimize("nelder-mead", "valley(steep=10)", [-1.2, 1.0], budget=300)
    >>> result.x.round(3).tolist()
    [1.0, 1.0]
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
    given = {
        **{"dimension": dimension, "x0": x0, "bounds": bounds, "jac": jac, "hess": hess, "hessp": hessp},
        **{"residuals": residuals, "jacobian": jacobian, "batch_gradient": batch_gradient, "terms": terms},
        **{"noise": noise, "repeats": repeats, "smoothness": smoothness, "best_known": best_known},
    }
    declared = {key: value for key, value in given.items() if value is not None}
    if callable(name):  # @problem without parentheses
        _declare(name, {}, named=False)
        return name  # type: ignore[no-any-return]
    if name is None:

        def nameless(function: F) -> F:
            _declare(function, declared, named=False)
            return function

        return nameless

    def is_plain(function: Any) -> bool:
        return _declare(function, declared, named=bool(reference))

    return PROBLEMS.register(
        name, reference=reference or "a user's function", version=version, needs=needs, is_plain=is_plain
    )


def _declare(function: Any, declared: Mapping[str, Any], *, named: bool) -> bool:
    """Make what is declared attributes of a function of x; whether it is one. Raises ValueError."""
    if plugins.takes_a_position(function):
        for key, value in declared.items():
            setattr(function, key, value)
        return True
    if declared or not named:
        raise ValueError(
            f"{name_of(function)} takes no x: declare a function of x, or register one that returns a Problem with "
            '@mdsbench.problem("name", reference="...")'
        )
    return False


def variant(name: str, *, reference: str) -> Callable[[F], F]:
    """Register a variant: a function that takes a `mdsbench.Problem` and returns another, made from it.

    Its keyword-only argument is an option that every registered problem then has. The option has the variant's name,
    and its default makes no variant. Variants are applied in the order in which they are registered.
    """
    return VARIANTS.register(name, reference=reference)


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
        If a start of mdsbench or of another file has that name; the same file or session may replace it.

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
        If a step rule of mdsbench or of another file has that name; the same file or session may replace it.

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


def gradient_source(
    name: str, *, uses: Uses = "value", reference: str, version: int = 1, needs: tuple[str, str] | None = None
) -> Callable[[F], F]:
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
    needs : (str, str), optional
        The module of a library that not everyone has, which the source imports, and the package that installs it.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If a gradient source of mdsbench or of another file has that name; the same file or session may replace it.

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
    >>> result.fun < 1e-5
    True
    """
    return SOURCES.register(name, uses=uses, reference=reference, version=version, needs=needs)
