"""A campaign is a set of cells, minus those whose runs are in the store."""

from collections.abc import Callable, Sequence

from mdsbench import executors
from mdsbench.run import Cell, Run, execute
from mdsbench.store import MemoryStore


def run(
    cells: Sequence[Cell],
    store: MemoryStore,
    *,
    jobs: int = 1,
    done: Callable[[Run], None] = lambda _: None,
) -> None:
    """Run what is missing, `jobs` cells at a time, put each run into the store and tell `done` of it."""
    missing = store.pending(cells)
    runs = executors.serial(execute, missing) if jobs == 1 else executors.processes(execute, missing, jobs)
    for finished in runs:
        store.put(finished)
        done(finished)
