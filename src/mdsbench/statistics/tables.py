"""The outcomes as tables: every trial a row of a file, and what the random starts of each method came to."""

import json
from collections.abc import Callable, Sequence
from math import ceil, isfinite
from pathlib import Path
from statistics import median_low
from typing import Any, NamedTuple

import pandas as pd

from mdsbench.campaigns.reproduction import HONEST, TARGET, Outcome
from mdsbench.oracle.account import Moment
from mdsbench.runs.execute import Run

Account = Moment | Run  # both say what was spent until then


class Quantile(NamedTuple):
    """A cost that a share of the starts reached the target within; or, not reached, what those spent that failed."""

    cost: float
    reached: bool


class Tally(NamedTuple):
    """The honest random starts of one solver at one size."""

    cities: int
    solver: str
    runs: list[Run]

    @property
    def reached(self) -> int:
        """How many of the starts came within one per cent of the best known loss."""
        return sum(arrival(run) is not None for run in self.runs)

    def quantile(self, share: float, cost: Callable[[Account], float]) -> Quantile:
        """The lowest cost within which that share of all starts, failures included, reached the target."""
        arrivals = sorted(cost(moment) for run in self.runs if (moment := arrival(run)))
        rank = max(1, ceil(share * len(self.runs)))
        if rank <= len(arrivals):
            return Quantile(arrivals[rank - 1], reached=True)
        return Quantile(median_low(cost(run) for run in self.runs if not arrival(run)), reached=False)


def arrival(run: Run) -> Moment | None:
    """The account when the loss came within one per cent of the best known; None where it never did."""
    return run.first_reaching(TARGET * run.best_known)


def sizes(outcomes: Sequence[Outcome]) -> list[int]:
    """The numbers of cities, smallest first."""
    return sorted({outcome.cities for outcome in outcomes})


def published_start(outcomes: Sequence[Outcome], protocol: str, n: int) -> list[Run]:
    """The protocol's runs of n cities from the published start."""
    return [
        outcome.run
        for outcome in outcomes
        if (outcome.protocol, outcome.cities, outcome.run.cell.start) == (protocol, n, "published")
    ]


def tallies(outcomes: Sequence[Outcome]) -> list[Tally]:
    """The random starts by size and solver, smallest size first, solvers in the outcomes' order."""
    runs: dict[tuple[int, str], list[Run]] = {}
    for protocol, run in outcomes:
        if protocol == HONEST and run.cell.start != "published":
            runs.setdefault((run.dimension // 2, run.cell.solver), []).append(run)
    return sorted((Tally(n, solver, found) for (n, solver), found in runs.items()), key=lambda tally: tally.cities)


def write_summary(outcomes: Sequence[Outcome], path: Path) -> None:
    """One object a trial, strict JSON: what is not a finite number is null."""
    records = [{key: _finite(value) for key, value in outcome.record().items()} for outcome in outcomes]
    path.write_text(json.dumps(records, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def write_runs(outcomes: Sequence[Outcome], path: Path) -> None:
    """One line a trial; counts are whole numbers, and empty where there is nothing to count."""
    frame = pd.DataFrame([outcome.record() for outcome in outcomes])
    counts = [name for name in frame if str(name).startswith(("iterations", "evaluations", "gradients"))]
    frame.astype(dict.fromkeys(counts, "Int64")).to_csv(path, index=False, lineterminator="\n")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value
