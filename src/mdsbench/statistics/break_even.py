"""The break-even price of a gradient: how many function values it may cost until derivative-free search is as cheap.

Costs are linear in the price w of a gradient, and so is the expected running time (ERT): values_G + w gradients_G, each
per success, for a gradient method G. A derivative-free method D has the same ERT at w* = (ERT_D - values_G) /
gradients_G. Below that price the gradient method is cheaper, above it the derivative-free one.
"""

from collections.abc import Callable
from math import exp, inf, log, nan
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from mdsbench.errors import UsageError
from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import ARRIVED, Integers, cost, derivatives_taken, gradients_taken
from mdsbench.statistics.ert import ert_interval
from mdsbench.statistics.ert_ratio import Side, delta_error, deviation, root
from mdsbench.statistics.quantiles import student
from mdsbench.statistics.running_time import SETTING
from mdsbench.statistics.wording import listed

EXACT, MORE, LESS = "", "more than", "less than"
COLUMNS = [*SETTING, "price", "low", "high", "bound", "note"]


def break_even(
    table: pd.DataFrame,
    gradient: str,
    derivative_free: str,
    level: float = 0.95,
    *,
    product: float | str | None = None,
) -> pd.DataFrame:
    """The price of a gradient at which two solvers have the same expected running time.

    Parameters
    ----------
    table
        What `mdsbench.statistics.arrivals.arrivals` returns.
    gradient, derivative_free
        The names of two solvers in the table, one that takes gradients and one that takes none.
    level
        The level of the intervals.
    product
        The price of a Hessian-vector product in function values, or "dimension". By default it has the price of a
        gradient, and products count as gradients.

    Returns
    -------
    DataFrame
        A row for each `problem`, `dimension`, `start` and `target` at which both solvers have runs: `price` in function
        values, its interval `low`, `high`, and `bound`. Where the derivative-free solver never arrives, `bound` is
        "more than", `price` and `low` are the bound, and `high` is infinite. Where the gradient method never arrives,
        or is not cheaper even if a gradient costs nothing, `bound` is "less than", `price` and `high` are the bound,
        and `low` is 0. `note` says in words why a price or a bound of it is missing.

    Raises
    ------
    UsageError
        If a solver has no runs, if the first takes no gradients, or if the second takes some.

    Notes
    -----
    The interval has the prices at which the two ERTs cannot be told apart by the score test of `ert_ratio.py`; runs of
    the same trial are a pair, and Student's t has the degrees of freedom of the solver with fewer runs. If all arrive
    and the gradient method takes no separate values, this is the delta method for log w*. Where so few
    runs arrived that the test refuses no price on one side, the bound of the delta method stands in.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p", "dimension": 2, "start": "uniform", "target": 0.1,
    ...     "solver": ["gd", "gd", "search", "search"], "trial": ["a", "b", "a", "b"], "fate": "arrived",
    ...     "evaluations": [0.0, 0.0, 40.0, 60.0], "gradients": [9.0, 11.0, 0.0, 0.0], "hessian_vectors": 0.0,
    ...     "parts": 0.0})
    >>> break_even(table, "gd", "search")["price"].tolist()
    [5.0]
    """
    first, second = (_of(table, solver) for solver in (gradient, derivative_free))
    _checked(first, second, gradient, derivative_free)
    free = cost(first, 0.0, product)
    first = first.assign(_values=free, _gradients=cost(first, 1.0, product) - free)
    second = second.assign(_values=cost(second, 0.0, 0.0))
    others = dict(list(second.groupby(SETTING, sort=False)))
    rows: list[dict[str, Any]] = []
    for setting, runs in first.groupby(SETTING, sort=False):
        if setting in others:
            found = _row(runs, others[setting], level)
            rows.append({**dict(zip(SETTING, setting, strict=True)), **found})
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(["price", "low", "high"], float))


def price_interval(
    values: Array,
    gradients: Array,
    arrived: Array,
    others: Array,
    others_arrived: Array,
    level: float = 0.95,
    trials: tuple[Integers, Integers] | None = None,
) -> tuple[float, float, float]:
    """The price w* and its interval, where both solvers arrive.

    `values`, `gradients` and `arrived` (0 or 1) are those of the runs of the gradient method, shape (runs,); `others`
    and `others_arrived` are the values and arrivals of the derivative-free one. `trials` has the number of the trial of
    each run of both; by default, run k of one and run k of the other are a pair. The price is negative if the gradient
    method is dearer though its gradients are free; the interval has no negative prices.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> price, low, high = price_interval(0 * ones, np.array([8.0, 10.0, 12.0]), ones, np.array([40, 50, 75.0]), ones)
    >>> round(price, 2), round(low, 2), round(high, 2)
    (5.5, 3.87, 7.83)
    """
    pairs = trials or (np.arange(len(values), dtype=np.int64), np.arange(len(others), dtype=np.int64))
    free = Side(others, others_arrived, pairs[1])
    price = (free.ert - values.sum() / arrived.sum()) / (gradients.sum() / arrived.sum())
    fewest = min(len(values), len(others))
    if fewest < 2:
        return float(price), 0.0, inf
    quantile = float(student(level, fewest - 1))
    middle = float(price) if price > 0 else 1e-9

    def at(log_price: float) -> Side:
        return Side(values + middle * exp(log_price) * gradients, arrived, pairs[0])

    def by_score(log_price: float) -> float:
        far, error = deviation(free, at(log_price))
        return abs(far) - quantile * error

    def by_delta_method(log_price: float) -> float:
        ours = at(log_price)
        return abs(log(ours.ert / free.ert)) - quantile * delta_error(free, ours)

    wide = quantile * delta_error(free, at(0.0))

    def bound(sign: int) -> float:
        """The price from which both refuse, if the test refuses no price, from which the delta method does."""
        step = root(lambda size: by_score(sign * size), wide)
        if step is None:
            step = root(lambda size: by_delta_method(sign * size), wide)
        return middle * exp(sign * (inf if step is None else step))

    if price > 0:
        return float(price), bound(-1), bound(1)
    return float(price), 0.0, bound(1) if by_score(0.0) < 0 else 0.0


def _row(runs: pd.DataFrame, others: pd.DataFrame, level: float) -> dict[str, Any]:
    names = pd.concat([runs["trial"], others["trial"]])
    codes: Integers = np.asarray(pd.factorize(names)[0], np.int64)
    arrived, others_arrived = (_arrived(side) for side in (runs, others))
    values, gradients = runs["_values"].to_numpy(float), runs["_gradients"].to_numpy(float)
    theirs = others["_values"].to_numpy(float)
    if not arrived.any() and not others_arrived.any():
        return _found(nan, nan, nan, EXACT, "neither solver arrived")
    if not gradients.any():
        return _found(nan, nan, nan, EXACT, "no gradient was taken")
    if not others_arrived.any():
        bound = _never(values, gradients, arrived, theirs, others_arrived, level)
        return _found(bound, bound, inf, MORE, "the derivative-free solver never arrived")
    if not arrived.any():
        bound = _failed(values, gradients, arrived, theirs, others_arrived, level)
        return _found(bound, 0.0, bound, LESS, "the gradient method never arrived")
    pairs = (codes[: len(runs)], codes[len(runs) :])
    price, low, high = price_interval(values, gradients, arrived, theirs, others_arrived, level, pairs)
    if price <= 0:
        return _found(high, 0.0, high, LESS, "the derivative-free solver is cheaper than free gradients")
    alone = "one run bounds nothing" if min(len(runs), len(others)) < 2 else ""
    return _found(price, low, high, EXACT, alone)


def _arrived(runs: pd.DataFrame) -> Array:
    return np.asarray(runs["fate"] == ARRIVED, float)


def _found(price: float, low: float, high: float, bound: str, note: str) -> dict[str, Any]:
    return {"price": price, "low": low, "high": high, "bound": bound, "note": note}


def _never(
    values: Array, gradients: Array, arrived: Array, others: Array, others_arrived: Array, level: float
) -> float:
    """A lower bound of the price, where the derivative-free solver never arrived.

    The lower bound of its ERT and the upper bound of that of the gradient method share the doubt evenly.
    """
    least = ert_interval(others, others_arrived, (1 + level) / 2)[1]
    return _meeting(lambda at: ert_interval(values + at * gradients, arrived, level)[2] - least)


def _failed(
    values: Array, gradients: Array, arrived: Array, others: Array, others_arrived: Array, level: float
) -> float:
    """An upper bound of the price, where the gradient method never arrived, by the same share of the doubt."""
    most = ert_interval(others, others_arrived, level)[2]
    return _meeting(lambda at: ert_interval(values + at * gradients, arrived, (1 + level) / 2)[1] - most)


def _meeting(excess: Callable[[float], float]) -> float:
    """The price from which a function is positive; 0 if it always is."""
    low, high = 1e-9, 1.0
    if excess(low) >= 0:
        return 0.0
    while excess(high) < 0:
        low, high = high, 2 * high
        if high > 1e15:
            return inf
    return float(optimize.brentq(excess, low, high, rtol=1e-10))


def _of(table: pd.DataFrame, solver: str) -> pd.DataFrame:
    found = table[table["solver"] == solver]
    if found.empty:
        known = listed([str(name) for name in table["solver"].unique()[:9]]) or "none"
        raise UsageError(f"no runs of the solver {solver}; solvers with runs: {known}")
    return found


def _checked(first: pd.DataFrame, second: pd.DataFrame, gradient: str, derivative_free: str) -> None:
    if not gradients_taken(first).any():
        raise UsageError(f"{gradient} takes no gradients, so that no price of them can be found: choose another solver")
    if derivatives_taken(second).any():
        raise UsageError(
            f"{derivative_free} takes gradients or other derivatives: choose a derivative-free solver to compare with"
        )
