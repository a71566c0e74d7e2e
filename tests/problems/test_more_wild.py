"""Moré and Wild's problems against what is published of them, and their derivatives against complex steps."""

from dataclasses import replace

import numpy as np
import pytest

from mdsbench import testing
from mdsbench.errors import UsageError
from mdsbench.problems import starts
from mdsbench.problems.more_wild import ROWS, residuals_of, row
from mdsbench.problems.problem import find

# f(x0) of the forms smooth, nonsmooth and noisy: data/testout.dat of POptUS/BenDFO, the authors' own code.
PUBLISHED = """
7.20000e+01 5.40000e+01 7.19428e+01
1.12500e+03 2.25000e+02 1.12405e+03
1.16542e+07 1.76050e+04 1.16443e+07
1.16859e+09 1.76365e+05 1.16771e+09
4.98920e+06 1.11890e+04 4.98494e+06
5.00936e+08 1.12169e+05 5.00558e+08
2.42000e+01 6.60000e+00 2.41953e+01
1.79577e+06 1.35300e+03 1.79407e+06
2.50000e+03 5.00000e+01 2.50215e+03
1.06000e+04 1.40000e+02 1.05909e+04
2.15000e+02 2.28852e+01 2.15057e+02
1.61540e+06 1.45727e+03 1.61525e+06
4.00500e+02 2.40000e+01 4.00899e+02
1.54575e+08 1.73760e+04 1.54489e+08
4.16817e+01 2.18829e+01 4.16979e+01
1.30623e+03 1.39339e+02 1.30579e+03
5.31317e-03 1.95153e-01 5.31185e-03
1.69361e+09 1.33046e+05 1.69338e+09
1.64308e+01 1.58545e+01 1.64338e+01
2.32337e+06 5.42767e+03 2.32392e+06
2.69042e+01 2.24125e+01 2.69298e+01
8.15888e+06 8.54458e+03 8.16061e+06
7.36782e+01 3.43398e+01 7.36733e+01
2.05938e+07 1.18978e+04 2.05759e+07
1.03115e+03 9.91512e+01 1.03165e+03
4.17131e+03 1.20588e+02 4.17513e+03
7.92669e+06 1.13038e+04 7.92937e+06
3.08106e+11 2.41278e+06 3.08386e+11
4.64282e-02 3.29087e-01 4.63839e-02
3.37706e-02 2.75893e-01 3.37880e-02
3.86177e-02 3.46953e-01 3.86560e-02
2.88830e-02 2.91449e-01 2.88622e-02
3.37633e-02 3.53857e-01 3.37317e-02
2.67406e-02 3.16982e-01 2.67299e-02
2.73248e+02 5.04990e+01 2.73508e+02
1.61741e+01 1.63733e+01 1.61588e+01
2.09342e+00 9.60594e+00 2.09278e+00
1.99685e+02 5.49148e+01 1.99878e+02
9.04000e+02 6.40000e+01 9.03152e+02
1.35600e+03 9.60000e+01 1.35466e+03
1.58200e+03 1.12000e+02 1.58097e+03
1.80800e+03 1.28000e+02 1.80885e+03
5.65000e+01 1.55000e+01 5.65201e+01
7.05625e+01 1.92500e+01 7.05752e+01
9.86875e+01 2.67500e+01 9.87522e+01
2.53908e+09 1.12235e+05 2.53762e+09
6.87380e+12 5.83904e+06 6.87417e+12
3.36796e+09 1.62440e+05 3.36590e+09
3.73513e+09 1.90072e+05 3.73726e+09
3.99107e+09 2.13528e+05 3.98712e+09
1.13001e+13 1.13405e+07 1.12997e+13
9.38567e+00 4.92225e+00 9.37970e+00
3.36582e+10 2.64839e+05 3.36341e+10
"""
AT_START = np.array(PUBLISHED.split(), dtype=float).reshape(-1, 3)

# The least sums of squares in section 3 of Moré, Garbow & Hillstrom 1981, with the digits that they print.
MGH_MINIMA = {
    "linear-full-rank 9": 36.0,
    "linear-rank-one 7": 35 * 34 / (2 * 71),
    "linear-zeros 7": (35**2 + 3 * 35 - 6) / (2 * 67),
    "rosenbrock 2": 0.0,
    "helical-valley 3": 0.0,
    "powell-singular 4": 0.0,
    "freudenstein-roth 2": 0.0,
    "bard 3": 8.21487e-3,
    "kowalik-osborne 4": 3.07505e-4,
    "meyer 3": 87.9458,
    "watson 6": 2.28767e-3,
    "watson 9": 1.39976e-6,
    "watson 12": 4.72238e-10,
    "box 3": 0.0,
    "jennrich-sampson 2": 124.362,
    "brown-dennis 4": 85822.2,
    "chebyquad 6": 0.0,
    "chebyquad 7": 0.0,
    "chebyquad 8": 3.51687e-3,
    "chebyquad 9": 0.0,
    "brown-almost-linear 10": 0.0,
    "osborne-1 5": 5.46489e-5,
    "osborne-2 11": 4.01377e-2,
}
FORMS = ("smooth", "nonsmooth", "noisy", "stochastic")
FUNCTIONS = sorted({(function, n, m) for function, n, m, _ in ROWS})
REAL = [row for row in FUNCTIONS if row[0] not in ("helical-valley", "heart")]  # written without complex numbers


@pytest.mark.parametrize(("column", "form"), [*enumerate(FORMS[:3])])
def test_the_values_at_the_starts_are_those_that_the_authors_publish(column: int, form: str) -> None:
    problems = [find(f"more-wild(n={number}, form={form})") for number in range(1, 54)]
    ours = [problem.value(starts.x0(problem)) for problem in problems]
    np.testing.assert_allclose(ours, AT_START[:, column], rtol=6e-6)


def test_there_are_53_problems_of_22_functions_in_2_to_12_variables() -> None:
    assert len(ROWS) == 53
    assert len({function for function, *_ in ROWS}) == 22
    assert {n for _, n, _, _ in ROWS} == set(range(2, 13))
    for function, n, m, _ in ROWS:
        F = residuals_of(function, n, m)
        assert F.start.shape == (n,)
        assert F.values(F.start).shape == (m,)


@pytest.mark.parametrize(("function", "n", "m"), REAL)
def test_jacobians_are_those_of_complex_steps(function: str, n: int, m: int) -> None:
    F = residuals_of(function, n, m)
    rng = np.random.default_rng(n)
    for scale in (0.0, 0.1):
        x = F.start * (1 + scale * rng.normal(size=n))
        steps = 1e-30 * np.maximum(np.abs(x), 1)
        columns = [F.values(x + 1j * step * e).imag / step for step, e in zip(steps, np.eye(n), strict=True)]
        expected = np.column_stack(columns)
        np.testing.assert_allclose(F.jacobian(x), expected, rtol=1e-12, atol=1e-13 * np.abs(expected).max())


@pytest.mark.parametrize("number", [9, 10, 52, 53])
def test_the_other_jacobians_are_those_of_differences(number: int) -> None:
    problem = find(f"more-wild-{number}")
    assert problem.residuals
    assert problem.jacobian
    rng = np.random.default_rng(number)
    for _ in range(3):
        x = starts.x0(problem) * (1 + 0.1 * rng.normal(size=problem.dimension)) + 0.01
        h = 1e-6 * np.maximum(np.abs(x), 0.1)
        columns = [
            (problem.residuals(x + step * e) - problem.residuals(x - step * e)) / (2 * step)
            for step, e in zip(h, np.eye(len(x)), strict=True)
        ]
        expected = np.column_stack(columns)
        np.testing.assert_allclose(problem.jacobian(x), expected, rtol=1e-6, atol=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("number", range(1, 54))
def test_gradients_are_made_of_residuals_and_jacobian(number: int) -> None:
    smooth, nonsmooth, stochastic = (
        find(f"more-wild(n={number}, form={form})") for form in ("smooth", "nonsmooth", "stochastic")
    )
    assert smooth.residuals
    assert smooth.jacobian
    x = np.abs(starts.x0(smooth)) + 0.01
    f, J = smooth.residuals(x), smooth.jacobian(x)
    for problem in (smooth, stochastic):
        value, gradient = problem.value_and_gradient(x)
        assert value == problem.value(x) == pytest.approx((f**2).sum(), rel=1e-14)
        np.testing.assert_allclose(gradient, 2 * J.T @ f, rtol=1e-13, atol=1e-13 * np.abs(gradient).max())
    value, subgradient = nonsmooth.value_and_gradient(x)
    assert value == nonsmooth.value(x) == pytest.approx(np.abs(f).sum(), rel=1e-14)
    np.testing.assert_allclose(subgradient, J.T @ np.sign(f), rtol=1e-12, atol=1e-13 * np.abs(subgradient).max())


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_every_problem_keeps_every_promise_in_every_form(form: str) -> None:
    for number in range(1, 54):
        problem = find(f"more-wild(n={number}, form={form})")
        if form in ("nonsmooth", "noisy"):
            problem = replace(problem, x0=None)  # some starts are at a kink, of |f_i| or of the largest |x_i|
        testing.check_problem(problem)


@pytest.mark.parametrize(("function", "published"), [*MGH_MINIMA.items()])
def test_the_best_known_values_are_the_published_ones(function: str, published: float) -> None:
    name, n = function.split()
    number = next(k for k, (known, size, *_) in enumerate(ROWS, 1) if (known, size) == (name, int(n)))
    assert find(f"more-wild-{number}").best_known == pytest.approx(published, rel=2e-6)


def test_chebyquad_10_has_a_lower_minimum_than_the_published_one() -> None:
    """The published 6.50395e-3 is a local minimum, at which most solvers end."""
    assert find("chebyquad-10").best_known == pytest.approx(4.77271e-3, rel=1e-5)


@pytest.mark.parametrize(
    ("number", "x"),
    [
        (7, [1, 1]),
        (9, [1, 0, 0]),
        (11, [0, 0, 0, 0]),
        (13, [5, 4]),
        (25, [1, 10, 1]),
        (25, [10, 1, -1]),
        (35, [1] * 10),
        (43, [1] * 5),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_published_minimisers_have_the_value_zero(number: int, x: list[float], form: str) -> None:
    if (number, x[0], form) == (25, 10, "nonsmooth"):
        x = [1, 10, 1]
    problem = find(f"more-wild(n={number}, form={form})")
    assert problem.best_known == 0
    assert problem.value(np.array(x, dtype=float)) == pytest.approx(0, abs=1e-25)


@pytest.mark.parametrize("number", [15, 17, 26, 35, 36, 37])
def test_the_nonsmooth_form_of_six_functions_does_not_look_below_zero(number: int) -> None:
    nonsmooth = find(f"more-wild(n={number}, form=nonsmooth)")
    rng = np.random.default_rng(number)
    x = starts.x0(nonsmooth) * rng.uniform(0.9, 1.1, size=nonsmooth.dimension)
    x[1] *= -1
    value, gradient = nonsmooth.value_and_gradient(x)
    assert value == nonsmooth.value(x) == nonsmooth.value(np.maximum(x, 0))
    assert gradient[1] == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("more-wild-0", "the problems have the numbers 1 to 53"),
        ("more-wild-54", "the problems have the numbers 1 to 53"),
        ("more-wild(form=rough)", "form=rough: the form is one of smooth, nonsmooth, noisy, stochastic"),
        ("more-wild(form=noisy, eps=0)", "eps=0: the relative noise is between 0 and 1"),
        ("more-wild(form=noisy, eps=1)", "eps=1: the relative noise is between 0 and 1"),
        ("more-wild(eps=0.1)", "form=smooth has no noise: leave out eps"),
    ],
)
def test_what_does_not_exist_is_refused_in_a_line(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find(name)


def test_names_say_the_number_and_what_is_not_the_default() -> None:
    assert find("more-wild-3").name == "more-wild-3"
    assert find("more-wild(n=3, form=noisy, eps=0.01)").name == "more-wild-3(eps=0.01, form=noisy)"
    assert row(3) == ("linear-rank-one", 7, 35, 0)
