"""How long a set of cells will take: a range, or what is known of one.

A range is from the shortest and the longest run that was observed, or from the start of one run and its whole budget.
Where the budget of a run cannot be measured, its time limit counts, and without a limit the range has no upper end.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil, inf
from typing import NamedTuple

from mdsbench.execution import pool
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt
from mdsbench.runs.run import Run, lost
from mdsbench.system.machine import cores

Pair = tuple[str, str]  # problem, solver

LOOK = 0.1  # seconds that a calibration spends on one problem and solver
LOADING = 5.0  # seconds on top, which a solver has to import a library
MOST_LOOKS = 50

OBSERVED = 1.5  # runs to come may be shorter or longer by this factor than all that were observed
EXTRAPOLATED = 3.0  # the calls of a whole run may be slower by this factor than its first ones
AROUND = 0.1  # seconds of a worker around a run, at most: its start, and storing it
STARTING = 10.0  # seconds until workers are ready, at most


class Range(NamedTuple):
    """The least and the most seconds that something takes; the most is inf if it is not known."""

    low: float
    high: float


def remaining(left: Mapping[Pair, int], seconds: Mapping[Pair, tuple[float, float]], jobs: int) -> Range | None:
    """The time for so many cells of each problem and solver, from the least and most seconds of one run of each.

    Cells that `seconds` does not know have no upper limit; None where it knows none of them.
    """
    if not left:
        return Range(0.0, 0.0)
    known = {pair: count for pair, count in left.items() if pair in seconds}
    if not known:
        return None
    lows = [(count, seconds[pair][0] / OBSERVED) for pair, count in known.items()]
    highs = [(count, seconds[pair][1] * OBSERVED + AROUND) for pair, count in known.items()]
    low = max(sum(count * each for count, each in lows) / jobs, *(each for _, each in lows))
    if len(known) < len(left):
        return Range(low, inf)
    at_once = min(jobs, cores())  # workers that share a core take longer
    last = max(each for _, each in highs)  # it may begin when all others have ended
    return Range(low, sum(count * each for count, each in highs) / at_once + last + STARTING)


def pairs(cells: Iterable[Cell]) -> dict[Pair, int]:
    """How many cells there are of each problem and solver."""
    return Counter((cell.problem, cell.solver) for cell in cells)


def calibrate(
    cells: Iterable[Cell], known: Mapping[Pair, tuple[float, float]], jobs: int = 1
) -> dict[Pair, tuple[float, float]]:
    """The least and most seconds of a run, by problem and solver: those known, and for others a look at one run.

    The first calls of that run are extrapolated to the end of the budget, which other runs may use up. The looks take
    place in `jobs` processes. A solver that hangs is killed, and its runs are taken to last until their time limit.
    """
    seconds = dict(known)
    chosen: dict[Pair, Cell] = {}
    for cell in cells:
        pair = cell.problem, cell.solver
        if pair in known or pair in chosen:
            continue
        if len(chosen) < MOST_LOOKS:
            chosen[pair] = cell
        else:
            seconds[pair] = 0.0, cell.limits.seconds or inf
    looks = [replace(cell, limits=replace(cell.limits, seconds=_look(cell))) for cell in chosen.values()]
    for run in pool.apply(attempt, looks, jobs, limit=lambda look: _look(look) + LOADING, lost=lost, kind=Run):
        pair = run.cell.problem, run.cell.solver
        seconds[pair] = extrapolated(run, chosen[pair])
    return seconds


def _look(cell: Cell) -> float:
    """The time limit of the cell's calibration."""
    return min(LOOK, cell.limits.seconds or LOOK)


def extrapolated(run: Run, cell: Cell) -> Range:
    """The least and most seconds of the whole cell, by the run of its calibration."""
    limits, calls = cell.limits, run.spent.calls
    spent = min(run.spent.seconds, _look(cell)) if run.ending == "timeout" else run.spent.seconds
    shares = [calls / limits.calls] if limits.calls else []
    shares += [run.spent.iterations / limits.iterations] if limits.iterations else []
    share = max(shares, default=0.0)
    most = EXTRAPOLATED * spent / share if share > 0 else inf
    return Range(spent / EXTRAPOLATED, max(spent, min(most, limits.seconds or inf)))


def in_words(time: Range | None) -> str:
    """A range of time in words."""
    if time is None:
        return "time unknown before the first run has finished"
    low, high = _rounded(time.low, up=False), _rounded(time.high, up=True) if time.high < inf else ""
    if not high:
        return f"at least {low}" if time.low >= 1 else "time unknown"
    return f"at most {high}" if time.low < 1 else f"between {low} and {high}"


def _rounded(seconds: float, *, up: bool) -> str:
    def number(size: int) -> int:
        return ceil(seconds / size) if up else int(seconds / size)

    units = {"s": 1, "min": 60, "h": 3600, "days": 86400}
    unit = next((unit for unit, size in units.items() if number(size) <= 90), "days")
    return f"{number(units[unit]):,} {unit}"
