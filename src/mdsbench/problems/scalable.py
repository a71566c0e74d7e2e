"""Sums of squares in any number of variables, from 2 to 1,000: Moré and Wild's functions and four older ones.

The forms and the starts are those of the 53 problems, `mdsbench.problems.more_wild`. `eps` is the relative noise of the
forms that have noise.
"""

from functools import partial

from mdsbench.errors import UsageError
from mdsbench.problems import any_dimension, checks
from mdsbench.problems.known_minima import known_minimum
from mdsbench.problems.problem import Problem, canonical
from mdsbench.problems.residuals import EPS, Residuals, in_form
from mdsbench.registry.decorators import problem

MOST = 1000  # variables: a Jacobian is a dense array


@problem("linear-full-rank", reference="Moré, Garbow & Hillstrom 1981, problem 32")
def linear_full_rank(*, n: int = 9, form: str = "smooth", eps: float = EPS) -> Problem:
    """A linear function of full rank, with 5 n residuals."""
    checks.size("linear-full-rank", n, 2, MOST)
    return _member("linear-full-rank", n, 5 * n, any_dimension.linear_full_rank(n, 5 * n), form, eps)


@problem("linear-rank-one", reference="Moré, Garbow & Hillstrom 1981, problem 33")
def linear_rank_one(*, n: int = 7, form: str = "smooth", eps: float = EPS) -> Problem:
    """A linear function of rank 1, with 5 n residuals."""
    checks.size("linear-rank-one", n, 2, MOST)
    return _member("linear-rank-one", n, 5 * n, any_dimension.linear_rank_one(n, 5 * n), form, eps)


@problem("linear-zeros", reference="Moré, Garbow & Hillstrom 1981, problem 34")
def linear_zeros(*, n: int = 7, form: str = "smooth", eps: float = EPS) -> Problem:
    """A linear function of rank 1 whose Jacobian has zero rows and columns, with 5 n residuals."""
    checks.size("linear-zeros", n, 3, MOST)
    return _member("linear-zeros", n, 5 * n, any_dimension.linear_rank_one_with_zeros(n, 5 * n), form, eps)


@problem("watson", reference="Moré, Garbow & Hillstrom 1981, problem 20")
def watson(*, n: int = 6, form: str = "smooth", eps: float = EPS) -> Problem:
    """A polynomial of n coefficients that should satisfy a differential equation, with 31 residuals."""
    checks.size("watson", n, 2, 31)
    return _member("watson", n, 31, any_dimension.watson(n), form, eps)


@problem("chebyquad", reference="Fletcher 1965; Moré, Garbow & Hillstrom 1981, problem 35")
def chebyquad(*, n: int = 8, form: str = "smooth", eps: float = EPS) -> Problem:
    """Abscissas of a quadrature with equal weights, exact for the first n Chebyshev polynomials."""
    checks.size("chebyquad", n, 2, MOST)
    return _member("chebyquad", n, n, any_dimension.chebyquad(n, n), form, eps)


@problem("brown-almost-linear", reference="Moré, Garbow & Hillstrom 1981, problem 27")
def brown_almost_linear(*, n: int = 10, form: str = "smooth", eps: float = EPS) -> Problem:
    """Linear equations, one fewer than variables, and a product of all variables."""
    checks.size("brown-almost-linear", n, 2, MOST)
    return _member("brown-almost-linear", n, n, any_dimension.brown_almost_linear(n), form, eps)


@problem("bdqrtic", reference="Conn, Gould, Lescrenier & Toint 1988, problem 61; CUTEr")
def bdqrtic(*, n: int = 8, form: str = "smooth", eps: float = EPS) -> Problem:
    """A quartic with a banded Hessian, bordered by its last variable."""
    checks.size("bdqrtic", n, 5, MOST)
    return _member("bdqrtic", n, 2 * (n - 4), any_dimension.bdqrtic(n), form, eps)


@problem("cube", reference="Buckley 1989, problem 5; CUTEr; the start of Moré & Wild 2009")
def cube(*, n: int = 5, form: str = "smooth", eps: float = EPS) -> Problem:
    """A valley along x_i = x_{i-1}^3."""
    checks.size("cube", n, 2, MOST)
    return _member("cube", n, n, any_dimension.cube(n), form, eps)


@problem("mancino", reference="Spedicato 1975; CUTEr, with the constants of Moré & Wild 2009")
def mancino(*, n: int = 5, form: str = "smooth", eps: float = EPS) -> Problem:
    """Nearly linear equations, each with waves in its own variable."""
    checks.size("mancino", n, 2, MOST)
    return _member("mancino", n, n, any_dimension.mancino(n), form, eps)


@problem("extended-rosenbrock", reference="Moré, Garbow & Hillstrom 1981, problem 21")
def extended_rosenbrock(*, n: int = 10, form: str = "smooth", eps: float = EPS) -> Problem:
    """n/2 separate valleys of Rosenbrock, for an even n."""
    checks.size("extended-rosenbrock", n, 2, MOST)
    if n % 2:
        raise UsageError(f"extended-rosenbrock-{n}: the number of variables is even")
    return _member("extended-rosenbrock", n, n, any_dimension.extended_rosenbrock(n), form, eps)


@problem("discrete-boundary-value", reference="Moré, Garbow & Hillstrom 1981, problem 28")
def discrete_boundary_value(*, n: int = 10, form: str = "smooth", eps: float = EPS) -> Problem:
    """A differential equation on n points between two boundaries: its condition grows with n."""
    checks.size("discrete-boundary-value", n, 2, MOST)
    F = any_dimension.discrete_boundary_value(n)
    return _member("discrete-boundary-value", n, n, F, form, eps)


@problem("broyden-tridiagonal", reference="Moré, Garbow & Hillstrom 1981, problem 30")
def broyden_tridiagonal(*, n: int = 10, form: str = "smooth", eps: float = EPS) -> Problem:
    """Quadratic equations, each in a variable and its two neighbours."""
    checks.size("broyden-tridiagonal", n, 2, MOST)
    return _member("broyden-tridiagonal", n, n, any_dimension.broyden_tridiagonal(n), form, eps)


@problem("variably-dimensioned", reference="Moré, Garbow & Hillstrom 1981, problem 25")
def variably_dimensioned(*, n: int = 10, form: str = "smooth", eps: float = EPS) -> Problem:
    """A bowl with a quartic term along one direction, steeper with every variable."""
    checks.size("variably-dimensioned", n, 2, MOST)
    return _member("variably-dimensioned", n, n + 2, any_dimension.variably_dimensioned(n), form, eps)


def _member(family: str, n: int, m: int, F: Residuals, form: str, eps: float) -> Problem:
    return in_form(form, F, partial(canonical, family, n), eps=eps, best=known_minimum(family, n, m, form))
