"""Shares against cost, over many problems: performance profiles, data profiles, and cumulative distributions of costs.

All of them compare the solvers on the same *cases*: a case is a problem, a trial (a start with its seeds) and a target
that every solver in the table has run.
"""

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import ARRIVED, ELSEWHERE
from mdsbench.statistics.quantiles import student

DRAWS = 100  # weightings of the trials, from which the variance of a share is found
CASE = ["problem", "trial", "target"]


def performance_profile(table: pd.DataFrame, costs: "pd.Series[float]") -> pd.DataFrame:
    """For each solver the share of the cases in which it costs at most `factor` times the least cost of any solver.

    Source: Dolan & Moré 2002, section 2. A run that did not arrive has an infinite cost, whatever its fate. A case in
    which no solver arrived remains in the denominator of every share.

    Parameters
    ----------
    table
        What `arrivals` returns.
    costs
        The cost of each row, for example what `cost` returns.

    Returns
    -------
    DataFrame
        `solver`, `factor`, `share`, `cases`: a row for each step of each curve, the first at factor 1. `cases` is how
        many there are. Empty if no case is shared by all solvers.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p", "trial": ["a", "a", "b", "b"], "target": 0.1,
    ...     "solver": ["gd", "adam"] * 2, "fate": "arrived"})
    >>> performance_profile(table, pd.Series([10.0, 20.0, 30.0, 30.0])).values.tolist()
    [['gd', 1.0, 1.0, 2], ['adam', 1.0, 0.5, 2], ['adam', 2.0, 1.0, 2]]
    """
    wide = _costs_of_cases(table, costs)
    return _curves(_ratios(wide), 1.0, "factor")


def data_profile(table: pd.DataFrame, costs: "pd.Series[float]") -> pd.DataFrame:
    """For each solver the share of the cases that it solves at a cost of so many simplex gradients.

    Source: Moré & Wild 2009, equation (2.3). A simplex gradient is n + 1 function values, where n is the number of
    variables. Unlike a performance profile, the curve of a solver does not depend on the other solvers.

    Parameters
    ----------
    table, costs
        As for `performance_profile`.

    Returns
    -------
    DataFrame
        `solver`, `simplex_gradients`, `share`, `cases`: a row for each step of each curve, the first at 0.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p", "dimension": 4, "trial": ["a", "b"], "target": 0.1, "solver": "gd",
    ...     "fate": ["arrived", "censored"]})
    >>> data_profile(table, pd.Series([10.0, 20.0])).values.tolist()
    [['gd', 0.0, 0.0, 2], ['gd', 2.0, 0.5, 2]]
    """
    wide = _costs_of_cases(table, costs / (table["dimension"] + 1))
    return _curves(wide, 0.0, "simplex_gradients")


def ecdf(table: pd.DataFrame, costs: "pd.Series[float]", level: float = 0.95) -> pd.DataFrame:
    """For each solver the share of the cases that arrive within a cost, if no budget ended a run.

    The cumulative incidence of arrivals (Aalen & Johansen 1978). Budgets censor. A run that ended elsewhere never
    arrives, which is a competing risk: Kaplan and Meier's estimate, which takes it for censored, promises too much.
    Without censoring it is the empirical distribution over all problems and targets (Hansen et al. 2021, section 4).

    Parameters
    ----------
    table, costs
        As for `performance_profile`. Divide the costs by `table["dimension"]` if problems of several sizes are pooled.
    level
        The level of the intervals.

    Returns
    -------
    DataFrame
        `solver`, `cost`, `share`, its interval `low`, `high` at each cost, `elsewhere` (the share that ended
        elsewhere), `cases`: a row at 0, for each cost at which a run arrived or ended elsewhere, and for the greatest
        cost. The interval is Wilson's for as many independent runs as have the variance of the share. That variance
        is found by weighting the trials at random (Rubin 1981), since the targets of one run depend on each other.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p", "trial": list("abcd"), "target": 0.1, "solver": "gd",
    ...     "fate": ["arrived", "elsewhere", "arrived", "censored"]})
    >>> ecdf(table, pd.Series([10.0, 20.0, 30.0, 40.0]))["share"].tolist()
    [0.0, 0.25, 0.25, 0.5, 0.5]
    """
    shared = shared_cases(table.assign(_cost=costs))
    curves = []
    for solver, part in shared.groupby("solver", sort=False):
        fate = part["fate"].to_numpy()
        at, share, other = incidence(part["_cost"].to_numpy(float), fate == ARRIVED, fate == ELSEWHERE)
        low, high = _band(part, share, level)
        columns = {"cost": at, "share": share, "low": low, "high": high, ELSEWHERE: other, "cases": len(part)}
        curves.append(pd.DataFrame({"solver": solver, **columns}))
    return pd.concat(curves, ignore_index=True) if curves else _nothing("cost", "share", "low", "high", ELSEWHERE)


def incidence(costs: Array, arrived: NDArray[np.bool_], elsewhere: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """The cumulative incidence of arriving and of ending elsewhere (Aalen & Johansen 1978).

    The other runs are censored. All arguments have the shape (runs,). Returns costs, beginning with 0, and the two
    shares at each; the last cost is the greatest. At one cost, events come before censoring.

    Examples
    --------
    >>> at, share, _ = incidence(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]), np.zeros(3, dtype=bool))
    >>> at.tolist(), share.round(4).tolist()
    ([0.0, 1.0, 3.0], [0.0, 0.3333, 1.0])
    """
    at, shares = _incidences(costs, arrived, elsewhere, np.ones((len(costs), 1)))
    return at, shares[0, :, 0], shares[1, :, 0]


def reversals(table: pd.DataFrame, costs: "pd.Series[float]") -> pd.DataFrame:
    """The pairs of solvers that the performance profile of all ranks otherwise than the profile of the two alone.

    Source: Gould & Scott 2016. In a profile of more than two solvers, the curves show only which solver is often near
    the best one. Which of two others is better has to be read from the profile of these two.

    Parameters
    ----------
    table, costs
        As for `performance_profile`.

    Returns
    -------
    DataFrame
        A row for each such pair, the clearest one first: `solver`, which is above `other` in the profile of the two at
        `factor`, by `alone` of the cases, though it is below it in the profile of all, by `together`. Of the factors
        with this property, it is the one at which the lesser of both differences is greatest.

    Examples
    --------
    In two cases of three `c` beats `b`, but the best there is `a`. In the third case `b` is the best of all.

    >>> table = pd.DataFrame({"problem": "p", "trial": np.repeat(["t", "u", "v"], 3), "target": 0.1,
    ...     "solver": ["a", "b", "c"] * 3, "fate": "arrived"})
    >>> costs = pd.Series([1.0, 5.0, 4.0, 1.0, 5.0, 4.0, 9.0, 3.0, 6.0])
    >>> reversals(table, costs)[["solver", "other", "factor"]].values.tolist()
    [['c', 'b', 1.0]]
    """
    wide = _costs_of_cases(table, costs)
    columns = ["solver", "other", "factor", "alone", "together"]
    if wide.shape[1] < 3 or not len(wide):
        return pd.DataFrame(columns=columns)
    together = _ratios(wide)
    rows = []
    for pair in combinations(wide.columns, 2):
        both, alone = together[list(pair)], _ratios(wide[list(pair)])
        factors = np.unique(np.concatenate([both.to_numpy().ravel(), alone.to_numpy().ravel()]))
        factors = factors[np.isfinite(factors)]
        by_all, by_two = (_lead(ratios.to_numpy(), factors) for ratios in (both, alone))
        clear = np.where(by_all * by_two < 0, np.minimum(np.abs(by_all), np.abs(by_two)), 0.0)
        if clear.any():
            k = int(clear.argmax())
            above, below = pair if by_two[k] > 0 else pair[::-1]
            rows.append((clear[k], above, below, factors[k], abs(by_two[k]), abs(by_all[k])))
    rows.sort(key=lambda row: -row[0])
    return pd.DataFrame([row[1:] for row in rows], columns=columns)


def largest_block(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the solvers and trials that can be compared where not every solver has run everything.

    Of the sets of solvers that have run one trial, it is the one with the most runs on the trials that all of the set
    have run, and of equals the one with the most solvers. A set of one solver is taken only if no trial has two.

    Parameters
    ----------
    table
        What `arrivals` returns.

    Returns
    -------
    DataFrame
        Rows of the table, with their index.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": list("pppqqr"), "trial": "t", "target": 0.1,
    ...     "solver": ["gd", "adam", "slow", "gd", "adam", "gd"]})
    >>> largest_block(table).index.tolist()
    [0, 1, 3, 4]
    """
    if not len(table):
        return table
    solvers = pd.factorize(table["solver"])[0]
    trials = table.groupby(["problem", "trial"], sort=False).ngroup().to_numpy()
    has = np.zeros((trials.max() + 1, solvers.max() + 1), dtype=bool)
    has[trials, solvers] = True
    sets, times = np.unique(has, axis=0, return_counts=True)
    size = sets.sum(axis=1)
    within = sets.astype(int) @ sets.T.astype(int) == size[:, None]  # set i is a part of set j
    runs = (within @ times) * size * np.where(size > 1, 1, 0 if (size > 1).any() else 1)
    best = max(range(len(sets)), key=lambda k: (runs[k], size[k]))
    everything = (has >= sets[best]).all(axis=1)
    chosen: NDArray[np.bool_] = everything[trials] & sets[best][solvers]
    return table[chosen]


def _incidences(
    costs: Array, arrived: NDArray[np.bool_], elsewhere: NDArray[np.bool_], weights: Array
) -> tuple[Array, Array]:
    """As `incidence`, for each column of weights of the runs, shape (runs, weightings).

    Returns the costs, and both shares in one array of the shape (2, costs, weightings).
    """
    order = np.argsort(costs, kind="stable")
    at, first = np.unique(costs[order], return_index=True)
    weights, kinds = weights[order], np.array([arrived[order], elsewhere[order]])
    at_risk = np.add.reduceat(weights, first, axis=0)[::-1].cumsum(axis=0)[::-1]
    hazards = np.array([np.add.reduceat(weights * kind[:, None], first, axis=0) for kind in kinds]) / at_risk
    still = np.cumprod(np.maximum(0.0, 1 - hazards.sum(axis=0)), axis=0)
    still = np.concatenate([np.ones((1, weights.shape[1])), still[:-1]])
    shares = np.cumsum(still * hazards, axis=1)
    seen = hazards.any(axis=(0, 2)) | (at == at[-1])
    nothing = np.zeros((2, 1, weights.shape[1]))
    return np.concatenate([[0.0], at[seen]]), np.concatenate([nothing, shares[:, seen]], axis=1)


def _band(part: pd.DataFrame, share: Array, level: float) -> tuple[Array, Array]:
    """The bounds of the shares of one solver's curve."""
    place = part.groupby(["problem", "trial"], sort=False).ngroup().to_numpy()
    trials = int(place.max()) + 1
    if trials < 2:
        return np.zeros(len(share)), np.ones(len(share))
    weights = np.random.default_rng(0).exponential(size=(trials, DRAWS))[place]
    fate = part["fate"].to_numpy()
    _, shares = _incidences(part["_cost"].to_numpy(float), fate == ARRIVED, fate == ELSEWHERE, weights)
    variance = shares[0].var(axis=1) * (trials + 1) / (trials - 1)  # unbiased, as for a mean
    binomial = share * (1 - share)
    size = np.full(len(share), float(trials))  # how many independent runs have that variance
    np.divide(binomial, variance, out=size, where=(binomial > 1e-12) & (variance > 1e-12))
    size = np.minimum(size, len(part))
    squared = student(level, trials - 1) ** 2 / size
    middle, wide = share + squared / 2, np.sqrt(squared * (binomial + squared / 4))
    low, high = (np.clip((middle + side * wide) / (1 + squared), 0.0, 1.0) for side in (-1, 1))
    return low, high


def shared_cases(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the cases that every solver has run; a second run of a solver on a case is a case of its own."""
    table = table.assign(_again=table.groupby(["solver", *CASE], sort=False).cumcount())
    solvers = table.groupby([*CASE, "_again"], sort=False)["solver"].transform("size")
    return table[solvers == table["solver"].nunique()]


def _costs_of_cases(table: pd.DataFrame, costs: "pd.Series[float]") -> pd.DataFrame:
    """The cost of each shared case, by solver, shape (cases, solvers); infinite where the run did not arrive."""
    shared = shared_cases(table.assign(_cost=costs[table.index].where(table["fate"] == ARRIVED, np.inf)))
    by_solver = {
        solver: part.set_index([*CASE, "_again"])["_cost"] for solver, part in shared.groupby("solver", sort=False)
    }
    return pd.DataFrame(by_solver)


def _ratios(wide: pd.DataFrame) -> pd.DataFrame:
    """Each cost over the least one of its case; infinite where it is infinite."""
    found, least = wide.to_numpy(float), wide.min(axis=1).to_numpy(float)[:, None]
    ratios = np.full(found.shape, np.inf)
    np.divide(found, least, out=ratios, where=np.isfinite(found) & (least > 0))
    return pd.DataFrame(
        np.where(found == least, np.where(np.isfinite(found), 1.0, np.inf), ratios), columns=wide.columns
    )


def _lead(ratios: Array, factors: Array) -> Array:
    """By how much of the cases the first solver's curve is above the second's at factors; ratios have two columns."""
    first, second = (np.searchsorted(np.sort(ratios[:, k]), factors, side="right") for k in (0, 1))
    lead: Array = (first - second) / len(ratios)
    return lead


def _curves(values: pd.DataFrame, first: float, name: str) -> pd.DataFrame:
    """For each column the share of the rows that are at most so great, as steps that begin at `first`."""
    curves = []
    for solver in values.columns if len(values) else []:
        found = values[solver].to_numpy(float)
        at, count = np.unique(np.concatenate([[first], found[np.isfinite(found)]]), return_counts=True)
        share = (np.cumsum(count) - 1) / len(found)
        curves.append(pd.DataFrame({"solver": solver, name: at, "share": share, "cases": len(found)}))
    return pd.concat(curves, ignore_index=True) if curves else _nothing(name, "share")


def _nothing(*columns: str) -> pd.DataFrame:
    kinds: Iterable[tuple[str, str]] = [("solver", "object"), *((name, "float") for name in columns), ("cases", "int")]
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds})
