"""How often the bands of the distribution of costs cover the truth, in simulated campaigns; run by hand.

Each campaign has so many runs of one solver with four targets. A run arrives at the targets one after the other, at
steps that are exponential with the mean 1; before each of them it ends elsewhere with the probability 0.1. Budgets are
exponential with the mean 6, so that about half of the runs and targets are censored or end elsewhere.

    python tests/statistics/coverage_ecdf.py
"""

import sys

import numpy as np
import pandas as pd

from mdsbench.statistics.arrivals import ARRIVED, CENSORED, ELSEWHERE
from mdsbench.statistics.profiles import ecdf

TARGETS, LOST, BUDGET = 4, 0.1, 6.0
AT = (0.5, 1.0, 2.0, 4.0)


def campaign(runs: int, rng: np.random.Generator, budget: float = BUDGET) -> pd.DataFrame:
    """Runs of one solver, a row for each run and target."""
    steps = rng.exponential(size=(runs, TARGETS))
    when = steps.cumsum(axis=1)
    lost = rng.random((runs, TARGETS)) < LOST
    gone = np.maximum.accumulate(lost, axis=1)
    end = np.where(lost.any(axis=1), when[np.arange(runs), lost.argmax(axis=1)], np.inf)  # it gave up there
    limit = rng.exponential(budget, runs)
    arrived = ~gone & (when <= limit[:, None])
    elsewhere = ~arrived & (end <= limit)[:, None]
    cost = np.where(arrived, when, np.minimum(end, limit)[:, None])
    cost[~arrived & ~elsewhere] = np.broadcast_to(limit[:, None], cost.shape)[~arrived & ~elsewhere]
    fate = np.select([arrived, elsewhere], [ARRIVED, ELSEWHERE], CENSORED)
    return pd.DataFrame(
        {"problem": "p", "trial": np.repeat(np.arange(runs), TARGETS), "target": np.tile(np.arange(TARGETS), runs),
         "solver": "s", "fate": fate.ravel(), "cost": cost.ravel()}
    )  # fmt: skip


def covered(runs: int, campaigns: int, seed: int = 0) -> tuple[list[float], list[float]]:
    """The share of the campaigns whose band covers the truth at each cost, and the mean error of the share."""
    rng = np.random.default_rng(seed)
    ample = campaign(200_000, rng, budget=1e9)
    truth = [float(((ample["fate"] == ARRIVED) & (ample["cost"] <= at)).mean()) for at in AT]
    hits, errors = np.zeros(len(AT)), np.zeros(len(AT))
    for _ in range(campaigns):
        table = campaign(runs, rng)
        found = ecdf(table, table["cost"])
        rows = found.iloc[np.searchsorted(found["cost"], AT, side="right") - 1]
        hits += (rows["low"].to_numpy() <= truth) & (truth <= rows["high"].to_numpy())
        errors += rows["share"].to_numpy() - truth
    return list(hits / campaigns), list(errors / campaigns)


if __name__ == "__main__":
    for runs in (10, 20, 50):
        hits, errors = covered(runs, int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
        print(
            runs, "runs: covered", *(f"{hit:.3f}" for hit in hits), "mean error", *(f"{error:+.3f}" for error in errors)
        )
