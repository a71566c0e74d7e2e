"""How good the models of a store are on observations that they were not trained on: `Problem.held_out` at each end.

The scores are computed from the final position of a run when they are asked for. No run is charged for them.
"""

from functools import cache

import numpy as np
import pandas as pd

from mdsbench.errors import UsageError
from mdsbench.problems import problem
from mdsbench.problems.problem import Problem
from mdsbench.store.store import Store

COLUMNS = ["key", "problem", "dimension", "solver", "start", "ending", "final_loss"]


def held_out(store: Store) -> pd.DataFrame:
    """A row for each run of a model: its cell, its loss, and a column for each score, NaN where a model has none.

    Runs on other problems, on a user's problem, and without a finite loss are left out.
    """
    found = cache(_model)
    rows = []
    for key, run in store.items():
        task = found(run.cell.problem)
        if task and task.held_out and np.isfinite(run.final_x).all() and run.dimension == task.dimension:
            cell = run.cell
            names = [key, cell.problem, run.dimension, cell.solver, cell.start, str(run.ending), run.final_loss]
            rows.append({**dict(zip(COLUMNS, names, strict=True)), **task.held_out(run.final_x)})
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=COLUMNS)


def _model(name: str) -> Problem | None:
    """The problem of that name, if this package registers it."""
    try:
        return problem.find_registered(name)
    except UsageError:
        return None
