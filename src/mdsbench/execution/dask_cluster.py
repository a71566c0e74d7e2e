"""Dask as the engine for many machines: cells go to its workers, runs come back as they finish.

On a Dask worker each cell runs in a process of its own kind (`workers`), so that one that hangs, exits or allocates
without end meets the same end as on one machine. A worker of another version is refused.
"""

import asyncio
import concurrent.futures
import logging
import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from queue import Empty, Queue
from time import monotonic
from typing import Any

from mdsbench.errors import Failure, UsageError
from mdsbench.execution.pool import Crew, Executor, seconds_of
from mdsbench.oracle.endings import Ending
from mdsbench.registry.registry import SOLVERS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run, lost
from mdsbench.version import __version__

CONNECT = 10  # seconds that a scheduler has to answer
AHEAD = 2  # cells at each thread of the cluster, so that none waits for the driver

GO_ON = "every finished run is kept, and the same command goes on"

GONE = (OSError, TimeoutError, RuntimeError, asyncio.CancelledError, concurrent.futures.CancelledError)

Versions = dict[str, int | str]


@contextmanager
def dask(address: str | None, jobs: int) -> Iterator[Executor]:
    """An executor on the scheduler at an address, or on a cluster of `jobs` workers on this machine; closed after."""
    try:
        import distributed
    except ImportError:
        raise UsageError("Dask is not installed: pip install 'mdsbench[dask]'") from None
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).handlers = [logging.NullHandler()]  # one line of ours says more than its pages
    cluster = None
    if address is None:
        cluster = distributed.LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
    client = _connect(cluster or address)
    try:
        yield lambda function, cells: _run(client, function, cells)
    finally:
        _close(client, cluster)


def _connect(scheduler: Any) -> Any:
    """A client of the scheduler at an address; raises Failure if none answers, UsageError if it cannot be an address.

    A client that could not connect is closed at once. Otherwise it waits for its dead thread when the program exits.
    """
    from distributed import Client

    class Closing(Client):
        def start(self, **options: Any) -> None:
            try:
                super().start(**options)
            except BaseException:
                self.close(timeout=1)
                raise

    try:
        return Closing(scheduler, timeout=CONNECT, set_as_default=False)
    except Exception as error:  # distributed raises many kinds of errors for an address that it cannot use
        kind = Failure if isinstance(error, OSError) else UsageError
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise kind(f"no Dask scheduler answers at {scheduler}: {said}") from None


def _close(client: Any, cluster: Any) -> None:
    for thing in (client, cluster):
        if thing is not None:
            try:
                thing.close(timeout=1)
            except Exception:
                logging.getLogger(__name__).debug("closing", exc_info=True)


def _run(client: Any, function: Callable[[Cell], Run], cells: Sequence[Cell]) -> Iterator[Run]:
    refuse_other_versions(client, cells)
    todo = iter(cells)
    running: dict[Any, Cell] = {}
    arrived: Queue[Any] = Queue()
    looked, room = -inf, 0
    try:
        while True:
            if monotonic() - looked > 1:  # workers come and go
                looked, room = monotonic(), max(2, AHEAD * sum(client.nthreads().values()))
            while len(running) < room and (cell := next(todo, None)):
                future = client.submit(run_isolated, function, cell, cell.key, __version__, pure=False)
                running[future] = cell
                future.add_done_callback(arrived.put)
            if not running:
                return
            try:
                future = arrived.get(timeout=1)
            except Empty:
                continue
            yield _result(future, running.pop(future))
    except GONE as error:
        if isinstance(error, Failure):
            raise
        raise Failure(f"the Dask scheduler is gone; {GO_ON}") from None
    finally:
        for future in running:
            future.release()


def _result(future: Any, cell: Cell) -> Run:
    from distributed import KilledWorker

    try:
        run: Run = future.result()
    except KilledWorker as error:
        return lost(cell, Ending.KILLED, f"the Dask worker died each time it was tried: {error}", 0.0)
    finally:
        future.release()
    return run


def refuse_other_versions(client: Any, cells: Sequence[Cell]) -> None:
    """Raises Failure where a worker has another version of the package, or of a solver that is asked for."""
    solvers = sorted({parse(cell.solver).name for cell in cells})
    ours = versions(solvers)
    try:
        found: dict[str, Versions] = client.run(versions, solvers)
    except (ImportError, AttributeError) as error:
        raise Failure(f"a Dask worker cannot load mdsbench {__version__} ({error}): install it there") from None
    for worker, theirs in found.items():
        for name, version in ours.items():
            if theirs.get(name) != version:
                there = theirs.get(name)
                raise Failure(f"the worker {worker} has {name} {there}, here it is {version}: install the same there")


def versions(solvers: Sequence[str]) -> Versions:
    """The version of the package and of each of the solvers, on this machine."""
    found: Versions = {"mdsbench": __version__}
    for solver in solvers:
        try:
            found[solver] = SOLVERS.find(solver).version
        except UsageError as error:
            found[solver] = f"missing ({error})"
    return found


_mine = threading.local()  # a thread of a Dask worker has a process of its own, kept from cell to cell


def run_isolated(function: Callable[[Cell], Run], cell: Cell, key: str, version: str) -> Run:
    """On a Dask worker: run the cell in a process that can be killed. Raises Failure where versions differ."""
    if version != __version__ or cell.key != key:  # a worker that joined after the others were asked
        raise Failure(f"a worker has another version of mdsbench ({__version__}) or of {cell.solver}: install the same")
    if multiprocessing.current_process().daemon:
        multiprocessing.current_process().daemon = False  # a worker under Dask's nanny; daemons may have no children
    crew: Crew[Cell, Run] | None = getattr(_mine, "crew", None)
    if crew is None or crew.function != function:
        if crew:
            crew.dismiss()
        crew = _mine.crew = Crew(function, 1, limit=seconds_of, lost=lost, kind=Run)
    crew.add(cell)
    while True:
        for run in crew.step():
            return run
