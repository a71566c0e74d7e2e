"""Small systems of equations of Moré, Garbow and Hillstrom (1981), by the numbers of their section 3, and the heart.

Each function returns the residuals with the standard start.
"""

import numpy as np

from mdsbench.problems.problem import Array
from mdsbench.problems.residuals import Residuals


def rosenbrock() -> Residuals:
    """(1) 10 (x_2 - x_1^2) and 1 - x_1."""
    return Residuals(
        values=lambda x: np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]]),
        jacobian=lambda x: np.array([[-20 * x[0], 10.0], [-1.0, 0.0]]),
        start=np.array([-1.2, 1.0]),
    )


def helical_valley() -> Residuals:
    """(7) 10 (x_3 - 10 theta), 10 (r - 1) and x_3, where r and 2 pi theta are polar coordinates of (x_1, x_2).

    theta is between -1/4 and 3/4, so that it jumps where x_1 = 0 and x_2 < 0. At the axis r = 0 it has no derivative,
    and the Jacobian has zeros there.
    """

    def values(x: Array) -> Array:
        turns = np.arctan2(x[1], x[0]) / (2 * np.pi)
        theta = turns + 1 if turns < -0.25 else turns
        return np.array([10 * (x[2] - 10 * theta), 10 * (np.hypot(x[0], x[1]) - 1), x[2]])

    def jacobian(x: Array) -> Array:
        r = np.hypot(x[0], x[1])
        a, b = (x[0] / r, x[1] / r) if r else (0.0, 0.0)
        turn = 50 / (np.pi * r) if r else 0.0
        return np.array([[turn * b, -turn * a, 10.0], [10 * a, 10 * b, 0.0], [0.0, 0.0, 1.0]])

    return Residuals(values=values, jacobian=jacobian, start=np.array([-1.0, 0.0, 0.0]))


def powell_singular() -> Residuals:
    """(13) x_1 + 10 x_2, sqrt(5) (x_3 - x_4), (x_2 - 2 x_3)^2 and sqrt(10) (x_1 - x_4)^2."""
    five, ten = np.sqrt(5), np.sqrt(10)

    def jacobian(x: Array) -> Array:
        inner, outer = 2 * (x[1] - 2 * x[2]), 2 * ten * (x[0] - x[3])
        return np.array([[1, 10, 0, 0], [0, 0, five, -five], [0, inner, -2 * inner, 0], [outer, 0, 0, -outer]])

    return Residuals(
        values=lambda x: np.array(
            [x[0] + 10 * x[1], five * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, ten * (x[0] - x[3]) ** 2]
        ),
        jacobian=jacobian,
        start=np.array([3.0, -1.0, 0.0, 1.0]),
    )


def freudenstein_roth() -> Residuals:
    """(2) -13 + x_1 + ((5 - x_2) x_2 - 2) x_2 and -29 + x_1 + ((x_2 + 1) x_2 - 14) x_2."""
    return Residuals(
        values=lambda x: np.array(
            [-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]]
        ),
        jacobian=lambda x: np.array([[1.0, (10 - 3 * x[1]) * x[1] - 2], [1.0, (3 * x[1] + 2) * x[1] - 14]]),
        start=np.array([0.5, -2.0]),
    )


def heart() -> Residuals:
    """The heart as two dipoles (Dennis, Gay & Vu 1985; HEART8LS in CUTEr), with their moments M and places Z.

    The variables are x = (Re M, Im M, Re Z, Im Z), two numbers each. The residuals are the real and the imaginary parts
    of M_1 Z_1^p + M_2 Z_2^p - s_p for p = 0, 1, 2, 3, where s_p was measured.
    """
    measured = np.array([-0.69 - 0.044j, -1.57 - 1.31j, -2.65 + 2.0j, -12.6 + 9.48j])
    p = np.arange(4)[:, None]

    def dipoles(x: Array) -> tuple[np.ndarray, np.ndarray]:
        return x[0:2] + 1j * x[2:4], x[4:6] + 1j * x[6:8]

    def values(x: Array) -> Array:
        M, Z = dipoles(x)
        left = (M * Z**p).sum(axis=1) - measured
        return np.column_stack([left.real, left.imag]).ravel()

    def jacobian(x: Array) -> Array:
        M, Z = dipoles(x)
        by_moment, by_place = Z**p, p * M * Z ** np.maximum(p - 1, 0)
        complex_rows = np.hstack([by_moment, 1j * by_moment, by_place, 1j * by_place])
        return np.stack([complex_rows.real, complex_rows.imag], axis=1).reshape(8, 8)

    return Residuals(
        values=values,
        jacobian=jacobian,
        start=np.array([-0.3, -0.39, 0.3, -0.344, -1.2, 2.69, 1.59, -1.5]),
    )
