"""200 runs of SciPy's own Nelder-Mead on cheap problems, with a campaign around them and without.

The bare loop calls scipy.optimize.minimize on the problem's own functions with the budget as an exception, as little
as one can write. benchmarks/peers/campaign_overhead.py measures them.
"""

import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from mdsbench.campaigns import driver
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.registry.registry import STARTS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt
from mdsbench.store.memory_store import MemoryStore
from mdsbench.store.store import Store

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
    for _ in pool.serial(partial(attempt, snapshots=SNAPSHOTS), CELLS):
        pass


def serial_with_store() -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.sqlite") as store:
        driver.run_all(CELLS, store, pool.serial, snapshots=SNAPSHOTS, done=lambda _: None)


def isolated() -> None:
    driver.run_all(CELLS, MemoryStore(), partial(pool.processes, workers=2), snapshots=SNAPSHOTS, done=lambda _: None)
