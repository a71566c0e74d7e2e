"""The 53 benchmark problems of Moré and Wild (2009): 22 functions, some with several dimensions, from 10^s x_0."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from mdsbench.errors import UsageError
from mdsbench.problems import any_dimension, curve_fits, few_variables
from mdsbench.problems.known_minima import known_minimum
from mdsbench.problems.problem import Problem, canonical
from mdsbench.problems.residuals import EPS, Residuals, in_form
from mdsbench.registry.decorators import problem

# The function, n, m and the power of ten that multiplies the start, in the paper's order.
_TABLE = """
linear-full-rank 9 45 0, linear-full-rank 9 45 1, linear-rank-one 7 35 0, linear-rank-one 7 35 1,
linear-zeros 7 35 0, linear-zeros 7 35 1, rosenbrock 2 2 0, rosenbrock 2 2 1, helical-valley 3 3 0,
helical-valley 3 3 1, powell-singular 4 4 0, powell-singular 4 4 1, freudenstein-roth 2 2 0, freudenstein-roth 2 2 1,
bard 3 15 0, bard 3 15 1, kowalik-osborne 4 11 0, meyer 3 16 0, watson 6 31 0, watson 6 31 1, watson 9 31 0,
watson 9 31 1, watson 12 31 0, watson 12 31 1, box 3 10 0, jennrich-sampson 2 10 0, brown-dennis 4 20 0,
brown-dennis 4 20 1, chebyquad 6 6 0, chebyquad 7 7 0, chebyquad 8 8 0, chebyquad 9 9 0, chebyquad 10 10 0,
chebyquad 11 11 0, brown-almost-linear 10 10 0, osborne-1 5 33 0, osborne-2 11 65 0, osborne-2 11 65 1,
bdqrtic 8 8 0, bdqrtic 10 12 0, bdqrtic 11 14 0, bdqrtic 12 16 0, cube 5 5 0, cube 6 6 0, cube 8 8 0,
mancino 5 5 0, mancino 5 5 1, mancino 8 8 0, mancino 10 10 0, mancino 12 12 0, mancino 12 12 1, heart 8 8 0,
heart 8 8 1
"""


FIXED: dict[str, Callable[[], Residuals]] = {
    "rosenbrock": few_variables.rosenbrock,
    "helical-valley": few_variables.helical_valley,
    "powell-singular": few_variables.powell_singular,
    "freudenstein-roth": few_variables.freudenstein_roth,
    "bard": curve_fits.bard,
    "kowalik-osborne": curve_fits.kowalik_osborne,
    "meyer": curve_fits.meyer,
    "osborne-1": curve_fits.osborne_1,
    "osborne-2": curve_fits.osborne_2,
    "heart": few_variables.heart,
}
OF_M: dict[str, Callable[[int], Residuals]] = {
    "box": curve_fits.box_three_dimensional,
    "jennrich-sampson": curve_fits.jennrich_sampson,
    "brown-dennis": curve_fits.brown_dennis,
}
OF_N: dict[str, Callable[[int], Residuals]] = {
    "watson": any_dimension.watson,
    "brown-almost-linear": any_dimension.brown_almost_linear,
    "bdqrtic": any_dimension.bdqrtic,
    "cube": any_dimension.cube,
    "mancino": any_dimension.mancino,
}
OF_BOTH: dict[str, Callable[[int, int], Residuals]] = {
    "linear-full-rank": any_dimension.linear_full_rank,
    "linear-rank-one": any_dimension.linear_rank_one,
    "linear-zeros": any_dimension.linear_rank_one_with_zeros,
    "chebyquad": any_dimension.chebyquad,
}


@problem("more-wild", reference="Moré & Wild 2009, SIAM J. Optim. 20, section 4; code: written from the papers")
def more_wild(*, n: int = 1, form: str = "smooth", eps: float = EPS) -> Problem:
    """Number n of the 53 problems of Moré and Wild, 2 to 12 variables, in one of four forms.

    `form` is smooth, nonsmooth, noisy or stochastic (`mdsbench.problems.residuals`), `eps` the relative noise of the
    last two. The start `x0` is the standard one times 10^s. `mdsbench.problems.more_wild.row` says what number n is.
    """
    function, variables, m, power = row(n)
    F = residuals_of(function, variables, m)
    started = replace(F, start=10.0**power * F.start)
    best = known_minimum(function, variables, m, form)
    return in_form(form, started, partial(canonical, "more-wild", n), eps=eps, best=best)


def residuals_of(function: str, n: int, m: int) -> Residuals:
    """The residuals of a function of the set, with n variables and m residuals, and its standard start."""
    if function in FIXED:
        return FIXED[function]()
    if function in OF_M:
        return OF_M[function](m)
    return OF_N[function](n) if function in OF_N else OF_BOTH[function](n, m)


def row(number: int) -> tuple[str, int, int, int]:
    """The function, n, m and s of a problem by its number from 1; raises UsageError."""
    if not 1 <= number <= len(ROWS):
        raise UsageError(f"more-wild-{number}: the problems have the numbers 1 to {len(ROWS)}")
    return ROWS[number - 1]


def _rows() -> list[tuple[str, int, int, int]]:
    words = (line.split() for line in _TABLE.split(","))
    return [(function, int(n), int(m), int(power)) for function, n, m, power in words]


ROWS = _rows()
