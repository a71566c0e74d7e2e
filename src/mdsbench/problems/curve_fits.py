"""Fits to data of the set of Moré, Garbow and Hillstrom (1981), by the numbers of their section 3.

Each function returns the residuals of a fit with the standard start. t are the abscissas, y the data.
"""

import numpy as np

from mdsbench.problems.problem import Array
from mdsbench.problems.residuals import Residuals

_BARD = "0.14 0.18 0.22 0.25 0.29 0.32 0.35 0.39 0.37 0.58 0.73 0.96 1.34 2.10 4.39"
_KOWALIK_Y = "0.1957 0.1947 0.1735 0.1600 0.0844 0.0627 0.0456 0.0342 0.0323 0.0235 0.0246"
_KOWALIK_U = "4 2 1 0.5 0.25 0.167 0.125 0.1 0.0833 0.0714 0.0625"
_MEYER = "34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872"
_OSBORNE_1 = """
0.844 0.908 0.932 0.936 0.925 0.908 0.881 0.850 0.818 0.784 0.751 0.718 0.685 0.658 0.628 0.603 0.580
0.558 0.538 0.522 0.506 0.490 0.478 0.467 0.457 0.448 0.438 0.431 0.424 0.420 0.414 0.411 0.406
"""
_OSBORNE_2 = """
1.366 1.191 1.112 1.013 0.991 0.885 0.831 0.847 0.786 0.725 0.746 0.679 0.608 0.655 0.616 0.606 0.602
0.626 0.651 0.724 0.649 0.649 0.694 0.644 0.624 0.661 0.612 0.558 0.533 0.495 0.500 0.423 0.395 0.375
0.372 0.391 0.396 0.405 0.428 0.429 0.523 0.562 0.607 0.653 0.672 0.708 0.633 0.668 0.645 0.632 0.591
0.559 0.597 0.625 0.739 0.710 0.729 0.720 0.636 0.581 0.428 0.292 0.162 0.098 0.054
"""


def bard() -> Residuals:
    """(8) y_i - (x_1 + u_i / (v_i x_2 + w_i x_3)) with u_i = i, v_i = 16 - i, w_i = min(u_i, v_i)."""
    y, u = _numbers(_BARD), np.arange(1.0, 16.0)
    v = 16 - u
    w = np.minimum(u, v)

    def jacobian(x: Array) -> Array:
        slope = u / (v * x[1] + w * x[2]) ** 2
        return np.column_stack([np.full(15, -1.0), slope * v, slope * w])

    return Residuals(
        values=lambda x: y - (x[0] + u / (v * x[1] + w * x[2])), jacobian=jacobian, start=np.ones(3), clipped=True
    )


def kowalik_osborne() -> Residuals:
    """(15) y_i - x_1 (u_i^2 + u_i x_2) / (u_i^2 + u_i x_3 + x_4)."""
    y, u = _numbers(_KOWALIK_Y), _numbers(_KOWALIK_U)

    def jacobian(x: Array) -> Array:
        above, below = u**2 + u * x[1], u**2 + u * x[2] + x[3]
        ratio = above / below
        return np.column_stack([-ratio, -x[0] * u / below, x[0] * ratio * u / below, x[0] * ratio / below])

    return Residuals(
        values=lambda x: y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3]),
        jacobian=jacobian,
        start=np.array([0.25, 0.39, 0.415, 0.39]),
        clipped=True,
    )


def meyer() -> Residuals:
    """(10) x_1 exp(x_2 / (t_i + x_3)) - y_i with t_i = 45 + 5 i."""
    y = _numbers(_MEYER)
    t = 45 + 5 * np.arange(1.0, len(y) + 1)

    def jacobian(x: Array) -> Array:
        grown = np.exp(x[1] / (t + x[2]))
        return np.column_stack([grown, x[0] * grown / (t + x[2]), -x[0] * x[1] * grown / (t + x[2]) ** 2])

    return Residuals(
        values=lambda x: x[0] * np.exp(x[1] / (t + x[2])) - y, jacobian=jacobian, start=np.array([0.02, 4000.0, 250.0])
    )


def box_three_dimensional(m: int) -> Residuals:
    """(12) exp(-t_i x_1) - exp(-t_i x_2) - x_3 (exp(-t_i) - exp(-10 t_i)) with t_i = i / 10."""
    t = np.arange(1.0, m + 1) / 10
    c = np.exp(-t) - np.exp(-10 * t)
    return Residuals(
        values=lambda x: np.exp(-t * x[0]) - np.exp(-t * x[1]) - c * x[2],
        jacobian=lambda x: np.column_stack([-t * np.exp(-t * x[0]), t * np.exp(-t * x[1]), -c]),
        start=np.array([0.0, 10.0, 20.0]),
    )


def jennrich_sampson(m: int) -> Residuals:
    """(6) 2 + 2 i - (exp(i x_1) + exp(i x_2))."""
    i = np.arange(1.0, m + 1)
    return Residuals(
        values=lambda x: 2 + 2 * i - np.exp(i * x[0]) - np.exp(i * x[1]),
        jacobian=lambda x: -i[:, None] * np.exp(np.outer(i, x)),
        start=np.array([0.3, 0.4]),
        clipped=True,
    )


def brown_dennis(m: int) -> Residuals:
    """(16) (x_1 + t_i x_2 - exp(t_i))^2 + (x_3 + x_4 sin(t_i) - cos(t_i))^2 with t_i = i / 5."""
    t = np.arange(1.0, m + 1) / 5

    def parts(x: Array) -> tuple[Array, Array]:
        return x[0] + t * x[1] - np.exp(t), x[2] + x[3] * np.sin(t) - np.cos(t)

    def values(x: Array) -> Array:
        a, b = parts(x)
        return a**2 + b**2

    def jacobian(x: Array) -> Array:
        a, b = parts(x)
        return 2 * np.column_stack([a, a * t, b, b * np.sin(t)])

    return Residuals(values=values, jacobian=jacobian, start=np.array([25.0, 5.0, -5.0, -1.0]))


def osborne_1() -> Residuals:
    """(17) y_i - (x_1 + x_2 exp(-t_i x_4) + x_3 exp(-t_i x_5)) with t_i = 10 (i - 1)."""
    y = _numbers(_OSBORNE_1)
    t = 10 * np.arange(float(len(y)))

    def jacobian(x: Array) -> Array:
        a, b = np.exp(-t * x[3]), np.exp(-t * x[4])
        return np.column_stack([np.full(len(t), -1.0), -a, -b, t * x[1] * a, t * x[2] * b])

    return Residuals(
        values=lambda x: y - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4])),
        jacobian=jacobian,
        start=np.array([0.5, 1.5, 1.0, 0.01, 0.02]),
        clipped=True,
    )


def osborne_2() -> Residuals:
    """(19) y_i - (x_1 exp(-t_i x_5) + sum of x_{k+1} exp(-(t_i - x_{k+8})^2 x_{k+5}) for k = 1, 2, 3).

    The abscissas are t_i = (i - 1) / 10.
    """
    y = _numbers(_OSBORNE_2)
    t = np.arange(float(len(y))) / 10

    def peaks(x: Array) -> tuple[Array, Array, Array]:
        """The distance of each abscissa from the middle of each peak, the decay and the peaks, shape (65, 3)."""
        away = t[:, None] - x[8:11]
        return away, np.exp(-t * x[4]), np.exp(-(away**2) * x[5:8])

    def values(x: Array) -> Array:
        _, decay, peak = peaks(x)
        return np.asarray(y - x[0] * decay - peak @ x[1:4])

    def jacobian(x: Array) -> Array:
        away, decay, peak = peaks(x)
        high = x[1:4] * peak
        return np.column_stack([-decay, -peak, t * x[0] * decay, away**2 * high, -2 * away * x[5:8] * high])

    start = np.array([1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5])
    return Residuals(values=values, jacobian=jacobian, start=start, clipped=True)


def _numbers(text: str) -> Array:
    return np.array(text.split(), dtype=float)
