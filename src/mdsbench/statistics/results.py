"""The runs of a reproduction, grouped once: by the number of points, the protocol, and the start."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from statistics import median_low
from typing import Any, NamedTuple

from mdsbench.oracle.account import Moment
from mdsbench.problems import problem
from mdsbench.problems.problem import MapInfo
from mdsbench.registry.registry import DERIVATIVE_FREE, SOLVERS, SOURCES
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.execute import asks
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import without_folders

AS_PUBLISHED, HONEST = "as-published", "honest"  # the protocols, which are the names of the campaign's blocks
RESTARTED_NELDER_MEAD = "restarted-nelder-mead"
PUBLISHED_START = "published"

TARGET = 1.01  # times the best known loss: within one per cent of it


class Outcome(NamedTuple):
    """A run and the protocol that it belongs to."""

    protocol: str
    run: Run

    @property
    def map(self) -> MapInfo:
        """The points that were placed."""
        return map_of(self.run)

    @property
    def charged_evaluations(self) -> int:
        """The function values that the protocol's accounting shows; the honest protocol shows them all.

        The original charged the last of the restarted Nelder-Mead runs and none of those before it.
        """
        if self.run.cell.solver != RESTARTED_NELDER_MEAD:
            return self.run.spent.evaluations
        return charged_by_the_original(self.run)[-1]

    def record(self) -> dict[str, Any]:
        """The run as one row of `summary.json` and `runs.csv`."""
        run, spent = self.run, self.run.spent
        reached = arrival(run)
        return {
            "protocol": self.protocol,
            "cities": self.map.points,
            "dimension": run.dimension,
            "solver": without_folders(run.cell.solver),
            "start": run.cell.start,
            "iterations": spent.iterations,
            "evaluations": spent.evaluations,
            "gradients": spent.gradients,
            "charged_evaluations": self.charged_evaluations,
            "start_loss": run.start_loss,
            "final_loss": run.final_loss,
            "best_known": run.best_known,
            "gap": run.gap,
            "ending": str(run.ending),
            "message": without_folders(run.message.partition("\n")[0]),
            "target_loss": TARGET * run.best_known,
            "iterations_to_target": reached and reached.iterations,
            "evaluations_to_target": reached and reached.evaluations,
            "gradients_to_target": reached and reached.gradients,
            "seconds": spent.seconds,
        }


class Quantile(NamedTuple):
    """The cost within which a share of the starts reached the target; or, not reached, what those spent that failed."""

    cost: float
    reached: bool


class Tally(NamedTuple):
    """The honest runs of one solver from random starts on one problem."""

    map: MapInfo
    solver: str
    runs: list[Run]

    @property
    def reached(self) -> int:
        """How many of the runs came within one per cent of the best known loss."""
        return sum(arrival(run) is not None for run in self.runs)

    def quantile(self, share: float, cost: Callable[[Moment], float]) -> Quantile:
        """The lowest cost within which that share of all runs, failures included, reached the target."""
        arrivals = sorted(cost(moment) for run in self.runs if (moment := arrival(run)))
        rank = max(1, ceil(share * len(self.runs)))
        if rank <= len(arrivals):
            return Quantile(arrivals[rank - 1], reached=True)
        return Quantile(median_low(cost(run.spent) for run in self.runs if not arrival(run)), reached=False)


@dataclass(frozen=True, eq=False)
class Size:
    """The runs on one map: those of the published start by protocol, gradient methods first, and the random starts."""

    map: MapInfo
    as_published: list[Run] = field(default_factory=list)
    honest: list[Run] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)  # by solver

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return 2 * self.map.points

    @property
    def runs(self) -> list[Run]:
        """All runs."""
        return [*self.as_published, *self.honest, *(run for tally in self.tallies.values() for run in tally.runs)]


class Results:
    """The outcomes of a reproduction, and their `sizes`, smallest map first."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self.outcomes = list(outcomes)
        by_map: dict[MapInfo, Size] = {}
        for outcome in self.outcomes:
            run = outcome.run
            size = by_map.setdefault(outcome.map, Size(outcome.map))
            if run.cell.start == PUBLISHED_START:
                (size.as_published if outcome.protocol == AS_PUBLISHED else size.honest).append(run)
            else:
                solver = run.cell.solver
                size.tallies.setdefault(solver, Tally(size.map, solver, [])).runs.append(run)
        for size in by_map.values():
            size.as_published.sort(key=lambda run: derivative_free(run))
            size.honest.sort(key=lambda run: derivative_free(run))
        self.sizes = sorted(by_map.values(), key=lambda size: size.map.points)

    @property
    def tallies(self) -> list[Tally]:
        """The random starts of every map and solver, smallest map first."""
        return [tally for size in self.sizes for tally in size.tallies.values()]

    @property
    def solvers(self) -> list[str]:
        """The solvers of the honest protocol, gradient methods first."""
        return list(dict.fromkeys(run.cell.solver for size in self.sizes for run in size.honest))


def map_of(run: Run) -> MapInfo:
    """The points that a run has placed."""
    found = problem.find_registered(run.cell.problem).map
    assert found, f"{run.cell.problem} is no map"
    return found


def arrival(run: Run) -> Moment | None:
    """The account when the loss came within one per cent of the best known; None if it never did."""
    return run.first_reaching(TARGET * run.best_known)


def charged_by_the_original(run: Run) -> list[int]:
    """For each iterate of the restarted Nelder-Mead, the evaluations of the restart that led to it alone."""
    spent = [moment.evaluations for moment, _ in run.path]
    return [after - before for before, after in zip([0, *spent], spent, strict=False)]


def derivative_free(*runs: Run) -> bool:
    """Whether the solver of these runs sees function values or comparisons only.

    A solver that is not registered here is judged by its account, so that its file need not exist.
    """
    solver = runs[0].cell.solver
    if is_registered(parse(solver)):
        return asks(solver) in DERIVATIVE_FREE
    return not any(run.spent.calls > run.spent.evaluations for run in runs)


def is_registered(spec: Spec) -> bool:
    """Whether a solver, its source and its inner solver can be looked up without loading anything."""
    inner = dict(spec.options).get("solver")
    return (
        spec.name in SOLVERS
        and (spec.source is None or spec.source.name in SOURCES)
        and (inner is None or is_registered(parse(str(inner))))
    )
