"""What a campaign costs on top of the solvers: 200 runs of SciPy's own minimisers on cheap problems.

    python benchmarks/campaigns/overhead.py

The bare loop calls scipy.optimize.minimize on the problem's own functions with the budget as an exception, as little
as one can write. CPU time of all processes, the best of five rounds taken in turn.
"""

import resource
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from mdsbench import campaign, executors, problem
from mdsbench.account import Limits
from mdsbench.registry import STARTS
from mdsbench.run import Cell, attempt
from mdsbench.spec import parse
from mdsbench.store import MemoryStore, Store

CALLS = 400
SNAPSHOTS = 16  # a campaign's default
CELLS = [
    Cell(name, "nelder-mead", f"uniform(seed={seed})", Limits(calls=CALLS, seconds=60, megabytes=1024))
    for name in ("cities-6", "cities-15")
    for seed in range(100)
]


class Spent(Exception):
    """The budget."""


def bare() -> None:
    """The same minimisations with nothing around them."""
    for cell in CELLS:
        task = problem.find(cell.problem)
        x0 = STARTS.bind(parse(cell.start))(task)
        left = CALLS

        def value(x: np.ndarray) -> float:
            nonlocal left
            if not left:
                raise Spent
            left -= 1
            return task.value(x)  # noqa: B023 - called at once

        with suppress(Spent):
            minimize(value, x0, method="Nelder-Mead", options={"maxiter": np.inf, "maxfev": np.inf})


def serial() -> None:
    for _ in executors.serial(partial(attempt, snapshots=SNAPSHOTS), CELLS):
        pass


def serial_with_store() -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.sqlite") as store:
        campaign.run_all(CELLS, store, executors.serial, snapshots=SNAPSHOTS, done=lambda _: None)


def isolated() -> None:
    campaign.run_all(
        CELLS, MemoryStore(), partial(executors.processes, workers=2), snapshots=SNAPSHOTS, done=lambda _: None
    )


def workers_alone() -> None:
    """What starting two workers costs, whatever they do after."""
    list(executors.processes(attempt, [Cell(c.problem, "gd", c.start, Limits(calls=1)) for c in CELLS[:2]], 2))


def cpu(function: Callable[[], None]) -> float:
    """CPU seconds that a call takes, its processes included."""

    def now() -> float:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    began = now()
    function()
    return now() - began


def main() -> None:
    ways = [bare, serial, serial_with_store, isolated, workers_alone]
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(5):
        for way in ways:
            best[way] = min(best[way], cpu(way))
    alone = best[bare]
    for way in ways:
        on_top = (best[way] - alone) / len(CELLS) * 1000
        print(f"{way.__name__:18} {best[way]:6.2f} s CPU, {best[way] / alone:5.2f} x bare, {on_top:+6.2f} ms a run")


if __name__ == "__main__":
    main()
