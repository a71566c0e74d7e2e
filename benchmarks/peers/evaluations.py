"""The contestants of speed.py's evaluations: the stress with its gradient in the best form of each package.

    f(X) = sum_m sum_n (D_mn - d_mn(X))^2

Everything is in double precision. Only the call is timed, until its results are available. JAX and torch receive their
own arrays, and in separate contestants NumPy's, which a solver in NumPy has. A contestant receives `D`, the condensed
target distances, `x`, flat, and the expected `value` and `gradient`. A turn returns the seconds that a call takes. Run
by turns.py.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import turns
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, squareform
from turns import Entered

Array = NDArray[np.float64]
Call = Callable[[], tuple[Any, Any]]

TURN, BATCH = 0.15, 0.01  # seconds that calls are repeated for, at least one
ITERATIONS = 10  # of SMACOF in a call, which also checks what it is given


def mdsbench(D: Array, x: Array, **expected: Array) -> Entered:
    """As a solver's problem has it: the compiled stress."""
    from mdsbench.mds.compiled import Stress
    from mdsbench.mds.distances import Stored

    stress = Stress(Stored(D))
    return _checked(lambda: stress.value_and_gradient(x), expected)


def mdsbench_oracle(D: Array, x: Array, **expected: Array) -> Entered:
    """As a solver asks for it: through the oracle, which counts, records and looks whether the run is over."""
    from mdsbench.mds.compiled import Stress
    from mdsbench.mds.distances import Stored
    from mdsbench.oracle.account import Limits
    from mdsbench.oracle.oracle import GradientOracle
    from mdsbench.problems.problem import Problem

    stress = Stress(Stored(D))
    problem = Problem(
        name="random",
        dimension=len(x),
        value=stress.value,
        value_and_gradient=stress.value_and_gradient,
        terms=len(D),
        best_known=0.0,
        provenance="no stress is lower",
    )
    oracle = GradientOracle(problem, x, Limits(calls=10**9, seconds=1e9, target=0.0, gtol=0.0))

    def call() -> tuple[float, Array]:
        gradient = oracle.gradient(x)
        return oracle.value_here(), gradient

    return _checked(call, expected)


def c(D: Array, x: Array, **expected: Array) -> Entered:
    """stress.c, compiled by gcc -O3 -march=native -ffast-math; one thread where two would cost more than they do."""
    from kernels import Yardstick

    from mdsbench.mds.compiled import THREADS_PAY_FROM
    from mdsbench.mds.distances import Stored

    threads = turns.THREADS if len(x) // 2 >= THREADS_PAY_FROM else 1
    call = Yardstick("double").value_and_gradient(Stored(D), threads)
    return _checked(lambda: call(x), expected)


def numpy(D: Array, x: Array, **expected: Array) -> Entered:
    """SciPy's cdist and a product of matrices, the quickest way that we know."""
    table = squareform(D)
    np.fill_diagonal(table, 1.0)

    def call() -> tuple[float, Array]:
        X = x.reshape(-1, 2)
        d = cdist(X, X)
        np.fill_diagonal(d, 1.0)
        e = d - table
        W = e / d
        return float(np.vdot(e, e)), (4.0 * (W.sum(axis=1)[:, None] * X - W @ X)).ravel()

    return _checked(call, expected)


def jax(D: Array, x: Array, convert: bool = False, **expected: Array) -> Entered:
    """The quickest of three, all under jit: value_and_grad of the table and of the pairs, and the gradient by hand."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    n = len(x) // 2
    m, k = map(jnp.array, np.triu_indices(n, 1))
    apart = jnp.eye(n)  # on the diagonal, where the root has no slope
    table, pairs, position = jnp.array(squareform(D)) + apart, jnp.array(D), jnp.array(x)

    def distances(x: Any, apart: Any) -> Any:
        X, Y = x.reshape(-1, 2).T
        dx, dy = X[:, None] - X, Y[:, None] - Y
        return jnp.sqrt(dx * dx + dy * dy + apart)

    def of_the_table(x: Any, table: Any, apart: Any) -> Any:
        return ((distances(x, apart) - table) ** 2).sum()

    def of_the_pairs(x: Any, pairs: Any, m: Any, k: Any) -> Any:
        X = x.reshape(-1, 2)
        return 2.0 * ((jnp.sqrt(((X[m] - X[k]) ** 2).sum(axis=1)) - pairs) ** 2).sum()

    def by_hand(x: Any, table: Any, apart: Any) -> tuple[Any, Any]:
        X = x.reshape(-1, 2)
        d = distances(x, apart)
        W = (d - table) / d
        return ((d - table) ** 2).sum(), 4.0 * (W.sum(axis=1)[:, None] * X - W @ X).ravel()

    forms = {
        "value_and_grad of the table": (jax.jit(jax.value_and_grad(of_the_table)), (table, apart)),
        "value_and_grad of the pairs": (jax.jit(jax.value_and_grad(of_the_pairs)), (pairs, m, k)),
        "the gradient by hand": (jax.jit(by_hand), (table, apart)),
    }
    form = _quickest({name: partial(_ready, f, position, *given) for name, (f, given) in forms.items()})
    function, given = forms[form]

    def to_numpy() -> tuple[Any, Any]:
        value, gradient = function(x, *given)
        return float(value), np.asarray(gradient)

    return _checked(to_numpy if convert else partial(_ready, function, position, *given), expected, form)


def _ready(function: Callable[..., Any], *arguments: Any) -> Any:
    from jax import block_until_ready

    return block_until_ready(function(*arguments))


def torch(D: Array, x: Array, convert: bool = False, **expected: Array) -> Entered:
    """The quickest of three: autograd through pdist, through cdist, and through the table's elementary operations."""
    import torch

    form, stress = torch_forms(D, x)
    position = torch.tensor(x, requires_grad=True)

    def call() -> tuple[Any, Any]:
        variable = torch.from_numpy(x).requires_grad_() if convert else position
        value = stress(variable)
        (gradient,) = torch.autograd.grad(value, variable)
        return (value.item(), gradient.numpy()) if convert else (value.detach(), gradient)

    return _checked(call, expected, form)


def torch_forms(D: Array, x: Array) -> tuple[str, Callable[[Any], Any]]:
    """The quickest of the forms of the stress in torch at x, and its name."""
    import torch

    pairs, table = torch.tensor(D), torch.tensor(squareform(D))
    apart = torch.eye(len(table), dtype=table.dtype)  # on the diagonal, where the root has no slope

    def pdist(x: Any) -> Any:
        residual = pairs - torch.pdist(x.reshape(-1, 2))
        return 2.0 * residual @ residual

    def cdist(x: Any) -> Any:
        X = x.reshape(-1, 2)
        return (torch.cdist(X, X, compute_mode="donot_use_mm_for_euclid_dist") - table).square().sum()

    def elementary(x: Any) -> Any:
        X, Y = x.reshape(-1, 2).T
        dx, dy = X[:, None] - X, Y[:, None] - Y
        return ((dx * dx + dy * dy + apart).sqrt() - apart - table).square().sum()

    forms = {"pdist": pdist, "cdist": cdist, "elementary operations": elementary}
    position = torch.tensor(x, requires_grad=True)
    form = _quickest({name: partial(lambda f: f(position).backward(), f) for name, f in forms.items()})
    return form, forms[form]


def smacof(D: Array, x: Array, gradient: Array, **_: Array) -> Entered:
    """A tenth of ten iterations of scikit-learn's smacof; one is the Guttman transform, x - gradient / 4n."""
    from sklearn.manifold import smacof

    n, square = len(x) // 2, squareform(D)
    X = x.reshape(-1, 2) - x.reshape(-1, 2).mean(axis=0)

    def call(iterations: int) -> Any:
        return smacof(square, init=X, n_init=1, max_iter=iterations, eps=0.0, normalized_stress=False)[0]

    assert np.allclose(call(1), X - gradient.reshape(-1, 2) / (4 * n)), "smacof goes somewhere else"
    turn = _repeated(partial(call, ITERATIONS))
    return Entered(lambda: turn() / ITERATIONS)


def _checked(call: Call, expected: Mapping[str, Array], form: str = "") -> Entered:
    """The contestant, if value and gradient are as expected."""
    value, gradient = map(np.asarray, call())
    assert np.isclose(value, expected["value"], rtol=1e-9), f"{sys.argv[1]} has another value"
    scale = 1e-9 * float(np.abs(expected["gradient"]).max())
    assert np.allclose(gradient, expected["gradient"], rtol=0.0, atol=scale), f"{sys.argv[1]} has another gradient"
    return Entered(_repeated(call), form)


def _repeated(call: Callable[[], Any]) -> Callable[[], float]:
    """The mean seconds of a call in the middle one of as many batches as TURN allows.

    Before that, as long again, come calls that are not counted: they wake the threads and fetch the distances back.
    """

    def turn() -> float:
        calls = max(1, int(BATCH / min(_seconds(call) for _ in range(2))))
        batches: list[float] = []
        for _ in ("to warm up", "to count"):
            until = perf_counter() + TURN
            batches.clear()
            while perf_counter() < until:
                began = perf_counter()
                for _ in range(calls):
                    call()
                batches.append((perf_counter() - began) / calls)
        return median(batches)

    return turn


def _quickest(calls: Mapping[str, Callable[[], Any]]) -> str:
    """The name of the call that was quickest at its quickest, not counting its first."""
    for call in calls.values():
        call()
    best = {name: min(_seconds(call) for _ in range(5)) for name, call in calls.items()}
    return min(best, key=best.__getitem__)


def _seconds(call: Callable[[], Any]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


if __name__ == "__main__":
    own = {f.__name__: f for f in (mdsbench, mdsbench_oracle, c, numpy, jax, torch, smacof)}
    turns.answer(own | {"jax_numpy": partial(jax, convert=True), "torch_numpy": partial(torch, convert=True)})
