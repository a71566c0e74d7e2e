"""What several test files share: outcomes, real and made up."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.reproduction import ADAPTIVE_NELDER_MEAD, GRADIENT_DESCENT, NELDER_MEAD
from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.registry.registry import PROBLEMS, SOLVERS, SOURCES, STARTS, STEPS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.statistics.results import HONEST, Outcome


@pytest.fixture(scope="session")
def outcomes() -> list[Outcome]:
    """Real runs of both protocols on six cities, from the published start and three random ones."""
    plan = reproduction.plan((6,), 3, 0)
    return [Outcome(block, execute(cell)) for cell, block in zip(plan.cells, plan.blocks, strict=True)]


class MadeUp:
    """Outcomes of runs that never were."""

    best = 1e-4

    def run(
        self,
        solver: str,
        cities: int,
        start: str,
        moments: Sequence[tuple[int, float]],
        *,
        spent: int,
        ending: str = "converged",
    ) -> Run:
        """A run with these improvements, (calls, loss), which are its iterates as well."""
        gradient = solver.startswith("gd")
        x = np.zeros(2 * cities)
        accounts = [
            Moment(
                iterations=calls,
                evaluations=0 if gradient else calls,
                gradients=calls if gradient else 0,
                hessian_vectors=0,
                terms=calls * cities * (cities - 1) // 2,
                seconds=calls / 1000,
                loss=loss,
            )
            for calls, loss in moments
        ]
        return Run(
            cell=Cell(f"cities-{cities}", solver, start, Limits()),
            ending=Ending[ending.upper()],
            message="",
            spent=Moment(
                iterations=len(moments) - 1,
                evaluations=0 if gradient else spent,
                gradients=spent if gradient else 0,
                hessian_vectors=0,
                terms=spent * cities * (cities - 1) // 2,
                seconds=1.0,
                loss=moments[-1][1],
            ),
            dimension=2 * cities,
            terms_per_pass=cities * (cities - 1) // 2,
            start_loss=moments[0][1],
            best_known=self.best,
            final_x=x,
            improvements=accounts,
            path=[(moment, x) for moment in accounts],
        )

    def outcome(
        self,
        solver: str,
        cities: int,
        start: str,
        *,
        reached: int | None,
        spent: int = 1000,
        final: float = 1.0,
        ending: str = "converged",
    ) -> Outcome:
        """An honest run that got there after `reached` calls, or that ended elsewhere with a loss of `final`."""
        last = (spent, final) if reached is None else (reached, self.best)
        return Outcome(HONEST, self.run(solver, cities, start, [(0, 4.0), last], spent=spent, ending=ending))

    def starts(
        self, solver: str, cities: int, reached: Sequence[int | None], *, spent: int = 1000, ending: str = "converged"
    ) -> list[Outcome]:
        """Honest runs from random starts."""
        return [
            self.outcome(solver, cities, f"uniform(seed={k})", reached=calls, spent=spent, ending=ending)
            for k, calls in enumerate(reached)
        ]

    def published(self, cities: int, gd: int | None, nm: int | None, adaptive: int | None) -> list[Outcome]:
        """Honest runs of all methods from the published start."""
        reached = {NELDER_MEAD: nm, ADAPTIVE_NELDER_MEAD: adaptive, GRADIENT_DESCENT: gd}
        return [self.outcome(solver, cities, "published", reached=calls) for solver, calls in reached.items()]


@pytest.fixture(scope="session")
def made_up() -> MadeUp:
    """A maker of outcomes."""
    return MadeUp()


@pytest.fixture
def restored_registries() -> Iterator[None]:
    """What the test registers is removed when it ends, and what it replaces is put back."""
    kinds = (PROBLEMS, SOLVERS, SOURCES, STARTS, STEPS)
    before = [dict(kind) for kind in kinds]
    yield
    for kind, entries in zip(kinds, before, strict=True):
        kind.clear()
        kind.update(entries)
