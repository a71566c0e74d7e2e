"""Residuals in any number n of variables: the members of Moré and Wild's set that have no fixed n, and some more.

Numbers in parentheses are those of Moré, Garbow and Hillstrom (1981), section 3. Each function returns the residuals
with the standard start.
"""

import numpy as np

from mdsbench.problems.problem import Array
from mdsbench.problems.residuals import Residuals


def linear_full_rank(n: int, m: int) -> Residuals:
    """(32) x_i - (2/m) sum_j x_j - 1, without x_i where i > n."""
    J = np.eye(m, n) - 2 / m
    return _affine(J, np.full(m, -1.0))


def linear_rank_one(n: int, m: int) -> Residuals:
    """(33) i sum_j j x_j - 1."""
    return _affine(np.outer(np.arange(1.0, m + 1), np.arange(1.0, n + 1)), np.full(m, -1.0))


def linear_rank_one_with_zeros(n: int, m: int) -> Residuals:
    """(34) (i - 1) sum_j j x_j - 1 with j from 2 to n - 1; the first and the last residual are -1."""
    rows, columns = np.arange(float(m)), np.arange(1.0, n + 1)
    rows[-1] = columns[0] = columns[-1] = 0
    return _affine(np.outer(rows, columns), np.full(m, -1.0))


def watson(n: int) -> Residuals:
    """(20) sum_j (j - 1) x_j t_i^(j-2) - (sum_j x_j t_i^(j-1))^2 - 1 with t_i = i/29; then x_1 and x_2 - x_1^2 - 1.

    The start is Moré and Wild's, where every variable is 1/2; the older papers have 0.
    """
    powers = (np.arange(1.0, 30) / 29)[:, None] ** np.arange(float(n))
    slopes = np.zeros_like(powers)
    slopes[:, 1:] = np.arange(1.0, n) * powers[:, :-1]

    def values(x: Array) -> Array:
        return np.concatenate([slopes @ x - (powers @ x) ** 2 - 1, [x[0], x[1] - x[0] ** 2 - 1]])

    def jacobian(x: Array) -> Array:
        last = np.zeros((2, n))
        last[:, :2] = [[1.0, 0.0], [-2 * x[0], 1.0]]
        return np.concatenate([slopes - 2 * (powers @ x)[:, None] * powers, last])

    return Residuals(values=values, jacobian=jacobian, start=np.full(n, 0.5))


def chebyquad(n: int, m: int) -> Residuals:
    """(35) (1/n) sum_j T_i(x_j) - the integral of T_i from 0 to 1, with the Chebyshev polynomials T_i on [0, 1]."""
    i = np.arange(1, m + 1)
    integral = np.where(i % 2, 0.0, -1.0 / np.maximum(i**2 - 1, 1))

    def polynomials(x: Array) -> tuple[Array, Array]:
        """T_0 to T_m at each x_j and their derivatives, by the recurrence T_{i+1} = 2 y T_i - T_{i-1}, y = 2 x - 1."""
        y = 2 * x - 1
        T, slope = np.ones((m + 1, n), x.dtype), np.zeros((m + 1, n), x.dtype)
        T[1], slope[1] = y, 2.0
        for k in range(1, m):
            T[k + 1] = 2 * y * T[k] - T[k - 1]
            slope[k + 1] = 4 * T[k] + 2 * y * slope[k] - slope[k - 1]
        return T[1:], slope[1:]

    return Residuals(
        values=lambda x: polynomials(x)[0].mean(axis=1) - integral,
        jacobian=lambda x: polynomials(x)[1] / n,
        start=np.arange(1.0, n + 1) / (n + 1),
    )


def brown_almost_linear(n: int) -> Residuals:
    """(27) x_i + sum_j x_j - (n + 1) for i < n, and the product of all x_j - 1."""

    def values(x: Array) -> Array:
        return np.append(x[:-1] + x.sum() - (n + 1), x.prod() - 1)

    def jacobian(x: Array) -> Array:
        J = np.ones((n, n)) + np.eye(n)
        before, after = np.cumprod(x), np.cumprod(x[::-1])[::-1]
        J[-1] = np.append(1.0, before[:-1]) * np.append(after[1:], 1.0)
        return J

    return Residuals(values=values, jacobian=jacobian, start=np.full(n, 0.5), clipped=True)


def bdqrtic(n: int) -> Residuals:
    """-4 x_i + 3, and x_i^2 + 2 x_{i+1}^2 + 3 x_{i+2}^2 + 4 x_{i+3}^2 + 5 x_n^2, for i from 1 to n - 4.

    Problem 61 of Conn, Gould, Lescrenier & Toint (1988); BDQRTIC in CUTEr.
    """
    few = n - 4
    weights = np.zeros((few, n))
    for k in range(4):
        weights[np.arange(few), np.arange(few) + k] = k + 1
    weights[:, -1] += 5
    linear = -4 * np.eye(few, n)
    return Residuals(
        values=lambda x: np.concatenate([3 - 4 * x[:few], weights @ x**2]),
        jacobian=lambda x: np.concatenate([linear, 2 * weights * x]),
        start=np.ones(n),
    )


def cube(n: int) -> Residuals:
    """x_1 - 1, and 10 (x_i - x_{i-1}^3) for i from 2 on: CUBE in CUTEr. The start is Moré and Wild's."""
    later = np.arange(1, n)

    def values(x: Array) -> Array:
        return np.append(x[:1] - 1, 10 * (x[1:] - x[:-1] ** 3))

    def jacobian(x: Array) -> Array:
        J = 10 * np.eye(n)
        J[0, 0] = 1.0
        J[later, later - 1] = -30 * x[:-1] ** 2
        return J

    return Residuals(values=values, jacobian=jacobian, start=np.full(n, 0.5))


def mancino(n: int) -> Residuals:
    """1400 x_i + (i - 50)^3 + sum_j v_ij (sin(log v_ij)^5 + cos(log v_ij)^5) with v_ij = sqrt(x_i^2 + i/j).

    Spedicato (1975), MANCINO in CUTEr with the constants of n = 100, which Moré and Wild take for every n.
    """
    i = np.arange(1.0, n + 1)
    ratio, cubes = i[:, None] / i, (i - 50) ** 3

    def waves(v: Array) -> Array:
        return np.asarray(np.sin(np.log(v)) ** 5 + np.cos(np.log(v)) ** 5)

    def values(x: Array) -> Array:
        v = np.sqrt(x[:, None] ** 2 + ratio)
        return np.asarray(1400 * x + cubes + (v * waves(v)).sum(axis=1))

    def jacobian(x: Array) -> Array:
        v = np.sqrt(x[:, None] ** 2 + ratio)
        sine, cosine = np.sin(np.log(v)), np.cos(np.log(v))
        slope = waves(v) + 5 * sine * cosine * (sine**3 - cosine**3)
        return np.diag(1400 + x * (slope / v).sum(axis=1))

    v = np.sqrt(ratio)
    return Residuals(values=values, jacobian=jacobian, start=-8.710996e-4 * (cubes + (v * waves(v)).sum(axis=1)))


def extended_rosenbrock(n: int) -> Residuals:
    """(21) 10 (x_{2i} - x_{2i-1}^2) and 1 - x_{2i-1}: n/2 functions of two variables, for an even n."""
    odd, even = np.arange(0, n, 2), np.arange(1, n, 2)

    def values(x: Array) -> Array:
        return np.column_stack([10 * (x[even] - x[odd] ** 2), 1 - x[odd]]).ravel()

    def jacobian(x: Array) -> Array:
        J = np.zeros((n, n))
        J[odd, odd], J[odd, even], J[even, odd] = -20 * x[odd], 10.0, -1.0
        return J

    return Residuals(values=values, jacobian=jacobian, start=np.tile([-1.2, 1.0], n // 2))


def discrete_boundary_value(n: int) -> Residuals:
    """(28) 2 x_i - x_{i-1} - x_{i+1} + h^2 (x_i + t_i + 1)^3 / 2 with h = 1/(n + 1), t_i = i h, x_0 = x_{n+1} = 0."""
    h = 1 / (n + 1)
    t = h * np.arange(1.0, n + 1)
    difference = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    return Residuals(
        values=lambda x: difference @ x + h**2 * (x + t + 1) ** 3 / 2,
        jacobian=lambda x: difference + np.diag(1.5 * h**2 * (x + t + 1) ** 2),
        start=t * (t - 1),
    )


def broyden_tridiagonal(n: int) -> Residuals:
    """(30) (3 - 2 x_i) x_i - x_{i-1} - 2 x_{i+1} + 1 with x_0 = x_{n+1} = 0."""
    beside = -np.eye(n, k=-1) - 2 * np.eye(n, k=1)
    return Residuals(
        values=lambda x: (3 - 2 * x) * x + beside @ x + 1,
        jacobian=lambda x: beside + np.diag(3 - 4 * x),
        start=np.full(n, -1.0),
    )


def variably_dimensioned(n: int) -> Residuals:
    """(25) x_j - 1, then s = sum_j j (x_j - 1), and s^2."""
    j = np.arange(1.0, n + 1)

    def values(x: Array) -> Array:
        s = j @ (x - 1)
        return np.concatenate([x - 1, [s, s**2]])

    return Residuals(
        values=values,
        jacobian=lambda x: np.concatenate([np.eye(n), [j, 2 * (j @ (x - 1)) * j]]),
        start=1 - j / n,
    )


def _affine(J: Array, at_zero: Array) -> Residuals:
    return Residuals(values=lambda x: J @ x + at_zero, jacobian=lambda _: J.copy(), start=np.ones(J.shape[1]))
