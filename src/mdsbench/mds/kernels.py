"""The formulas of `mdsbench.mds.stress`, compiled: the same conventions, one pair of points after another.

In each function `x` is the flat vector of the n positions, shape (2n,), and `targets` is one of

- the condensed target distances, shape (n(n-1)/2,);
- points on a sphere about the origin, shape (3, n), in units of the plane: the distance of two points is the arc
  between them, computed when it is needed.

Both are float64 or float32, which is also the arithmetic of a pair. A row of pairs is summed in this precision, and the
rows in float64. Positions and results are float64. Derivatives are written into an array argument, shape (2n,), because
Numba takes longer to return an array than NumPy to make one. A ValueError means that x does not fit the targets, an
IndexError that a pair does not exist.

The triangle of pairs is processed in tiles whose points stay in a core's cache. Each row of a tile is a loop that the
compiler turns into vector instructions. Its indices are unsigned, because Numba checks for signed ones whether they
count from the end. They are offsets into whole arrays, because a slice costs as much as a few pairs. All that they use
is in this file, see `mdsbench.system.compiling`.
"""

from typing import Any

import numpy as np
from numba import prange
from numpy.polynomial import chebyshev

from mdsbench.system.compiling import jit, threaded

# Of a tile: 4096 coordinates, pulls and arcs are 160 kB in double precision, which stay in the cache of a core.
ROWS, COLUMNS = 256, 4096
LONG = 100  # pairs: from here on, two rows at a time are quicker than one after the other


def _inlined(function: Any) -> Any:
    """Inline a function into its callers, because for a row of few pairs a call costs as much as the pairs."""
    return jit(function, forceinline=True)


@jit
def value(targets, x):
    """The stress at x."""
    X, Y = _coordinates(x, targets)
    return 2.0 * _value_of_rows(X, Y, targets, 0, len(X))


@jit
def value_and_gradient(targets, x, gradient):
    """The stress at x; its gradient into `gradient`."""
    X, Y = _coordinates(x, targets)
    gradient[:] = 0.0
    total = _pull_of_rows(X, Y, None, None, targets, 0, len(X), gradient)
    for k in range(len(gradient)):
        gradient[k] *= 4.0
    return 2.0 * total


@jit
def hessian_vector(targets, x, v, product):
    """The Hessian of the stress at x times v, into `product`."""
    X, Y = _coordinates(x, targets)
    U, V = _coordinates(v, targets)
    product[:] = 0.0
    _pull_of_rows(X, Y, U, V, targets, 0, len(X), product)
    for k in range(len(product)):
        product[k] *= 4.0


@threaded
def threaded_value(targets, tasks, x):
    """As `value`, the rows divided into `tasks` of as many pairs each."""
    X, Y = _coordinates(x, targets)
    totals = np.zeros(tasks)
    for t in prange(tasks):
        begin, end = _share(len(X), t, tasks)
        totals[t] = _value_of_rows(X, Y, targets, begin, end)
    return 2.0 * totals.sum()


@threaded
def threaded_value_and_gradient(targets, tasks, x, gradient):
    """As `value_and_gradient`, the rows divided into `tasks`, added in their order: two calls agree to the last bit."""
    X, Y = _coordinates(x, targets)
    totals, gradients = np.zeros(tasks), np.zeros((tasks, len(x)))
    for t in prange(tasks):
        begin, end = _share(len(X), t, tasks)
        totals[t] = _pull_of_rows(X, Y, None, None, targets, begin, end, gradients[t])
    _add_up(gradients, gradient)
    return 2.0 * totals.sum()


@threaded
def threaded_hessian_vector(targets, tasks, x, v, product):
    """As `hessian_vector`, the rows divided into `tasks`, added in their order."""
    X, Y = _coordinates(x, targets)
    U, V = _coordinates(v, targets)
    products = np.zeros((tasks, len(x)))
    for t in prange(tasks):
        begin, end = _share(len(X), t, tasks)
        _pull_of_rows(X, Y, U, V, targets, begin, end, products[t])
    _add_up(products, product)


@jit
def guttman(x, gradient):
    """The Guttman transform of x from the gradient at x, in the gradient's place: centred x minus gradient / 4n."""
    n = len(x) // 2
    east, north = x[0::2].sum() / n, x[1::2].sum() / n
    for k in range(n):
        gradient[2 * k] = x[2 * k] - east - gradient[2 * k] / (4 * n)
        gradient[2 * k + 1] = x[2 * k + 1] - north - gradient[2 * k + 1] / (4 * n)


@jit
def batch_gradient(targets, x, pairs, gradient):
    """Into `gradient`: its estimate from some pairs, given by their indices in condensed order."""
    n = _points(x, targets)
    D = _held(targets, 1)
    gradient[:] = 0.0
    for pair in pairs:
        if not 0 <= pair < n * (n - 1) // 2:
            raise IndexError("there is no such pair")
        i, j = _ends(pair, n)
        target = D[_locate(targets, i, j, 1, n, D)]
        dx, dy = x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]
        d = np.sqrt(dx * dx + dy * dy)
        w = (d - target) / d if d > 0.0 else 0.0
        gradient[2 * i] += w * dx
        gradient[2 * i + 1] += w * dy
        gradient[2 * j] -= w * dx
        gradient[2 * j + 1] -= w * dy
    scale = 2.0 * n * (n - 1) / len(pairs)
    for k in range(len(gradient)):
        gradient[k] *= scale


@jit
def _value_of_rows(X, Y, targets, begin, end):
    """Sum of (D - d)^2 over the pairs whose first point is in [begin, end)."""
    n = len(X)
    D = _held(targets, n)
    total = 0.0
    for i in range(begin, end):
        for left in range(i + 1, n, COLUMNS):
            count = min(COLUMNS, n - left)
            at = _locate(targets, i, left, count, n, D)
            total += _value_of_row(X, Y, D, i, left, at, count)
    return total


@jit
def _pull_of_rows(X, Y, U, V, targets, begin, end, pull):
    """The same sum; into `pull`, a quarter of the share that these pairs have in the gradient.

    Or in the Hessian times (U, V), if they are not None: which, is decided when it is compiled.
    """
    n = len(X)
    D, px, py = _held(targets, n), np.empty(min(n, COLUMNS), X.dtype), np.empty(min(n, COLUMNS), X.dtype)
    total = 0.0
    for top in range(begin, end, ROWS):
        bottom = min(top + ROWS, end)
        for left in range(top + 1, n, COLUMNS):
            right = min(left + COLUMNS, n)
            px[: right - left] = 0
            py[: right - left] = 0
            row, last = top, min(bottom, right - 1)
            if U is None and targets.ndim == 1:
                while row + 1 < last and right - row > LONG:
                    total += _pull_of_two_rows(X, Y, targets, px, py, row, left, right, pull)
                    row += 2
            for i in range(row, last):
                j = max(left, i + 1)
                at = _locate(targets, i, j, right - j, n, D)
                if U is None:
                    square, fx, fy = _gradient_of_row(X, Y, D, px, py, i, j, at, j - left, right - j)
                else:
                    square, fx, fy = _hessian_of_row(X, Y, U, V, D, px, py, i, j, at, j - left, right - j)
                total += square
                pull[2 * i] += fx
                pull[2 * i + 1] += fy
            for k in range(right - left):
                pull[2 * (left + k)] -= px[k]
                pull[2 * (left + k) + 1] -= py[k]
    return total


@_inlined
def _value_of_row(X, Y, D, i, j, at, count):
    """Sum of (D - d)^2 over the pairs of point i with the `count` points from j on, whose distances start at D[at]."""
    j, at = np.uintp(j), np.uintp(at)
    xi, yi, total = X[i], Y[i], D.dtype.type(0)
    for k in range(np.uintp(count)):
        dx, dy = xi - X[j + k], yi - Y[j + k]
        e = np.sqrt(dx * dx + dy * dy) - D[at + k]
        total += e * e
    return total


@_inlined
def _gradient_of_row(X, Y, D, px, py, i, j, at, to, count):
    """The same sum, and that of (1 - D / d)(x_i - x_j), which is added to (px, py), from px[to] on, pair by pair."""
    j, at, to = np.uintp(j), np.uintp(at), np.uintp(to)
    zero, least = D.dtype.type(0), np.sqrt(np.finfo(D.dtype).tiny)
    xi, yi, total, fx, fy = X[i], Y[i], zero, zero, zero
    for k in range(np.uintp(count)):
        square, wx, wy = _pull_of_pair(xi - X[j + k], yi - Y[j + k], D[at + k], least)
        total += square
        fx += wx
        fy += wy
        px[to + k] += wx
        py[to + k] += wy
    return total, fx, fy


@_inlined
def _pull_of_pair(dx, dy, target, least):
    """(D - d)^2 and (1 - D / d)(dx, dy); nothing pulls at a coincident pair, whose d is taken to be `least`."""
    d = np.sqrt(dx * dx + dy * dy)
    e = d - target
    w = e / max(d, least)
    return e * e, w * dx, w * dy


@_inlined
def _pull_of_two_rows(X, Y, D, px, py, i, left, right, pull):
    """The same sum for the pairs of points i and i + 1 with those of a tile, and the pull of all of them.

    A point of the tile is fetched once for both, and the memory is read in two places: what it takes its time for.
    """
    n, after = len(X), max(left, i + 2)
    total = 0.0
    if left < after:  # their own pair is in this tile
        total, fx, fy = _gradient_of_row(X, Y, D, px, py, i, i + 1, _index(i, i + 1, n), i + 1 - left, 1)
        pull[2 * i] += fx
        pull[2 * i + 1] += fy
    j, to = np.uintp(after), np.uintp(after - left)
    at, below = np.uintp(_index(i, after, n)), np.uintp(_index(i + 1, after, n))
    zero, least = D.dtype.type(0), np.sqrt(np.finfo(D.dtype).tiny)
    xi, yi, fx, fy = X[i], Y[i], zero, zero
    xj, yj, gx, gy = X[i + 1], Y[i + 1], zero, zero
    squares = zero
    for k in range(np.uintp(right - after)):
        x, y = X[j + k], Y[j + k]
        square, wx, wy = _pull_of_pair(xi - x, yi - y, D[at + k], least)
        squares += square
        fx += wx
        fy += wy
        square, vx, vy = _pull_of_pair(xj - x, yj - y, D[below + k], least)
        squares += square
        gx += vx
        gy += vy
        px[to + k] += wx + vx
        py[to + k] += wy + vy
    pull[2 * i] += fx
    pull[2 * i + 1] += fy
    pull[2 * i + 2] += gx
    pull[2 * i + 3] += gy
    return total + squares


@_inlined
def _hessian_of_row(X, Y, U, V, D, px, py, i, j, at, to, count):
    """Zero, and the sum of (1 - D / d) v + D / d (e.v) e with e along x_i - x_j, of length 1, and v = v_i - v_j."""
    j, at, to = np.uintp(j), np.uintp(at), np.uintp(to)
    real = D.dtype.type
    zero, one, least = real(0), real(1), np.sqrt(np.finfo(D.dtype).tiny)
    xi, yi, ui, vi, fx, fy = X[i], Y[i], U[i], V[i], zero, zero
    for k in range(np.uintp(count)):
        dx, dy, u, v = xi - X[j + k], yi - Y[j + k], ui - U[j + k], vi - V[j + k]
        d = np.sqrt(dx * dx + dy * dy)
        inverse = one / max(d, least)
        ratio = D[at + k] * inverse if d > zero else zero  # a coincident pair keeps its smooth part
        ex, ey = dx * inverse, dy * inverse
        along = ratio * (ex * u + ey * v)
        hx, hy = (one - ratio) * u + along * ex, (one - ratio) * v + along * ey
        fx += hx
        fy += hy
        px[to + k] += hx
        py[to + k] += hy
    return zero, fx, fy


@jit
def _held(targets, n):
    """Where distances are read: the targets themselves, or room for a row of arcs; decided when it is compiled."""
    if targets.ndim == 1:
        return targets
    else:  # noqa: RET505 - the other branch is compiled away
        return np.empty(min(n, COLUMNS), targets.dtype)


@_inlined
def _locate(targets, i, j, count, n, D):
    """Where in D the distances from point i to the `count` points from j on begin; arcs are computed now."""
    if targets.ndim == 1:
        return _index(i, j, n)
    else:  # noqa: RET505 - as above
        if targets.itemsize == 4:
            _fill_arcs(targets, i, j, count, D, _NEAR_SINGLE, _FAR_SINGLE)
        else:
            _fill_arcs(targets, i, j, count, D, _NEAR_DOUBLE, _FAR_DOUBLE)
        return 0


@_inlined
def _index(i, j, n):
    """The index of the pair i < j of n points in condensed order."""
    return i * (2 * n - i - 1) // 2 + j - i - 1


@jit
def _fill_arcs(S, i, j, count, arcs, near, far):
    """Into `arcs`: 2 r asin(c / 2r) from point i to the `count` points from j on, where c is the chord, r the radius.

    Up to 60 degrees, c = r, a short polynomial of c^2 will do. Beyond 90, it is half a circle minus the arc to the
    antipode, whose chord keeps all its digits where c loses them.
    """
    j, count = np.uintp(j), np.uintp(count)
    real = S.dtype.type
    a, b, c = S[0, i], S[1, i], S[2, i]
    near_square = a * a + b * b + c * c
    one, far_square, half_circle = real(1), real(2) * near_square, real(np.pi) * np.sqrt(near_square)
    shrink, shrink_twice = one / near_square, real(2) / near_square
    beyond = 0
    for k in range(count):
        square = (a - S[0, j + k]) ** 2 + (b - S[1, j + k]) ** 2 + (c - S[2, j + k]) ** 2
        arcs[k] = square
        beyond += square > near_square
    if beyond == 0:
        for k in range(count):
            square = arcs[k]
            arcs[k] = np.sqrt(square) * _horner(shrink_twice * square - one, near)
    else:
        for k in range(count):
            square = arcs[k]
            across = (a + S[0, j + k]) ** 2 + (b + S[1, j + k]) ** 2 + (c + S[2, j + k]) ** 2
            smaller = across if square > far_square else square
            arc = np.sqrt(smaller) * _horner(shrink * smaller - one, far)
            arcs[k] = half_circle - arc if square > far_square else arc


@jit
def _horner(u, coefficients):
    """The polynomial with these coefficients, the highest first, at u."""
    p = coefficients[0]
    for c in coefficients[1:]:
        p = p * u + c
    return p


def _arc_over_chord(reach: float, degree: int, real: Any) -> tuple[Any, ...]:
    """Coefficients of 2 asin(c / 2) / c in u = 2 c^2 / reach - 1, c^2 from 0 to `reach`, r = 1, the highest first."""

    def excess(u: Any) -> Any:
        chord = np.sqrt(reach * (u + 1.0) / 2.0)
        return 2.0 * np.arcsin(chord / 2.0) / chord - 1.0

    p = chebyshev.cheb2poly(chebyshev.chebinterpolate(excess, degree))
    p[0] += 1.0
    return tuple(real(c) for c in p[::-1])


# The degrees at which the error stops falling: 5e-16 in double precision, 1e-7 in single.
_NEAR_DOUBLE, _FAR_DOUBLE = _arc_over_chord(1.0, 11, np.float64), _arc_over_chord(2.0, 18, np.float64)
_NEAR_SINGLE, _FAR_SINGLE = _arc_over_chord(1.0, 5, np.float32), _arc_over_chord(2.0, 7, np.float32)


@jit
def _coordinates(x, targets):
    """The two coordinates of x, shape (n,) each, in the targets' precision."""
    n = _points(x, targets)
    X, Y = np.empty(n, targets.dtype), np.empty(n, targets.dtype)
    for i in range(n):
        X[i], Y[i] = x[2 * i], x[2 * i + 1]
    return X, Y


@jit
def _points(x, targets):
    """The number of points; raises ValueError if x and the targets differ in it."""
    n = len(x) // 2
    if len(x) != 2 * n or (n * (n - 1) // 2 if targets.ndim == 1 else n) != targets.shape[-1]:
        raise ValueError("x does not have two coordinates for each point of the targets")
    return n


@jit
def _share(n, task, tasks):
    """The rows [begin, end) of a task: each has about as many pairs, so the first has the fewest rows."""
    return int(n - n * np.sqrt(1.0 - task / tasks)), int(n - n * np.sqrt(1.0 - (task + 1) / tasks))


@jit
def _add_up(shares, gradient):
    """Four times the sum of the tasks' shares, shape (tasks, 2n), into `gradient`."""
    for k in range(len(gradient)):
        total = 0.0
        for t in range(len(shares)):
            total += shares[t, k]
        gradient[k] = 4.0 * total


@jit
def _ends(pair, n):
    """The points i < j of a pair, from its index in condensed order."""
    i = int(((2 * n - 1) - np.sqrt((2.0 * n - 1.0) ** 2 - 8.0 * pair)) / 2.0)
    while i * (2 * n - i - 1) // 2 > pair:  # the root is rounded
        i -= 1
    while (i + 1) * (2 * n - i - 2) // 2 <= pair:
        i += 1
    return i, pair - _index(i, i + 1, n) + i + 1
