"""What the solvers cost and what they need, from the published start."""

from mdsbench.account import Limits
from mdsbench.reproduction import BUDGET, HONEST_SOLVERS, SIZES, TARGET
from mdsbench.run import Cell, Run, execute


class FromThePublishedStart:
    """The honest solvers within SciPy's own budget."""

    params = (HONEST_SOLVERS, SIZES)
    param_names = ("solver", "cities")
    timeout = 120

    def run(self, solver: str, n: int) -> Run:
        return execute(Cell(f"cities-{n}", solver, "published", Limits(calls=BUDGET * 2 * n, gtol=1e-6)))

    def time_run(self, solver: str, n: int) -> None:
        self.run(solver, n)

    def track_calls_to_target(self, solver: str, n: int) -> float:
        run = self.run(solver, n)
        reached = run.first_reaching(TARGET * run.best_known)
        return reached.evaluations + reached.gradients if reached else float("nan")

    def track_gap(self, solver: str, n: int) -> float:
        return self.run(solver, n).gap

    track_calls_to_target.unit = "calls"  # type: ignore[attr-defined]
    track_gap.unit = "of the start's"  # type: ignore[attr-defined]
