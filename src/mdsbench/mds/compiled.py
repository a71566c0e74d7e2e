"""The compiled stress of a map: the functions of `mdsbench.mds.stress`, for stored and computed distances.

Numba compiles the formulas of `mdsbench.mds.kernels` once per machine and keeps them in its cache. Numba is imported by
the first call or by `Stress.prepare`, and not before.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy import ascontiguousarray, empty
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.system.compiling import a_word_if_it_takes_long, in_turn, loading, ready, threads

Array = NDArray[np.float64]

PRECISIONS: dict[str, type[np.floating[Any]]] = {"double": np.float64, "single": np.float32}
_DOUBLE, _WHOLE = np.dtype(np.float64), np.dtype(np.int64)
THREADS_PAY_FROM = 300  # points


class _Kernels(NamedTuple):
    """The compiled functions, with their targets."""

    value: Callable[..., float]
    value_and_gradient: Callable[..., float]
    hessian_vector: Callable[..., None]
    batch_gradient: Callable[..., None]
    guttman: Callable[..., None]


class Stress:
    """The stress of the map with these targets; its methods are functions of a `Problem`.

    `precision`, "double" or "single", is that of the arithmetic of a pair and of the targets. x and results are always
    in double precision. From a few hundred points on, the work is shared among the threads that Numba has when the
    kernels are loaded. The last digits of a result depend on their number. Several threads may call the methods at the
    same time. Raises UsageError if a distance is missing.
    """

    def __init__(self, targets: Stored | GreatCircles, precision: str = "double") -> None:
        if precision not in PRECISIONS:
            raise UsageError(f"there is no precision {precision!r}; there are: {', '.join(PRECISIONS)}")
        self.targets = targets
        self.precision = precision
        held = targets.radius * targets.directions if isinstance(targets, GreatCircles) else targets.D
        self._held = ascontiguousarray(held, PRECISIONS[precision]).view()
        self._held.flags.writeable = False  # one type for Numba, for every input
        if np.isnan(self._held.min()):
            raise UsageError("distances are missing: leave them out by weights, see mdsbench.mds.stress")
        self._kernels: _Kernels | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Stress, (self.targets, self.precision)  # compiled functions stay in their process

    def value(self, x: Array) -> float:
        """The stress at x, shape (2n,)."""
        kernels = self._kernels or self._load()
        return kernels.value(ascontiguousarray(x, _DOUBLE))

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """The stress at x and its gradient, shape (2n,)."""
        kernels = self._kernels or self._load()
        gradient = empty(len(x))
        return kernels.value_and_gradient(ascontiguousarray(x, _DOUBLE), gradient), gradient

    def hessian_vector(self, x: Array, v: Array) -> Array:
        """The Hessian at x times v, shape (2n,)."""
        kernels = self._kernels or self._load()
        product = empty(len(x))
        kernels.hessian_vector(ascontiguousarray(x, _DOUBLE), ascontiguousarray(v, _DOUBLE), product)
        return product

    def guttman(self, x: Array) -> tuple[float, Array]:
        """The stress at x and the Guttman transform of x, shape (2n,)."""
        kernels = self._kernels or self._load()
        value, gradient = self.value_and_gradient(x)
        kernels.guttman(ascontiguousarray(x, _DOUBLE), gradient)
        return value, gradient

    def batch_gradient(self, x: Array, pairs: NDArray[np.intp]) -> Array:
        """An unbiased estimate of the gradient from some pairs: indices in condensed order, shape (batch,)."""
        kernels = self._kernels or self._load()
        gradient = empty(len(x))
        kernels.batch_gradient(ascontiguousarray(x, _DOUBLE), ascontiguousarray(pairs, _WHOLE), gradient)
        return gradient

    def prepare(self) -> None:
        """Load or compile the kernels, so that the first call is as fast as later ones."""
        if not self._kernels:
            self._load()

    def _load(self) -> _Kernels:
        with loading:
            if self._kernels is None:  # no other thread has loaded them meanwhile
                with a_word_if_it_takes_long():
                    self._kernels = _kernels_of(self._held, self.targets.points)
            return self._kernels


def _kernels_of(held: Any, points: int) -> _Kernels:
    """The kernels for these targets, loaded or compiled."""
    shared = threads(points >= THREADS_PAY_FROM)
    from mdsbench.mds import kernels

    if shared > 1:
        formulas = kernels.threaded_value, kernels.threaded_value_and_gradient, kernels.threaded_hessian_vector
        of: tuple[Any, ...] = (held, shared)
    else:
        formulas = kernels.value, kernels.value_and_gradient, kernels.hessian_vector
        of = (held,)
    value, value_and_gradient, hessian_vector = formulas
    out, pairs = np.empty(0), np.empty(0, _WHOLE)
    x = out.view()
    x.flags.writeable = False  # what only reads takes both kinds
    turns = in_turn if shared > 1 else _at_once
    return _Kernels(
        turns(ready(value, of, x)),
        turns(ready(value_and_gradient, of, x, out)),
        turns(ready(hessian_vector, of, x, x, out)),
        ready(kernels.batch_gradient, (held,), x, pairs, out),
        ready(kernels.guttman, (), x, out),
    )


def _at_once(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel, which any number of threads call at the same time."""
    return kernel
