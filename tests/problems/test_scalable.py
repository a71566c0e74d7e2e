"""Sums of squares in any number of variables."""

import numpy as np
import pytest

from mdsbench.errors import UsageError
from mdsbench.problems import any_dimension, starts
from mdsbench.problems.known_minima import known_minimum
from mdsbench.problems.more_wild import ROWS, residuals_of
from mdsbench.problems.problem import find

FAMILIES = (
    "linear-full-rank",
    "linear-rank-one",
    "linear-zeros",
    "watson",
    "chebyquad",
    "brown-almost-linear",
    "bdqrtic",
    "cube",
    "mancino",
    "extended-rosenbrock",
    "discrete-boundary-value",
    "broyden-tridiagonal",
    "variably-dimensioned",
)
LEAST = {"bdqrtic": 5, "linear-zeros": 3}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n", [2, 3, 5, 31, 100])
def test_gradients_are_those_of_complex_steps_in_every_dimension(family: str, n: int) -> None:
    if n < LEAST.get(family, 2) or (family == "watson" and n > 31) or (family == "extended-rosenbrock" and n % 2):
        with pytest.raises(UsageError, match=f"{family}-{n}: the number of variables"):
            find(f"{family}-{n}")
        return
    problem = find(f"{family}-{n}")
    assert problem.residuals
    x = starts.x0(problem) * (1 + 0.01 * np.random.default_rng(n).normal(size=n))
    value, gradient = problem.value_and_gradient(x)
    assert value == pytest.approx(problem.value(x), rel=1e-13)
    for i in (0, n // 2, n - 1):
        step = 1e-30j * np.eye(n)[i]
        slope = 2 * problem.residuals(x) @ problem.residuals(x + step).imag / 1e-30
        assert gradient[i] == pytest.approx(slope, rel=1e-9, abs=1e-10 * np.abs(gradient).max())


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted({*FAMILIES} - {"watson"}))
def test_each_exists_in_a_thousand_variables(family: str) -> None:
    problem = find(f"{family}-1000")
    value, gradient = problem.value_and_gradient(starts.x0(problem))
    assert np.isfinite(value)
    assert gradient.shape == (1000,)
    with pytest.raises(UsageError, match="to 1,000"):
        find(f"{family}-1002")


def test_they_are_the_functions_of_the_53_problems() -> None:
    for number, (function, n, m, power) in enumerate(ROWS, 1):
        if function in FAMILIES and power == 0 and function != "linear-zeros":
            assert residuals_of(function, n, m).values(np.ones(n)).shape == (m,)
            x = np.random.default_rng(number).uniform(size=n)
            assert find(f"{function}-{n}").value(x) == find(f"more-wild-{number}").value(x)


# Abramowitz & Stegun 25.4.28: the abscissas of Chebyshev's rules of equal weights on [-1, 1] are the zeros of these.
CHEBYSHEV = {
    2: [1, 0, -1 / 3],
    3: [1, 0, -1 / 2, 0],
    4: [1, 0, -2 / 3, 0, 1 / 45],
    5: [1, 0, -5 / 6, 0, 7 / 72, 0],
    6: [1, 0, -1, 0, 1 / 5, 0, -1 / 105],
    7: [1, 0, -7 / 6, 0, 119 / 360, 0, -149 / 6480, 0],
}


@pytest.mark.parametrize("n", CHEBYSHEV)
def test_chebyquad_has_the_classical_rule_of_equal_weights_for_its_zero(n: int) -> None:
    abscissas = np.asarray((1 + np.roots(CHEBYSHEV[n])) / 2)
    assert np.isreal(abscissas).all()
    assert find(f"chebyquad-{n}").value(np.asarray(abscissas.real, float)) < 1e-24


@pytest.mark.parametrize("n", range(1, 8))
def test_the_residuals_of_chebyquad_are_those_of_cosines(n: int) -> None:
    F = any_dimension.chebyquad(n, n)
    angles = np.arccos(2 * F.start - 1)
    integral = [0.0 if i % 2 else -1 / (i**2 - 1) for i in range(1, n + 1)]
    expected = [np.cos(i * angles).mean() - integral[i - 1] for i in range(1, n + 1)]
    np.testing.assert_allclose(F.values(F.start), expected, atol=1e-13)


@pytest.mark.parametrize("family", ["extended-rosenbrock", "brown-almost-linear", "cube", "variably-dimensioned"])
def test_all_variables_1_is_a_zero(family: str) -> None:
    assert find(f"{family}-20").value(np.ones(20)) == find(f"{family}-20").best_known == 0


@pytest.mark.parametrize(("function", "m"), [("linear-rank-one", 35), ("linear-zeros", 35), ("linear-rank-one", 4)])
def test_the_least_absolute_sum_of_a_linear_function_is_at_the_best_kink(function: str, m: int) -> None:
    slopes = np.arange(1.0, m + 1) if function == "linear-rank-one" else np.array([0, *range(1, m - 1), 0.0])
    by_hand = min(float(np.abs(slopes * s - 1).sum()) for s in 1 / slopes[slopes > 0])
    assert known_minimum(function, m // 5, m, "nonsmooth").loss == pytest.approx(by_hand, rel=1e-13)
