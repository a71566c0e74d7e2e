"""The ladder of oracles: what each bit of information is worth, as a ratio of expected running times.

A rung is what a solver asks for; its account says so. On each rung the solver with the least ERT stands for it, and a
rung is worth the ERT of the rung below over its own: 10 says that an oracle with this answer reaches the target for a
tenth of the cost. Each answer has its price, so a rung may be worth less than 1.
"""

from math import nan
from typing import Any

import pandas as pd

from mdsbench.statistics.arrivals import ARRIVED, LATER, gradients_taken
from mdsbench.statistics.ert_ratio import paired, ratio
from mdsbench.statistics.running_time import SETTING, cheapest, running_time

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
        `worth_low` and `worth_high`, as `compare` finds them. It is NaN on the lowest rung.

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
    every = table.assign(_cost=costs, _arrived=(table["fate"] == ARRIVED).astype(float))
    rows: list[dict[str, Any]] = []
    for setting, part in times.groupby(SETTING, sort=False):
        runs = every[(every[SETTING] == list(setting)).all(axis=1)]
        before: str | None = None
        for _, here in part.groupby("rung", observed=True):
            best = cheapest(here)
            worth = (nan, nan, nan) if before is None else _worth(runs, before, str(best["solver"]), level)
            rows.append({**{str(name): best[name] for name in best.index}, **dict(zip(WORTH, worth, strict=True))})
            before = str(best["solver"])
    found = pd.DataFrame(rows, columns=[*SETTING, "rung", "solver", "runs", "arrived", *ERT, *WORTH])
    return found.assign(rung=found["rung"].astype(str))


ERT = ["ert", "ert_low", "ert_high"]
WORTH = ["worth", "worth_low", "worth_high"]


def _worth(runs: pd.DataFrame, below: str, solver: str, level: float) -> tuple[float, float, float]:
    """The ERT of a solver of the rung below over that of one of this rung, from the trials that both have."""
    lower, own = (runs[runs["solver"] == name] for name in (below, solver))
    return ratio(*paired(own, lower), level)
