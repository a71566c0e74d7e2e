"""Numbers that others have published, found again by this package.

The small matrices are typed in from their sources. They prove themselves: a single wrong entry changes the numbers.
"""

from functools import partial

import numpy as np
import pytest
from scipy.spatial.distance import squareform

import mdsbench
from mdsbench.mds import initial_maps, stress
from mdsbench.mds.rate import slow_mode
from mdsbench.mds.stress import Array

# Ekman 1954, Dimensions of color vision, Journal of Psychology 38, table 1: similarities of 14 colours of 434 to 674 nm
# in hundredths, the upper triangle by rows. As in the R package smacof: `ekman`.
EKMAN = """
86 42 42 18  6  7  4  2  7  9 12 13 16
50 44 22  9  7  7  2  4  7 11 13 14
81 47 17 10  8  2  1  2  1  5  3
54 25 10  9  2  1  0  1  2  4
61 31 26  7  2  2  1  2  0
62 45 14  8  2  2  2  1
73 22 14  5  2  2  0
33 19  4  3  2  2
58 37 27 20 23
74 50 41 28
76 62 55
85 68
76
"""

# R's dataset `eurodist`: road distances of 21 cities in km, from The Cambridge Encyclopaedia, the lower triangle by
# columns. Athens, Barcelona, Brussels, Calais, Cherbourg, Cologne, Copenhagen, Geneva, Gibraltar, Hamburg, Hook of
# Holland, Lisbon, Lyons, Madrid, Marseilles, Milan, Munich, Paris, Rome, Stockholm, Vienna.
EURODIST = """
3313 2963 3175 3339 2762 3276 2610 4485 2977 3030 4532 2753 3949 2865 2282 2179 3000 817 3927 1991
1318 1326 1294 1498 2218 803 1172 2018 1490 1305 645 636 521 1014 1365 1033 1460 2868 1802
204 583 206 966 677 2256 597 172 2084 690 1558 1011 925 747 285 1511 1616 1175
460 409 1136 747 2224 714 330 2052 739 1550 1059 1077 977 280 1662 1786 1381
785 1545 853 2047 1115 731 1827 789 1347 1101 1209 1160 340 1794 2196 1588
760 1662 2436 460 269 2290 714 1764 1035 911 583 465 1497 1403 937
1418 3196 460 269 2971 1458 2498 1778 1537 1104 1176 2050 650 1455
1975 1118 895 1936 158 1439 425 328 591 513 995 2068 1019
2897 2428 676 1817 698 1693 2185 2565 1971 2631 3886 2974
550 2671 1159 2198 1479 1238 805 877 1751 949 1155
2280 863 1730 1183 1098 851 457 1683 1500 1205
1178 668 1762 2250 2507 1799 2700 3231 2937
1281 320 328 724 471 1048 2108 1157
1157 1724 2010 1273 2097 3188 2409
618 1109 792 1011 2428 1363
331 856 586 2187 898
821 946 1754 428
1476 1827 1249
2707 1209
2105
"""


def condensed(table: str) -> Array:
    """The pairs of a triangle in the order of `scipy.spatial.distance.pdist`."""
    return np.array(table.split(), dtype=float)


# de Leeuw 2024, Accelerated Least Squares Multidimensional Scaling, section 2.1. His dissimilarity is 1 - similarity.
# His stress is half the sum over i < j of dissimilarities that are normalised, but the number that he prints is the sum
# over all i and j of those that are not: our stress. He stops at iteration 56, where its change is below 1e-15.
@pytest.fixture(scope="module")
def plain_smacof() -> tuple[Array, list[Array]]:
    """Ekman's dissimilarities and the iterates of SMACOF from Torgerson's map."""
    D = 1.0 - condensed(EKMAN) / 100.0
    iterates = [initial_maps.classical(D)]
    for _ in range(200):
        iterates.append(stress.value_and_guttman(iterates[-1], D)[1])
    return D, iterates


def test_ekmans_colours_end_where_de_leeuw_ends(plain_smacof: tuple[Array, list[Array]]) -> None:
    D, iterates = plain_smacof
    assert stress.value(iterates[56], D) == pytest.approx(2.1114112739076, abs=1e-13)


# He estimates the rate by the last change of the configuration over the one before it. The last change is 4e-9 of
# numbers near 1, so its round-off of 1e-16 leaves seven digits. The squared change weighs every point n times.
def test_ekmans_colours_change_at_the_rate_of_de_leeuw(plain_smacof: tuple[Array, list[Array]]) -> None:
    _, iterates = plain_smacof
    before, last = (float(np.linalg.norm(iterates[k] - iterates[k - 1])) for k in (55, 56))
    assert last / before == pytest.approx(0.766978439824377, abs=1e-7)
    assert 14 * last**2 == pytest.approx(2.26054683805646e-16, rel=1e-6)


# The estimate has not converged at iteration 56. The eigenvalue itself is 0.766997, which he prints as 0.7669964993 at
# his last iterate. The others of the derivative follow it.
def test_ekmans_colours_have_the_eigenvalues_of_de_leeuw(plain_smacof: tuple[Array, list[Array]]) -> None:
    D, iterates = plain_smacof
    slow = slow_mode(partial(stress.hessian_vector, D=D), iterates[56])
    assert slow.rate == pytest.approx(0.7669964993, abs=1e-8)
    assert slow.rate == pytest.approx(0.766978439824377, abs=2e-5)
    hessian = np.array([stress.hessian_vector(iterates[56], unit, D) for unit in np.eye(28)])
    eigenvalues = np.sort(1.0 - np.linalg.eigvalsh(hessian) / 56.0)[::-1]
    np.testing.assert_allclose(eigenvalues[:3], 1.0, atol=1e-8)  # two translations and the rotation
    published = [0.7669964993, 0.7480939418, 0.7185926294, 0.7007452309, 0.6920114813, 0.6859492533, 0.6593334529]
    np.testing.assert_allclose(eigenvalues[3:10], published, atol=1e-8)


# The eigenvalues of R's `cmdscale(eurodist, eig = TRUE)`, as the tests of the Java library Smile quote them (MDSTest).
def test_eurodist_has_the_eigenvalues_of_classical_scaling() -> None:
    D = condensed(EURODIST)
    X = initial_maps.classical(D).reshape(-1, 2)
    np.testing.assert_allclose(np.square(X).sum(axis=0)[::-1], [1.95383770895e7, 1.1856555334e7], rtol=1e-11)
    assert squareform(D)[0, 18] == 817  # from Athens to Rome


# Powell 2006, The NEWUOA software, with his test program: x_j = j / (n + 1), rhobeg = 0.2 x_1, rhoend = 1e-6 and
# 2n + 1 points. NLopt's translation takes rhoend from the absolute tolerance of x. Counts hang on the last digit: with
# 0.2 / 5 instead of 0.2 * (1 / 5), which differ by 7e-18, it takes 91 values for n = 4.
@pytest.mark.parametrize(("n", "values"), [(2, 31), (4, 90)])
def test_newuoa_takes_as_many_values_as_powells(n: int, values: int) -> None:
    x0 = np.arange(1, n + 1) / (n + 1)
    options = {"step": 0.2 * x0[0], "xtol": 1e-6}
    result = mdsbench.minimize("newuoa", chebyquad, x0, budget=1000, options=options)
    assert (result.nfev, result.success) == (values, True)
    assert result.fun < 1e-12


def chebyquad(x: Array) -> float:
    """Fletcher 1965: the mean of each Chebyshev polynomial over the points against its integral on [0, 1].

    Sums and the recurrence T_{i+1} = 2 y T_i - T_{i-1} are in the order of Powell's subroutine CALFUN.
    """
    ys = [2.0 * float(coordinate) - 1.0 for coordinate in x]
    before, now = [1.0] * len(ys), ys
    total = 0.0
    for i in range(1, len(ys) + 1):
        mean = sum(now) / len(ys)
        total += (mean if i % 2 else mean + 1.0 / (i * i - 1)) ** 2
        before, now = now, [2.0 * y * t - u for y, t, u in zip(ys, now, before, strict=True)]
    return total


def test_chebyquad_is_zero_at_the_nodes_of_chebyshevs_quadrature() -> None:
    assert chebyquad(np.array([0.2113248654051871, 0.7886751345948129])) == pytest.approx(0.0, abs=1e-30)


# The tutorial of scipy.optimize: `minimize(rosen, x0, method="nelder-mead", options={"xatol": 1e-8})`.
def test_nelder_mead_takes_as_many_values_as_in_scipys_tutorial() -> None:
    result = mdsbench.minimize(
        "nelder-mead", "rosenbrock-5", [1.3, 0.7, 0.8, 1.9, 1.2], budget=2000, options={"xatol": 1e-8}
    )
    assert result.nfev == 571
    np.testing.assert_allclose(result.x, 1.0, atol=1e-7)
