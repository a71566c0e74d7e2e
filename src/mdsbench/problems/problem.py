"""A problem is immutable mathematics: something to minimise, and what is known about it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.mds.distances import Targets
from mdsbench.registry.registry import PROBLEMS, VARIANTS, nearest
from mdsbench.registry.spec import Spec, Value, parse, read_integer, unlike

Array = NDArray[np.float64]

OBSERVATIONS = 32  # of a mini-batch by default


@dataclass(frozen=True, eq=False, kw_only=True)
class MapInfo:
    """What the points of a map are: x holds their positions, shape (2 points,), in units of `unit_length` `unit`.

    `unit` is "km", or "" if the unit of the distances is unknown. `latitude` and `longitude` are the true coordinates
    in degrees, shape (points,), None if there are none. `labels()` are the points' names, None without names, and
    `populations()` say which names matter most. `what` is the plural noun for the points; `credit` is the origin of the
    data.
    """

    points: int
    unit: str
    unit_length: float
    latitude: Array | None = None
    longitude: Array | None = None
    labels: Callable[[], Sequence[str] | None] = lambda: None
    populations: Callable[[], Sequence[int] | None] = lambda: None
    what: str = "points"
    credit: str = ""


class Layer(NamedTuple):
    """A layer of a model: `inputs` x `outputs` weights in the vector x, followed by `outputs` biases."""

    inputs: int
    outputs: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """A function of `dimension` variables to minimise.

    `value(x)` and `value_and_gradient(x)` take x of shape (dimension,); the gradient has the same shape.
    `hessian_vector(x, v)`, where there is one, is the Hessian at x times v.
    `directional_derivative(x, v)`, where a function offers one that is cheaper than its gradient, is the value at x and
    the gradient there times v.
    `residuals(x)`, where the function is a sum of squares, are what is squared, and `jacobian(x)` their derivatives,
    shape (residuals, dimension).
    `guttman(x)`, where the function is a stress, is the value at x and the Guttman transform of x.
    `batch_gradient(x, terms)`, if the function is a sum of terms, is an unbiased estimate of the gradient from those
    terms alone, given by their indices, shape (batch,); from all of them it is the gradient.
    `torch_value(x)`, where there is one, is the value in operations of torch, at a tensor.
    `terms` is what one full pass touches: the pairs of points of a map, the observations of a regression; 1 for a
    function that is no such sum.
    `smoothness` is L, the curvature that the step 1/L refers to, where one is known.
    `targets`, of a map, are the distances that it is made of: some starts need them.
    `map`, if the variables are positions of points on a plane, says what the points are and in which unit.
    `layers`, of a model, are the layers whose weights and biases follow each other in x: some starts need them.
    `held_out(x)`, of a model, are its scores on observations that the function does not contain, by name, such as
    `{"test loss": 0.2, "test error": 0.05}`. They are not charged, because no solver sees them.
    `prepare()`, where it takes a while until the first call is as fast as the next, is that while.
    `observe(number, rng)` is what a solver receives if the undisturbed answer is `number`, a value or an array of
    derivatives.
    `round_off` is the relative error to which a value is rounded, that of double precision if nothing else is said.
    `noise` is the standard deviation of the noise of a value that a solver receives, 0 without noise.
    `repeats`, where two values at one x differ, is how often the result of a run is valued again; 0 where they do not.
    `has_gradient` is false for a function without derivatives, whose `value_and_gradient` raises.
    `x0` are the starts that the problem brings, shape (points, dimension); None if it brings none.
    `fails(x)`, if the function has hidden failures, says whether its value at x is NaN; starts avoid such points.
    `bounds`, if the variables have any, are the lowest and the highest values of x, shape (dimension,) each.
    `ours` is true for functions of this package: they leave x as it is and return new arrays, and looks at them are
    not charged. Any other is called through `mdsbench.problems.edge`.
    `best_known` is the lowest value known, `provenance` how it was found; NaN if it is unknown.
    """

    name: str
    dimension: int
    value: Callable[[Array], float]
    value_and_gradient: Callable[[Array], tuple[float, Array]]
    hessian_vector: Callable[[Array, Array], Array] | None = None
    directional_derivative: Callable[[Array, Array], tuple[float, float]] | None = None
    residuals: Callable[[Array], Array] | None = None
    jacobian: Callable[[Array], Array] | None = None
    guttman: Callable[[Array], tuple[float, Array]] | None = None
    batch_gradient: Callable[[Array, NDArray[np.intp]], Array] | None = None
    torch_value: Callable[[Any], Any] | None = None
    terms: int = 1
    smoothness: float | None = None
    targets: Targets | None = None
    map: MapInfo | None = None
    layers: tuple[Layer, ...] = ()
    held_out: Callable[[Array], dict[str, float]] | None = None
    prepare: Callable[[], None] = lambda: None
    observe: Callable[[Any, np.random.Generator], Any] | None = None
    round_off: float = 2.0**-53
    noise: float = 0.0
    repeats: int = 0
    has_gradient: bool = True
    x0: Array | None = None
    fails: Callable[[Array], bool] | None = None
    bounds: tuple[Array, Array] | None = None
    ours: bool = False
    best_known: float
    provenance: str

    @property
    def batch(self) -> int:
        """The terms of a mini-batch by default: as many pairs as a map has points, or 32 observations."""
        return self.map.points if self.map else min(OBSERVATIONS, self.terms)

    def slope(self, x: Array, v: Array) -> tuple[float, float]:
        """The value at x, and the derivative there along v: the function's own, or the gradient times v."""
        if self.directional_derivative:
            return self.directional_derivative(x, v)
        value, gradient = self.value_and_gradient(x)
        return value, float(gradient @ v)


def spelled_out(text: str) -> Spec:
    """The spec of a problem's name, in which `cities-34` is short for `cities(n=34)`; raises UsageError."""
    spec = parse(text)
    numbered = re.fullmatch(r"(.+)-(\d+)", spec.name)
    if numbered and spec.name not in PROBLEMS:
        return Spec(numbered[1], options=tuple(sorted({"n": read_integer(numbered[2]), **dict(spec.options)}.items())))
    return spec


def find_registered(text: str) -> Problem:
    """The problem of that name, without loading anybody's code to find it; raises UsageError."""
    spec = spelled_out(text)
    if spec.name not in PROBLEMS:
        raise UsageError(f"{text} is a problem of a user's file or module, which is not loaded to read a store")
    return find(text)


def find(text: str) -> Problem:
    """The registered problem of that name, with the variants that its options ask for; raises UsageError."""
    spec = spelled_out(text)
    entry = PROBLEMS.find(spec.name)
    own, added = _apart(spec, entry.options)
    found = entry.bind(own)()
    if not isinstance(found, Problem):
        raise UsageError(f"{text} returns {found!r:.60}: a function that is decorated as a problem returns a Problem")
    for option, variant in VARIANTS.items():
        if option in added:
            found = replace(variant, name=spec.name).bind({option: added[option]})(found)
            assert isinstance(found, Problem)
    return found


def _apart(spec: Spec, options: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, Value]]:
    """The options of a problem's own, and those of variants; raises UsageError for one that is neither."""
    own: dict[str, Value] = {}
    added: dict[str, Value] = {}
    for option, value in spec.options:
        if option not in options and option not in VARIANTS:
            raise UsageError(f"{spec.name} has no option {option!r}{nearest(option, [*options, *VARIANTS])}")
        (own if option in options else added)[option] = value
    return own, added


def canonical(family: str, number: int | None = None, **options: Value) -> str:
    """The name of a registered problem: `chebyquad-8(form=noisy)`, without the options that are the default."""
    kept = unlike(options, PROBLEMS[family].options)
    return str(Spec(family if number is None else f"{family}-{number}", options=tuple(sorted(kept.items()))))


def defaults(name: str) -> dict[str, Any]:
    """The options of a registered problem with their defaults: its own and those of variants."""
    variants = {option: default for variant in VARIANTS.values() for option, default in variant.options.items()}
    return {**variants, **PROBLEMS[name].options}
