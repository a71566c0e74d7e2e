"""What a solver costs and what it needs, from the published start to within 1 % of the best known loss."""

from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.statistics.results import TARGET

SIZES = (6, 15, 34)
CALLS = 20_000
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

    def track_evaluations(self, solver: str, n: int) -> float:
        """Values and gradients; NaN where the target is not reached."""
        run = self.run()
        return run.calls if run.ending == "target" else float("nan")

    track_evaluations.unit = "evaluations"  # type: ignore[attr-defined]
