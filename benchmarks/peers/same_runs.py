"""Do benchopt's runs, in the file given, and ours make the same calls? Called by campaign_overhead.py.

benchopt's must end where SciPy itself does, to the last bit, and ours must take as many evaluations as SciPy counts.
Ours may end lower: where the budget ends in the middle of a step, SciPy forgets the last point, which the oracle keeps.
"""

import sys

import numpy as np
import overhead
import pandas as pd
from scipy.optimize import minimize

from mdsbench.execution import pool
from mdsbench.problems import problem
from mdsbench.registry.registry import STARTS
from mdsbench.registry.spec import parse

frame = pd.read_parquet(sys.argv[1])
names = "cities-" + frame["p_dataset_cities"].astype(str)
starts = "uniform(seed=" + frame["p_dataset_seed"].astype(str) + ")"
theirs = dict(zip(zip(names, starts, strict=True), frame["objective_value"], strict=True))
assert len(theirs) == len(frame) == len(overhead.CELLS), "benchopt has other runs"
for run in pool.serial(overhead.attempt, overhead.CELLS):
    task = problem.find(run.cell.problem)
    options = {"maxiter": np.inf, "maxfev": overhead.CALLS}
    scipy = minimize(task.value, STARTS.bind(parse(run.cell.start))(task), method="Nelder-Mead", options=options)
    assert theirs[run.cell.problem, run.cell.start] == scipy.fun >= run.final_loss, f"{run.cell} ends elsewhere"
    assert run.spent.evaluations == scipy.nfev, f"{run.cell} takes other calls"
