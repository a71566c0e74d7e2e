"""Ways to apply a function to every cell: (function, cells) -> finished runs, in the order in which they finish."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed

from pebble import ProcessExpired, ProcessPool

from mdsbench.errors import Failure
from mdsbench.run import Cell, Run

# Cells are small and many: a worker's linear algebra gets one thread, so that workers do not fight for the cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def serial(function: Callable[[Cell], Run], cells: Sequence[Cell]) -> Iterator[Run]:
    """One cell after the other, in this process."""
    return map(function, cells)


def processes(function: Callable[[Cell], Run], cells: Sequence[Cell], workers: int) -> Iterator[Run]:
    """Several cells at once, each in a process of a pool; leaving the iteration early kills the pool.

    Raises what the function raised, or Failure where a worker died.
    """
    os.environ.update(ONE_THREAD)  # read by the libraries when a worker imports them
    context = multiprocessing.get_context("spawn")  # fork is unsafe beside threads
    pool = ProcessPool(max_workers=workers, context=context, initializer=_leave_interrupts_to_the_driver)
    try:
        for future in as_completed([pool.schedule(function, args=(cell,)) for cell in cells]):
            yield future.result()
    except ProcessExpired as expired:
        raise Failure(f"a worker process died (exit code {expired.exitcode}): is memory short?") from None
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _leave_interrupts_to_the_driver() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
