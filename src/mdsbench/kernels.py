"""The formulas of `mdsbench.stress`, compiled: the same conventions, one pair of points after another.

In each function `x` is the flat vector of the n positions, shape (2n,), and `targets` is one of

- the condensed target distances, shape (n(n-1)/2,); `radius` is then not read;
- the points on the unit sphere, shape (3, n): the distance of two is their arc times `radius`, the sphere's in units
  of the plane, and is computed whenever it is needed.

Both come in float64 or float32, which is also the arithmetic of a pair. A row of pairs is added up in it, rows and
everything beyond in float64; positions come and results leave in float64. Derivatives are written into the array that
is given, shape (2n,), because Numba takes longer to hand one over than NumPy to make one. A ValueError says that x does
not fit the targets, an IndexError that there is no such pair.

The triangle of pairs is walked in tiles whose points stay in the nearest cache, and each row of a tile in a loop that
the compiler turns into vector instructions: it does so for slices that are read from zero, not for `range(i + 1, n)`.
All is in this one file because Numba compiles anew when the file of a function changes, not when what it calls does.
"""

from functools import partial
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.polynomial import chebyshev

ROWS, COLUMNS = 128, 1024  # of a tile: the coordinates, pulls and arcs of 1024 points are 40 kB in double precision

# The order of a sum is free, so that it can be done eight at a time, but infinity and NaN are not assumed away:
# a map that diverges has a stress that is not finite.
_ARITHMETIC = {"reassoc", "contract", "arcp", "nsz"}


def _compiled(function: Any, parallel: bool = False) -> Any:
    compiler = partial(njit, nogil=True, error_model="numpy", fastmath=_ARITHMETIC, parallel=parallel)
    try:
        return compiler(function, cache=True)
    except RuntimeError:  # there is no folder that the cache could be kept in
        return compiler(function)


def _threaded(function: Any) -> Any:
    return _compiled(function, parallel=True)


@_compiled
def value(x, targets, radius):
    """The stress at x."""
    X, Y = _coordinates(x, targets)
    return 2.0 * _value_of_rows(X, Y, targets, radius, 0, len(X))


@_compiled
def value_and_gradient(x, gradient, targets, radius):
    """The stress at x; its gradient into `gradient`."""
    X, Y = _coordinates(x, targets)
    gradient[:] = 0.0
    total = _gradient_of_rows(X, Y, targets, radius, 0, len(X), gradient)
    for k in range(len(gradient)):
        gradient[k] *= 4.0
    return 2.0 * total


@_compiled
def hessian_vector(x, v, product, targets, radius):
    """The Hessian of the stress at x times v, into `product`."""
    X, Y = _coordinates(x, targets)
    V, W = _coordinates(v, targets)
    product[:] = 0.0
    _hessian_of_rows(X, Y, V, W, targets, radius, 0, len(X), product)
    for k in range(len(product)):
        product[k] *= 4.0


@_threaded
def threaded_value(x, targets, radius, tasks):
    """As `value`, the rows divided into `tasks` of as many pairs each."""
    X, Y = _coordinates(x, targets)
    totals = np.zeros(tasks)
    for t in prange(tasks):
        begin, end = _share(len(X), t, tasks)
        totals[t] = _value_of_rows(X, Y, targets, radius, begin, end)
    return 2.0 * totals.sum()


@_threaded
def threaded_value_and_gradient(x, gradient, targets, radius, tasks):
    """As `value_and_gradient`, the rows divided into `tasks`, added in their order: two calls agree to the last bit."""
    X, Y = _coordinates(x, targets)
    totals, gradients = np.zeros(tasks), np.zeros((tasks, len(x)))
    for t in prange(tasks):
        begin, end = _share(len(X), t, tasks)
        totals[t] = _gradient_of_rows(X, Y, targets, radius, begin, end, gradients[t])
    _add_up(gradients, gradient)
    return 2.0 * totals.sum()


@_threaded
def threaded_hessian_vector(x, v, product, targets, radius, tasks):
    """As `hessian_vector`, the rows divided into `tasks`, added in their order."""
    X, Y = _coordinates(x, targets)
    V, W = _coordinates(v, targets)
    products = np.zeros((tasks, len(x)))
    for t in prange(tasks):
        begin, end = _share(len(X), t, tasks)
        _hessian_of_rows(X, Y, V, W, targets, radius, begin, end, products[t])
    _add_up(products, product)


@_compiled
def guttman(x, gradient):
    """The Guttman transform of x from the gradient at x, in the gradient's place: centred x minus gradient / 4n."""
    n = len(x) // 2
    east, north = x[0::2].sum() / n, x[1::2].sum() / n
    for k in range(n):
        gradient[2 * k] = x[2 * k] - east - gradient[2 * k] / (4 * n)
        gradient[2 * k + 1] = x[2 * k + 1] - north - gradient[2 * k + 1] / (4 * n)


@_compiled
def batch_gradient(x, pairs, gradient, targets, radius):
    """Into `gradient`: its estimate from some pairs, given by their indices in condensed order."""
    n = len(x) // 2
    _check(n, targets)
    arc = np.empty(1, targets.dtype)
    gradient[:] = 0.0
    for pair in pairs:
        if not 0 <= pair < n * (n - 1) // 2:
            raise IndexError("there is no such pair")
        i, j = _ends(pair, n)
        D = _distances(targets, radius, i, j, j + 1, n, arc)[0]
        dx, dy = x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]
        d = np.sqrt(dx * dx + dy * dy)
        w = (d - D) / d if d > 0.0 else 0.0
        gradient[2 * i] += w * dx
        gradient[2 * i + 1] += w * dy
        gradient[2 * j] -= w * dx
        gradient[2 * j + 1] -= w * dy
    scale = 2.0 * n * (n - 1) / len(pairs)
    for k in range(len(gradient)):
        gradient[k] *= scale


@_compiled
def _value_of_rows(X, Y, targets, radius, begin, end):
    """Sum of (D - d)^2 over the pairs whose first point is in [begin, end)."""
    n = len(X)
    arcs = np.empty(min(n, COLUMNS), X.dtype)
    total = 0.0
    for i in range(begin, end):
        for left in range(i + 1, n, COLUMNS):
            right = min(left + COLUMNS, n)
            D = _distances(targets, radius, i, left, right, n, arcs)
            total += _value_of_row(X[i], Y[i], X[left:right], Y[left:right], D)
    return total


@_compiled
def _gradient_of_rows(X, Y, targets, radius, begin, end, pull):
    """The same sum; into `pull`, a quarter of its share of the gradient."""
    n = len(X)
    width = min(n, COLUMNS)
    arcs, px, py = np.empty(width, X.dtype), np.empty(width, X.dtype), np.empty(width, X.dtype)
    total = 0.0
    for top in range(begin, end, ROWS):
        bottom = min(top + ROWS, end)
        for left in range(top + 1, n, COLUMNS):
            right = min(left + COLUMNS, n)
            px[:] = 0
            py[:] = 0
            for i in range(top, min(bottom, right - 1)):
                j = max(left, i + 1)
                D = _distances(targets, radius, i, j, right, n, arcs)
                there = slice(j - left, right - left)
                square, fx, fy = _gradient_of_row(X[i], Y[i], X[j:right], Y[j:right], D, px[there], py[there])
                total += square
                pull[2 * i] += fx
                pull[2 * i + 1] += fy
            for j in range(left, right):
                pull[2 * j] -= px[j - left]
                pull[2 * j + 1] -= py[j - left]
    return total


@_compiled
def _hessian_of_rows(X, Y, V, W, targets, radius, begin, end, pull):
    """Into `pull`, a quarter of the share that these rows have in the Hessian times (V, W)."""
    n = len(X)
    width = min(n, COLUMNS)
    arcs, px, py = np.empty(width, X.dtype), np.empty(width, X.dtype), np.empty(width, X.dtype)
    for top in range(begin, end, ROWS):
        bottom = min(top + ROWS, end)
        for left in range(top + 1, n, COLUMNS):
            right = min(left + COLUMNS, n)
            px[:] = 0
            py[:] = 0
            for i in range(top, min(bottom, right - 1)):
                j = max(left, i + 1)
                D = _distances(targets, radius, i, j, right, n, arcs)
                here, there = slice(j, right), slice(j - left, right - left)
                fx, fy = _hessian_of_row(
                    X[i], Y[i], V[i], W[i], X[here], Y[here], V[here], W[here], D, px[there], py[there]
                )
                pull[2 * i] += fx
                pull[2 * i + 1] += fy
            for j in range(left, right):
                pull[2 * j] -= px[j - left]
                pull[2 * j + 1] -= py[j - left]


@_compiled
def _value_of_row(xi, yi, X, Y, D):
    """Sum of (D - d)^2 over the pairs of (xi, yi) with the points (X, Y)."""
    total = D.dtype.type(0)
    for k in range(len(D)):
        dx, dy = xi - X[k], yi - Y[k]
        e = np.sqrt(dx * dx + dy * dy) - D[k]
        total += e * e
    return total


@_compiled
def _gradient_of_row(xi, yi, X, Y, D, px, py):
    """The same sum, and that of (1 - D / d)(x_i - x_j), which is added to (px, py) pair by pair."""
    zero, least = D.dtype.type(0), np.sqrt(np.finfo(D.dtype).tiny)
    total, fx, fy = zero, zero, zero
    for k in range(len(D)):
        dx, dy = xi - X[k], yi - Y[k]
        d = np.sqrt(dx * dx + dy * dy)
        e = d - D[k]
        w = e / max(d, least)  # of a coincident pair: any finite number, for dx and dy are zero
        wx, wy = w * dx, w * dy
        total += e * e
        fx += wx
        fy += wy
        px[k] += wx
        py[k] += wy
    return total, fx, fy


@_compiled
def _hessian_of_row(xi, yi, vi, wi, X, Y, V, W, D, px, py):
    """Sum of (1 - D / d)(v_i - v_j) + D / d u u^T (v_i - v_j), u of length 1 along x_i - x_j; added to (px, py) too."""
    real = D.dtype.type
    zero, one, least = real(0), real(1), np.sqrt(np.finfo(D.dtype).tiny)
    fx, fy = zero, zero
    for k in range(len(D)):
        dx, dy, vx, vy = xi - X[k], yi - Y[k], vi - V[k], wi - W[k]
        d = np.sqrt(dx * dx + dy * dy)
        inverse = one / max(d, least)
        ratio = D[k] * inverse if d > zero else zero  # a coincident pair keeps its smooth part
        ux, uy = dx * inverse, dy * inverse
        along = ratio * (ux * vx + uy * vy)
        hx, hy = (one - ratio) * vx + along * ux, (one - ratio) * vy + along * uy
        fx += hx
        fy += hy
        px[k] += hx
        py[k] += hy
    return fx, fy


@_compiled
def _distances(targets, radius, i, j, end, n, arcs):
    """The target distances from point i to the points from j up to `end`; `arcs` is room for them."""
    if targets.ndim == 1:  # decided when it is compiled
        start = i * (2 * n - i - 1) // 2 - i - 1
        return targets[start + j : start + end]
    else:  # noqa: RET505 - the other branch is compiled away
        D = arcs[: end - j]
        if targets.itemsize == 4:
            _fill_arcs(targets, radius, i, j, end, D, _NEAR_SINGLE, _FAR_SINGLE)
        else:
            _fill_arcs(targets, radius, i, j, end, D, _NEAR_DOUBLE, _FAR_DOUBLE)
        return D


@_compiled
def _fill_arcs(V, radius, i, j, end, arcs, near, far):
    """Into `arcs`: 2 asin(c / 2) radius from point i to the points from j up to `end`, where c is the chord.

    Up to 60 degrees a short polynomial of s = (c / 2)^2 will do. Beyond 90, 2 asin(c / 2) is pi minus the arc to the
    antipode, whose chord keeps all its digits where c loses them.
    """
    real = V.dtype.type
    one, quarter, half, four, eight = real(1), real(0.25), real(0.5), real(4), real(8)
    diameter, half_circle = real(2.0 * radius), real(np.pi * radius)
    a, b, c = V[0, i], V[1, i], V[2, i]
    A, B, C = V[0, j:end], V[1, j:end], V[2, j:end]
    beyond = 0
    for k in range(len(arcs)):
        s = quarter * ((a - A[k]) ** 2 + (b - B[k]) ** 2 + (c - C[k]) ** 2)
        arcs[k] = s
        beyond += s > quarter
    if beyond == 0:
        for k in range(len(arcs)):
            s = arcs[k]
            arcs[k] = diameter * np.sqrt(s) * _horner(eight * s - one, near)
    else:
        for k in range(len(arcs)):
            s, across = arcs[k], quarter * ((a + A[k]) ** 2 + (b + B[k]) ** 2 + (c + C[k]) ** 2)
            t = across if s > half else s
            arc = diameter * np.sqrt(t) * _horner(four * t - one, far)
            arcs[k] = half_circle - arc if s > half else arc


@_compiled
def _horner(u, coefficients):
    """The polynomial with these coefficients, the highest first, at u."""
    p = coefficients[0]
    for c in coefficients[1:]:
        p = p * u + c
    return p


def _arcsine_over_root(reach: float, degree: int, real: Any) -> tuple[Any, ...]:
    """Coefficients of asin(sqrt(s)) / sqrt(s) in u = 2 s / reach - 1, s from 0 to `reach`, the highest first."""

    def excess(u: Any) -> Any:
        root = np.sqrt(reach * (u + 1.0) / 2.0)
        return np.arcsin(root) / root - 1.0

    p = chebyshev.cheb2poly(chebyshev.chebinterpolate(excess, degree))
    p[0] += 1.0
    return tuple(real(c) for c in p[::-1])


# The degrees at which the error stops falling: 5e-16 in double precision, 1e-7 in single.
_NEAR_DOUBLE, _FAR_DOUBLE = _arcsine_over_root(0.25, 12, np.float64), _arcsine_over_root(0.5, 18, np.float64)
_NEAR_SINGLE, _FAR_SINGLE = _arcsine_over_root(0.25, 5, np.float32), _arcsine_over_root(0.5, 7, np.float32)


@_compiled
def _coordinates(x, targets):
    """The two coordinates of x, shape (n,) each, in the targets' precision."""
    n = len(x) // 2
    if len(x) != 2 * n:
        raise ValueError("x has an odd length")
    _check(n, targets)
    X, Y = np.empty(n, targets.dtype), np.empty(n, targets.dtype)
    for i in range(n):
        X[i], Y[i] = x[2 * i], x[2 * i + 1]
    return X, Y


@_compiled
def _check(n, targets):
    if (n * (n - 1) // 2 if targets.ndim == 1 else n) != targets.shape[-1]:
        raise ValueError("x and the targets have different numbers of points")


@_compiled
def _share(n, task, tasks):
    """The rows [begin, end) of a task: each has about as many pairs, so the first has the fewest rows."""
    return int(n - n * np.sqrt(1.0 - task / tasks)), int(n - n * np.sqrt(1.0 - (task + 1) / tasks))


@_compiled
def _add_up(shares, gradient):
    """Four times the sum of the tasks' shares, shape (tasks, 2n), into `gradient`."""
    for k in range(len(gradient)):
        total = 0.0
        for t in range(len(shares)):
            total += shares[t, k]
        gradient[k] = 4.0 * total


@_compiled
def _ends(pair, n):
    """The points i < j of a pair, from its index in condensed order."""
    i = int(((2 * n - 1) - np.sqrt((2.0 * n - 1.0) ** 2 - 8.0 * pair)) / 2.0)
    while i * (2 * n - i - 1) // 2 > pair:  # the root is rounded
        i -= 1
    while (i + 1) * (2 * n - i - 2) // 2 <= pair:
        i += 1
    return i, pair - i * (2 * n - i - 1) // 2 + i + 1
