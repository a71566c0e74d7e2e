"""How long a set of cells will take."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mdsbench.execution import pool
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt
from mdsbench.runs.run import Run, lost

Pair = tuple[str, str]  # problem, solver

LOOK = 0.1  # seconds that a calibration spends on one problem and solver
LOADING = 5.0  # seconds on top, which a solver has to import a library
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
    return Counter((cell.problem, cell.solver) for cell in cells)


def calibrate(cells: Iterable[Cell], known: Mapping[Pair, float], jobs: int = 1) -> dict[Pair, float]:
    """At most how long a run takes, by problem and solver: those known, and for others the start of one of their runs.

    The time of the first calls is extrapolated to the end of the budget. The cells run in `jobs` processes. A solver
    that hangs is killed, and its run is taken to last until its time limit.
    """
    seconds = dict(known)
    chosen: dict[Pair, Cell] = {}
    for cell in cells:
        pair = cell.problem, cell.solver
        if pair not in known and (pair in chosen or len(chosen) < MOST_LOOKS):
            chosen.setdefault(pair, cell)
    looks = [replace(cell, limits=replace(cell.limits, seconds=_look(cell))) for cell in chosen.values()]
    for run in pool.apply(attempt, looks, jobs, limit=lambda look: _look(look) + LOADING, lost=lost, kind=Run):
        pair = run.cell.problem, run.cell.solver
        seconds[pair] = _extrapolated(run, chosen[pair])
    return seconds


def _look(cell: Cell) -> float:
    """The time limit of the cell's calibration."""
    return min(LOOK, cell.limits.seconds or LOOK)


def _extrapolated(run: Run, cell: Cell) -> float:
    """The seconds of the whole cell, by the run of its calibration."""
    if run.ending != "timeout":
        return run.spent.seconds
    limits, calls = cell.limits, run.spent.evaluations + run.spent.gradients + run.spent.hessian_vectors
    shares = [_look(cell) / limits.seconds] if limits.seconds else []
    shares += [calls / limits.calls] if limits.calls else []
    shares += [run.spent.iterations / limits.iterations] if limits.iterations else []
    return min(run.spent.seconds, _look(cell)) / max([*shares, 1e-6])
