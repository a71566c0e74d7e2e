"""The fmin.xyz experiment as two protocols over the same cities, and the accounting of each.

`as-published` repeats what the original did: gradient descent with steps tuned by hand for each size, a fixed number
of iterations, and Nelder-Mead restarted for every one of its "iterations", of which only the last restart's
evaluations are charged. `honest` gives each method one run from the same start, with no step tuned by hand, and
charges every evaluation.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from mdsbench.campaigns import driver
from mdsbench.oracle.account import Limits
from mdsbench.problems.europe import cities_problem
from mdsbench.registry.spec import parse
from mdsbench.runs.execute import Cell, Run, execute
from mdsbench.store.store import MemoryStore

AS_PUBLISHED, HONEST = "as-published", "honest"
SIZES = (6, 15, 34)

GRADIENT_DESCENT = "gd"
NELDER_MEAD = "nelder-mead"
ADAPTIVE_NELDER_MEAD = "nelder-mead(adaptive=true)"
HONEST_SOLVERS = (NELDER_MEAD, ADAPTIVE_NELDER_MEAD, GRADIENT_DESCENT)
RESTARTED_NELDER_MEAD = "restarted-nelder-mead"

BUDGET = 200  # calls a variable from a random start: SciPy's own limit for Nelder-Mead
LARGE_BUDGET = 2000  # calls a variable from the published start

GTOL = 1e-6  # gradient descent has converged where its gradient is shorter; Nelder-Mead has tolerances of its own

TARGET = 1.01  # times the best known loss: within one per cent of it


class Published(NamedTuple):
    """What the original chose for one size; its step refers to half the double sum, whose gradient is half of ours."""

    step: float
    gd_iterations: int
    nelder_mead_runs: int


PUBLISHED = {
    6: Published(0.12 / 2, 75, 75),
    15: Published(0.03 / 2, 130, 300),
    34: Published(0.01 / 2, 200, 400),
}


class Trial(NamedTuple):
    """A cell and the protocol that it belongs to."""

    protocol: str
    cell: Cell


class Outcome(NamedTuple):
    """A finished trial."""

    protocol: str
    run: Run

    @property
    def cities(self) -> int:
        """How many cities were placed."""
        return self.run.dimension // 2

    @property
    def charged_evaluations(self) -> int:
        """The function values that the protocol's accounting shows; the honest one shows them all.

        The original charged the last of the restarted Nelder-Mead runs and none of those before it.
        """
        if self.run.cell.solver != RESTARTED_NELDER_MEAD:
            return self.run.evaluations
        return charged_by_the_original(self.run)[-1]

    def record(self) -> dict[str, Any]:
        """The trial as one row of `summary.json` and `runs.csv`."""
        run = self.run
        reached = run.first_reaching(TARGET * run.best_known)
        return {
            "protocol": self.protocol,
            "cities": self.cities,
            "dimension": run.dimension,
            "solver": run.cell.solver,
            "start": run.cell.start,
            "iterations": run.iterations,
            "evaluations": run.evaluations,
            "gradients": run.gradients,
            "charged_evaluations": self.charged_evaluations,
            "start_loss": run.start_loss,
            "final_loss": run.final_loss,
            "best_known": run.best_known,
            "gap": run.gap,
            "ending": run.ending,
            "message": run.message.partition("\n")[0],
            "target_loss": TARGET * run.best_known,
            "iterations_to_target": reached and reached.iterations,
            "evaluations_to_target": reached and reached.evaluations,
            "gradients_to_target": reached and reached.gradients,
            "seconds": run.seconds,
        }


def charged_by_the_original(run: Run) -> list[int]:
    """For each iterate of the restarted Nelder-Mead, the evaluations of the restart that led to it alone."""
    spent = [moment.evaluations for moment, _ in run.path]
    return [after - before for before, after in zip([0, *spent], spent, strict=False)]


def trials(sizes: Sequence[int], starts: int, seed: int, rivals: Sequence[str] = ()) -> list[Trial]:
    """Both protocols at each size, the longest runs first. `as-published` exists for 6, 15 and 34 cities only.

    `rivals` are further solvers that take part in the honest protocol. Raises UsageError for a size or a solver that
    there is not.
    """
    largest_first = sorted(set(sizes), reverse=True)
    for n in largest_first:
        cities_problem(n=n)
    solvers = list(dict.fromkeys((*HONEST_SOLVERS, *(str(parse(rival)) for rival in rivals))))
    for solver in solvers:
        execute(Cell("cities-6", solver, "published", Limits(calls=1)))  # what cannot run is said before all the work
    listed = [trial for n in largest_first for trial in (*_as_published(n), *_honest_published_start(n, solvers))]
    return listed + [trial for n in largest_first for trial in _honest_random_starts(n, solvers, starts, seed)]


def _as_published(n: int) -> Iterator[Trial]:
    if n in PUBLISHED:
        step, gd_iterations, nelder_mead_runs = PUBLISHED[n]
        for solver, iterations in [
            ("restarted-nelder-mead", nelder_mead_runs),
            (f"gd(step={step:g})", gd_iterations),
        ]:
            yield Trial(AS_PUBLISHED, Cell(f"cities-{n}", solver, "published", Limits(iterations=iterations)))


def _honest_published_start(n: int, solvers: Sequence[str]) -> Iterator[Trial]:
    for solver in solvers:
        yield _honest(n, solver, "published", LARGE_BUDGET)


def _honest_random_starts(n: int, solvers: Sequence[str], starts: int, seed: int) -> Iterator[Trial]:
    for solver in solvers:
        for k in range(starts):
            yield _honest(n, solver, f"uniform(seed={seed + k})", BUDGET)


def _honest(n: int, solver: str, start: str, calls_a_variable: int) -> Trial:
    limits = Limits(calls=calls_a_variable * 2 * n, gtol=GTOL)
    return Trial(HONEST, Cell(f"cities-{n}", solver, start, limits))


def run(listed: Sequence[Trial], *, jobs: int, done: Callable[[Run], None] = lambda _: None) -> list[Outcome]:
    """Run the trials and give back their outcomes, in the trials' order."""
    store = MemoryStore()
    driver.run([trial.cell for trial in listed], store, jobs=jobs, done=done)
    return [Outcome(trial.protocol, store.get(trial.cell)) for trial in listed]
