"""The least values of the functions of Moré and Wild's set, where they are known."""

from math import nan

import numpy as np

from mdsbench.problems.data_files import UNKNOWN, BestKnown, best_known

ZERO = {
    "rosenbrock",
    "helical-valley",
    "powell-singular",
    "freudenstein-roth",
    "box",
    "brown-almost-linear",
    "cube",
    "mancino",
    "heart",
    "extended-rosenbrock",
    "discrete-boundary-value",
    "broyden-tridiagonal",
    "variably-dimensioned",
}
ZERO_CHEBYQUAD = {2, 3, 4, 5, 6, 7, 9}  # n where m = n; no other n has a zero


def known_minimum(function: str, n: int, m: int, form: str) -> BestKnown:
    """The least known value of a function with n variables and m residuals in a form, and where it is from.

    The noise of the form `noisy` is relative, so that a minimum of 0 remains one; others are unknown.
    """
    if function in ZERO or (function == "chebyquad" and n in ZERO_CHEBYQUAD):
        return BestKnown(0.0, "all residuals are zero at the minimum")
    if form == "noisy":
        return BestKnown(nan, UNKNOWN)
    smooth = form in ("smooth", "stochastic")
    if function.startswith("linear-"):
        if smooth:
            return BestKnown(_linear(function, n, m), "Moré, Garbow & Hillstrom 1981, problems 32 to 34")
        return BestKnown(_linear_absolute(function, m), "the least value at a kink")
    return best_known("best_known_more_wild.json", f"{function}-{n} {'smooth' if smooth else 'nonsmooth'}")


def _linear(function: str, n: int, m: int) -> float:
    """The formulas of the paper: the linear functions have no zero."""
    if function == "linear-full-rank":
        return float(m - n)
    if function == "linear-rank-one":
        return m * (m - 1) / (2 * (2 * m + 1))
    return (m**2 + 3 * m - 6) / (2 * (2 * m - 3))


def _linear_absolute(function: str, m: int) -> float:
    """The least sums of absolute residuals of the linear functions, where n is less than m/2.

    By symmetry and convexity all variables of the function of full rank may be equal, and then all residuals with i > n
    vanish at the lower of two kinks. The others depend on one number s and have kinks where a residual is 0.
    """
    if function == "linear-full-rank":
        return m / 2
    slopes = np.arange(1.0, m + 1 if function == "linear-rank-one" else m - 1)
    weights = slopes[::-1].cumsum()  # of the kinks 1 / slopes, from the lowest on: the least value is at their median
    median = slopes[::-1][np.searchsorted(weights, weights[-1] / 2)]
    return float(np.abs(slopes / median - 1).sum()) + m - len(slopes)
