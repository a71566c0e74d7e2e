"""What a solver costs and what it needs, from the published start to within 1 % of the best known loss."""

from dataclasses import replace
from math import isfinite, nan
from pathlib import Path
from tempfile import TemporaryDirectory

from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.statistics.arrivals import arrivals, cost
from mdsbench.statistics.results import TARGET
from mdsbench.statistics.running_time import running_time
from mdsbench.store.frames import traces
from mdsbench.store.store import Store

SIZES = (6, 15, 34)
CALLS = 20_000
STARTS, GAP = 3, 1e-2
SOLVERS = ("gd", "l-bfgs", "nesterov(restart=true)", "nelder-mead(adaptive=true)", "cma-es")


class ToTheTarget:
    """One run; where the target is not reached, as by Nelder-Mead at 34 cities, it ends after CALLS evaluations."""

    params = (SOLVERS, SIZES)
    param_names = ("solver", "cities")
    timeout = 120

    def setup(self, solver: str, n: int) -> None:
        self.task = problem.find(f"cities-{n}")
        self.task.prepare()
        limits = Limits(calls=CALLS, target=TARGET * self.task.best_known, gtol=1e-6)
        self.cell = Cell(f"cities-{n}", solver, "published", limits)

    def run(self) -> Run:
        return execute(self.cell)

    def time_run(self, solver: str, n: int) -> None:
        self.run()

    def peakmem_run(self, solver: str, n: int) -> None:
        self.run()

    def track_running_time(self, solver: str, n: int) -> float:
        """The expected running time to a gap of 1 % from random starts; NaN where none arrives."""
        with TemporaryDirectory() as folder, Store.open(Path(folder) / "runs.sqlite") as store:
            for seed in range(STARTS):
                store.put(execute(replace(self.cell, start=f"uniform(seed={seed})")))
            table = arrivals(*traces(store), [GAP])
        (expected,) = running_time(table, cost(table))["ert"]
        return float(expected) if isfinite(expected) else nan

    track_running_time.unit = "values and gradients"  # type: ignore[attr-defined]
