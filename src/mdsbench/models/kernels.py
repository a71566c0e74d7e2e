"""The formulas of `mdsbench.models.logistic` and `mdsbench.models.perceptron`, compiled.

Observations are processed in blocks whose activations stay in a core's cache, so that no large array is written to
memory. Half of the pixels of the digits are 0: the products with the observations leave them out. The nonzero entries
are given twice, see `Sparse` in `mdsbench.models.compiled`: by observations, and block by block by inputs.

Each task has its own blocks, and the sums of the tasks are added in their order. Two calls agree to the last bit; the
last digits depend on the number of tasks. Derivatives are written into an array argument, shape of x, because Numba
takes longer to return an array than NumPy to make one. All that they use is in this file, see
`mdsbench.system.compiling`.
"""

from typing import Any

import numpy as np
from numba import prange

from mdsbench.system.compiling import jit, threaded

BLOCK = 64  # observations that are processed together
UNITS = 64  # hidden units; the activations of a block are 32 kB

# The exponential: x = n log 2 + r, and a Taylor series in r. log 2 has two parts, so that n times the first is exact.
_LOG2_E = 1.4426950408889634
_LOG_2_HIGH, _LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_SHIFT = 6755399441055744.0  # 1.5 2^52: the last bits of n + this are the integer n
_LEAST, _MOST = -708.0, 709.0  # of x, for a normal number


def _exact(function: Any) -> Any:
    """Inline a function whose operations keep their order."""
    return jit(function, fastmath={"contract"}, forceinline=True)


@_exact
def _exp(x):
    """The exponential, to 4e-16 of it; no branches, so that several are computed at a time."""
    x = min(max(x, _LEAST), _MOST)
    n = np.rint(x * _LOG2_E)
    r = (x - n * _LOG_2_HIGH) - n * _LOG_2_LOW
    p = 1 / 479001600
    p = p * r + 1 / 39916800
    p = p * r + 1 / 3628800
    p = p * r + 1 / 362880
    p = p * r + 1 / 40320
    p = p * r + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    exponent = np.float64(n + _SHIFT).view(np.int64) << np.int64(52)
    return np.int64(np.float64(p).view(np.int64) + exponent).view(np.float64)


@_exact
def _tanh(x):
    """The hyperbolic tangent, to 4e-16."""
    return 1.0 - 2.0 / (_exp(2.0 * x) + 1.0)


@jit
def logistic(entries, y, classes, penalty, x, gradient):
    """Multinomial logistic regression at x, and its gradient into `gradient` unless that is empty."""
    gradients = np.zeros((1, len(gradient)))
    total = _logistic_blocks(entries, y, classes, 0, _blocks(y), x, gradients[0])
    return _finish(total, len(y), gradients, penalty, x, gradient)


@jit
def perceptron(entries, y, classes, penalty, x, gradient):
    """The perceptron at x, and its gradient into `gradient` unless that is empty."""
    gradients = np.zeros((1, len(gradient)))
    total = _perceptron_blocks(entries, y, classes, 0, _blocks(y), x, gradients[0])
    return _finish(total, len(y), gradients, penalty, x, gradient)


@threaded
def threaded_perceptron(entries, y, tasks, classes, penalty, x, gradient):
    """As `perceptron`, the blocks divided into `tasks`."""
    blocks, totals, gradients = _blocks(y), np.zeros(tasks), np.zeros((tasks, len(gradient)))
    for t in prange(tasks):
        first, last = t * blocks // tasks, (t + 1) * blocks // tasks
        totals[t] = _perceptron_blocks(entries, y, classes, first, last, x, gradients[t])
    return _finish(totals.sum(), len(y), gradients, penalty, x, gradient)


@jit
def _logistic_blocks(entries, y, classes, first, last, x, gradient):
    """The sum of the cross-entropies of some blocks; their derivative is added to `gradient` unless that is empty."""
    inputs = _inputs(entries, y)
    W, b = x[:-classes].reshape(inputs, classes), x[-classes:]
    Z, total = np.empty((BLOCK, classes)), 0.0
    for block in range(first, last):
        begin, end = block * BLOCK, min((block + 1) * BLOCK, len(y))
        _affine(entries, begin, end, W, b, Z)
        total += _cross_entropy(Z, y, begin, end)
        if len(gradient):
            g_W, g_b = gradient[:-classes].reshape(inputs, classes), gradient[-classes:]
            _outer(entries, block, Z[: end - begin], g_W, g_b)
    return total


@jit
def _perceptron_blocks(entries, y, classes, first, last, x, gradient):
    """As `_logistic_blocks`."""
    inputs = _inputs(entries, y)
    hidden = (len(x) - classes) // (inputs + 1 + classes)
    W, b, V, c = _parts(x, inputs, hidden, classes)
    A, Z, total = np.empty((BLOCK, hidden)), np.empty((BLOCK, classes)), 0.0
    for block in range(first, last):
        begin, end = block * BLOCK, min((block + 1) * BLOCK, len(y))
        active = A[: end - begin]
        _affine(entries, begin, end, W, b, active)
        _activate(active)
        _scores(active, V, c, Z)
        total += _cross_entropy(Z, y, begin, end)
        if len(gradient):
            g_W, g_b, g_V, g_c = _parts(gradient, inputs, hidden, classes)
            _back(active, Z, V, g_V, g_c)
            _outer(entries, block, active, g_W, g_b)
    return total


@jit
def _blocks(y):
    return (len(y) + BLOCK - 1) // BLOCK


@jit
def _inputs(entries, y):
    """The number of inputs: there is a pointer for each input of a block."""
    return (len(entries.block_pointers) - 1) // _blocks(y)


@jit
def _parts(x, inputs, hidden, classes):
    first, last = inputs * hidden, len(x) - classes
    return (
        x[:first].reshape(inputs, hidden),
        x[first : first + hidden],
        x[first + hidden : last].reshape(classes, hidden),
        x[last:],
    )


@jit
def _affine(entries, begin, end, W, b, out):
    """X W + b of the observations from `begin` to `end`, into the first rows of `out`."""
    at, of, size = entries.pointers, entries.inputs, entries.values
    units = W.shape[1]
    for first in range(0, units, UNITS):
        last = min(first + UNITS, units)
        for i in range(begin, end):
            row = out[i - begin, first:last]
            for j in range(len(row)):
                row[j] = b[first + j]
            q = at[i]
            while q + 4 <= at[i + 1]:
                x0, x1, x2, x3 = size[q], size[q + 1], size[q + 2], size[q + 3]
                w0, w1 = W[of[q], first:last], W[of[q + 1], first:last]
                w2, w3 = W[of[q + 2], first:last], W[of[q + 3], first:last]
                for j in range(len(row)):
                    row[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j]
                q += 4
            while q < at[i + 1]:
                x0, w0 = size[q], W[of[q], first:last]
                for j in range(len(row)):
                    row[j] += x0 * w0[j]
                q += 1


@jit
def _outer(entries, block, G, g_W, g_b):
    """Add X^T G of the observations of a block to `g_W`, and the sum of the rows of G to `g_b`."""
    at, of, size = entries.block_pointers, entries.block_rows, entries.block_values
    inputs, units = g_W.shape
    for first in range(0, units, UNITS):
        last = min(first + UNITS, units)
        for k in range(inputs):
            row = g_W[k, first:last]
            q, stop = at[block * inputs + k], at[block * inputs + k + 1]
            while q + 4 <= stop:
                x0, x1, x2, x3 = size[q], size[q + 1], size[q + 2], size[q + 3]
                d0, d1 = G[of[q], first:last], G[of[q + 1], first:last]
                d2, d3 = G[of[q + 2], first:last], G[of[q + 3], first:last]
                for j in range(len(row)):
                    row[j] += x0 * d0[j] + x1 * d1[j] + x2 * d2[j] + x3 * d3[j]
                q += 4
            while q < stop:
                x0, d0 = size[q], G[of[q], first:last]
                for j in range(len(row)):
                    row[j] += x0 * d0[j]
                q += 1
    for i in range(len(G)):
        for j in range(units):
            g_b[j] += G[i, j]


@jit
def _activate(A):
    flat = A.ravel()  # a view of rows that follow each other
    for k in range(len(flat)):
        flat[k] = _tanh(flat[k])


@jit
def _scores(A, V, c, Z):
    """A V^T + c into the first rows of Z."""
    for i in range(len(A)):
        a = A[i]
        for k in range(len(c)):
            v = V[k]
            total = 0.0
            for j in range(len(a)):
                total += a[j] * v[j]
            Z[i, k] = total + c[k]


@jit
def _cross_entropy(Z, y, begin, end):
    """The sum of the cross-entropies of the observations from `begin` to `end`; Z becomes the mean's derivative."""
    total, m = 0.0, len(y)
    for i in range(end - begin):
        z = Z[i]
        largest, own = z.max(), z[y[begin + i]]
        for k in range(len(z)):
            z[k] = _exp(z[k] - largest)
        whole = z.sum()
        total += np.log(whole) + largest - own
        for k in range(len(z)):
            z[k] /= whole * m
        z[y[begin + i]] -= 1.0 / m
    return total


@jit
def _back(A, D, V, g_V, g_c):
    """Back through the second layer: add to its derivatives; A becomes the derivative by the hidden units' inputs."""
    classes, hidden = V.shape
    pull = np.empty(hidden)
    for i in range(len(A)):
        a = A[i]
        pull[:] = 0.0
        for k in range(classes):
            d, v, g = D[i, k], V[k], g_V[k]
            g_c[k] += d
            for j in range(hidden):
                pull[j] += d * v[j]
                g[j] += d * a[j]
        for j in range(hidden):
            a[j] = pull[j] * (1.0 - a[j] * a[j])


@jit
def _finish(total, m, gradients, penalty, x, gradient):
    """The function at x, from the sum of the cross-entropies; the gradients of the tasks are added up."""
    square = 0.0
    for k in range(len(x)):
        square += x[k] * x[k]
    for k in range(len(gradient)):
        slope = penalty * x[k]
        for t in range(len(gradients)):
            slope += gradients[t, k]
        gradient[k] = slope
    return total / m + 0.5 * penalty * square
