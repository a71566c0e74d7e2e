"""How long a set of cells will take."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mdsbench.runs.execute import Cell, attempt

Pair = tuple[str, str]  # problem, solver

LOOK = 0.1  # seconds that a calibration spends on one problem and solver
MOST_LOOKS = 50


def remaining(left: Mapping[Pair, int], seconds: Mapping[Pair, float], jobs: int) -> float | None:
    """The time for so many cells of each problem and solver, from the mean times of those that have run.

    A solver that has not run on a problem yet takes as long as it does on others, or else as long as all do on average;
    None where nothing has run.
    """
    if not seconds:
        return None if left else 0.0
    overall = sum(seconds.values()) / len(seconds)

    def mean(pair: Pair) -> float:
        if pair in seconds:
            return seconds[pair]
        of_solver = [mean for (_, solver), mean in seconds.items() if solver == pair[1]]
        return sum(of_solver) / len(of_solver) if of_solver else overall

    return sum(count * mean(pair) for pair, count in left.items()) / jobs


def pairs(cells: Iterable[Cell]) -> dict[Pair, int]:
    """How many cells there are of each problem and solver."""
    return Counter((cell.problem, cell.canonical_solver) for cell in cells)


def calibrate(cells: Iterable[Cell], known: Mapping[Pair, float]) -> dict[Pair, float]:
    """At most how long a run takes, by problem and solver: those known, and for others the start of one of their runs.

    What a run spends on the first calls is taken to the end of its budget.
    """
    seconds = dict(known)
    for cell in cells:
        pair = cell.problem, cell.canonical_solver
        if pair in seconds or len(seconds) - len(known) >= MOST_LOOKS:
            continue
        limits = cell.limits
        run = attempt(replace(cell, limits=replace(limits, seconds=min(LOOK, limits.seconds or LOOK))))
        calls = run.evaluations + run.gradients + run.hessian_vectors
        share = 1.0
        if run.ending == "timeout":
            spent = [calls / limits.calls] if limits.calls else []
            spent += [run.iterations / limits.iterations] if limits.iterations else []
            share = max([*spent, LOOK / limits.seconds if limits.seconds else 0.0, 1e-6])
        seconds[pair] = run.seconds / share
    return seconds
