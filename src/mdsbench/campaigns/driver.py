"""A campaign is a set of cells, minus those whose runs are in the store."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

from mdsbench.execution import pool
from mdsbench.execution.pool import Executor
from mdsbench.runs.checkpoints import Checkpoints
from mdsbench.runs.execute import Cell, Run, attempt, execute
from mdsbench.store.encoding import thin


class Keeps(Protocol):
    """What a campaign asks of a store."""

    def pending(self, cells: Iterable[Cell]) -> list[Cell]:
        """The cells without a run."""

    def put(self, run: Run) -> None:
        """Keep a run."""


def run(
    cells: Sequence[Cell],
    store: Keeps,
    *,
    jobs: int = 1,
    done: Callable[[Run], None] = lambda _: None,
) -> None:
    """Run what is missing, `jobs` cells at a time, put each run into the store and tell `done` of it."""
    missing = store.pending(cells)
    each = pool.serial if jobs == 1 else partial(pool.processes, workers=jobs)
    keep(each(execute, missing), store, done)


def run_all(
    missing: Sequence[Cell],
    store: Keeps,
    executor: Executor,
    *,
    snapshots: int,
    done: Callable[[Run], None],
    checkpoints: Checkpoints | None = None,
) -> None:
    """Run every cell whatever becomes of it, with at most so many snapshots of each path in the store.

    The checkpoint of a run is removed when the run is in the store, not before: a kill between loses nothing.
    """

    def stored(finished: Run) -> None:
        if checkpoints:
            checkpoints.forget(finished.cell.key)
        done(finished)

    keep(executor(partial(_attempt, snapshots=snapshots, checkpoints=checkpoints), missing), store, stored)


def keep(runs: Iterable[Run], store: Keeps, done: Callable[[Run], None]) -> None:
    """Put each run into the store as it comes, and tell `done` of it."""
    for finished in runs:
        store.put(finished)
        done(finished)


def _attempt(cell: Cell, snapshots: int, checkpoints: Checkpoints | None) -> Run:
    return thin(attempt(cell, snapshots, checkpoints), snapshots)
