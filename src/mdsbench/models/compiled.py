"""The compiled models: the functions of `mdsbench.models.logistic` and `mdsbench.models.perceptron`.

Numba compiles the formulas of `mdsbench.models.kernels` once per machine and keeps them in its cache. It is imported by
the first call or by `prepare`, and not before.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mdsbench.models.softmax import Array, Classes
from mdsbench.system.compiling import a_word_if_it_takes_long, in_turn, loading, ready, threads

THREADS_PAY_FROM = 2_000  # parameters

Whole = NDArray[np.int64]


class Sparse(NamedTuple):
    """The nonzero entries of the observations X, shape (m, inputs), in the two orders in which the kernels read them.

    The entries of observation i are `inputs` and `values` from `pointers[i]` to `pointers[i + 1]`. The entries of input
    k in block number B are `block_rows`, counted from the first one of the block, and
    `block_values`, from `block_pointers[B inputs + k]` to the next.
    """

    pointers: Whole
    inputs: Whole
    values: Array
    block_pointers: Whole
    block_rows: Whole
    block_values: Array


def sparse(X: Array, block: int) -> Sparse:
    """The nonzero entries of X, for kernels that process so many observations together."""
    rows = csr_array(X)
    parts = [csr_array(X[begin : begin + block].T) for begin in range(0, len(X), block)]
    counts = np.concatenate([np.diff(part.indptr) for part in parts])
    return Sparse(
        rows.indptr.astype(np.int64),
        rows.indices.astype(np.int64),
        rows.data,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate([part.indices for part in parts]).astype(np.int64),
        np.concatenate([part.data for part in parts]),
    )


class Model:
    """A compiled classifier of the observations X, shape (m, inputs), with classes y, shape (m,), from 0 on.

    `kernel` is "logistic" or "perceptron". With many parameters, the work is shared among the threads that Numba has
    when the kernels are loaded; the last digits of a result depend on their number.
    """

    def __init__(self, kernel: str, X: Array, y: Classes, classes: int, dimension: int, penalty: float) -> None:
        self._of = kernel, X, y, classes, dimension, penalty
        self._kernel: Callable[..., float] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, self._of  # compiled functions stay in their process

    def value(self, x: Array) -> float:
        """The function at x, shape (dimension,)."""
        kernel = self._kernel or self._load()
        return kernel(np.ascontiguousarray(x, float), np.empty(0))

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """The function at x and its gradient, shape (dimension,)."""
        kernel = self._kernel or self._load()
        gradient = np.empty(len(x))
        return kernel(np.ascontiguousarray(x, float), gradient), gradient

    def prepare(self) -> None:
        """Load or compile the kernel, so that the first call is as fast as later ones."""
        if not self._kernel:
            self._load()

    def _load(self) -> Callable[..., float]:
        with loading:
            if self._kernel is None:  # no other thread has loaded it meanwhile
                with a_word_if_it_takes_long():
                    self._kernel = _ready(*self._of)
            return self._kernel


def _ready(name: str, X: Array, y: Classes, classes: int, dimension: int, penalty: float) -> Callable[..., float]:
    """The kernel of that name for these observations, loaded or compiled."""
    shared = threads(name == "perceptron" and dimension >= THREADS_PAY_FROM)
    from mdsbench.models import kernels

    of: tuple[Any, ...] = sparse(X, kernels.BLOCK), np.ascontiguousarray(y, np.int64)
    out = np.empty(0)
    x = out.view()
    x.flags.writeable = False  # what only reads takes both kinds
    if shared == 1:
        return ready(getattr(kernels, name), (*of, classes, penalty), x, out)
    of = (*of, shared, classes, penalty)
    return in_turn(ready(kernels.threaded_perceptron, of, x, out))
