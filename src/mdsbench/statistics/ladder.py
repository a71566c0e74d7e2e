"""The ladder of oracles: what each bit of information is worth, as a ratio of expected running times.

A rung is what a solver asks for; its account says so. On each rung the solver with the least ERT stands for it, and a
rung is worth the ERT of the rung below over its own: 10 says that an oracle with this answer reaches the target for a
tenth of the cost. Each answer has its price, so a rung may be worth less than 1.
"""

from math import inf, nan
from typing import Any

import pandas as pd

from mdsbench.problems.problem import Array
from mdsbench.statistics.arrivals import ARRIVED, LATER, gradients_taken
from mdsbench.statistics.ert_ratio import interval, sides
from mdsbench.statistics.running_time import SETTING, running_time

COMPARISONS, VALUES, DIRECTIONAL = "comparisons", "values", "directional derivatives"
GRADIENTS, PRODUCTS = "gradients", "Hessian-vector products"
RUNGS = (COMPARISONS, VALUES, DIRECTIONAL, GRADIENTS, PRODUCTS)


def rungs(table: pd.DataFrame) -> dict[str, str]:
    """The rung of each solver in a table of `arrivals`: the most that any of its runs has asked for.

    A solver that asked for comparisons has evaluations too, which the referee made for them.
    """
    later = table.reindex(columns=LATER, fill_value=0)
    asked = {  # the highest rung first
        PRODUCTS: table["hessian_vectors"],
        GRADIENTS: gradients_taken(table),
        DIRECTIONAL: later["directional_derivatives"],
        COMPARISONS: later["comparisons"],
    }
    solvers = table["solver"].astype(str)
    using = {rung: set(solvers[count > 0]) for rung, count in asked.items()}
    return {str(solver): next((rung for rung in using if solver in using[rung]), VALUES) for solver in solvers.unique()}


def ladder(table: pd.DataFrame, costs: "pd.Series[float]", level: float = 0.95) -> pd.DataFrame:
    """The best solver of each rung, and what the rung is worth against the next lower one.

    Parameters
    ----------
    table
        What `arrivals` returns.
    costs
        The cost of each row, for example what `cost` returns.
    level
        The level of the intervals.

    Returns
    -------
    DataFrame
        `problem`, `dimension`, `start`, `target`, `rung` in the order of the ladder, `solver`, `runs`, `arrived`, `ert`
        with `ert_low` and `ert_high`; `worth`, the ERT of the next lower rung that there is over this one's, with
        `worth_low` and `worth_high` by `ratio_interval`. It is NaN on the lowest rung.

    Notes
    -----
    The best solver is chosen by the same runs that measure it, and the interval does not know of the choice.

    Examples
    --------
    >>> table = pd.DataFrame({"problem": "p", "dimension": 2, "start": "uniform", "target": 0.1, "fate": "arrived",
    ...     "solver": ["es", "es", "gd", "gd"], "trial": ["a", "b", "a", "b"], "comparisons": [40, 80, 0, 0],
    ...     "evaluations": [41, 81, 0, 0], "gradients": [0, 0, 5, 7], "hessian_vectors": 0, "parts": 0.0})
    >>> ladder(table, table["evaluations"] + table["gradients"])[["rung", "solver", "ert"]].values.tolist()
    [['comparisons', 'es', 61.0], ['gradients', 'gd', 6.0]]
    """
    of = rungs(table)
    times = running_time(table, costs, level)
    times = times.assign(rung=pd.Categorical(times["solver"].map(of), RUNGS, ordered=True))
    sides = table.assign(_cost=costs, _arrived=(table["fate"] == ARRIVED).astype(float))
    rows: list[dict[str, Any]] = []
    for setting, part in times.groupby(SETTING, sort=False):
        runs = sides[(sides[SETTING] == list(setting)).all(axis=1)]
        before: str | None = None
        for _, here in part.sort_values(["rung", "ert", "ert_low"], kind="stable").groupby("rung", observed=True):
            best = here.iloc[0]
            worth = (nan, nan, nan) if before is None else _worth(runs, before, str(best["solver"]), level)
            rows.append({**{str(name): best[name] for name in best.index}, **dict(zip(WORTH, worth, strict=True))})
            before = str(best["solver"])
    found = pd.DataFrame(rows, columns=[*SETTING, "rung", "solver", "runs", "arrived", *ERT, *WORTH])
    return found.assign(rung=found["rung"].astype(str))


ERT = ["ert", "ert_low", "ert_high"]
WORTH = ["worth", "worth_low", "worth_high"]


def ratio_interval(
    costs: Array, arrived: Array, others: Array, others_arrived: Array, level: float = 0.95
) -> tuple[float, float, float]:
    """The ERT of the first solver over that of the second, and its interval; entry k of all four is the same trial.

    The interval is that of `mdsbench.statistics.ert_ratio`. If one solver never arrived, or there is one trial only,
    nothing bounds the ratio on that side.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> ratio_interval(np.array([20.0, 40.0, 60.0]), ones, np.array([2.0, 4.0, 6.0]), ones)
    (10.0, 10.0, 10.0)
    """
    runs = len(costs)
    if not arrived.any() or not others_arrived.any():
        return (nan if arrived.any() == others_arrived.any() else 0.0 if arrived.any() else inf), 0.0, inf
    ratio = float(costs.sum() / arrived.sum() / (others.sum() / others_arrived.sum()))
    if runs < 2:
        return ratio, 0.0, inf
    return (ratio, *interval(*sides(others, others_arrived, costs, arrived), level))


def _worth(runs: pd.DataFrame, below: str, solver: str, level: float) -> tuple[float, float, float]:
    """The ratio of two solvers' ERTs, from the trials that both have."""
    first, second = (
        runs[runs["solver"] == name].drop_duplicates("trial").set_index("trial") for name in (below, solver)
    )
    both = first.index.intersection(second.index)
    if both.empty:
        return nan, 0.0, inf
    ours, theirs = (
        [side.loc[both, name].to_numpy(float) for name in ("_cost", "_arrived")] for side in (first, second)
    )
    return ratio_interval(ours[0], ours[1], theirs[0], theirs[1], level)
