"""Dask as the engine for many machines: cells go to its workers, runs come back as they finish.

On a Dask worker each cell runs in a process of its own kind (`workers`), so that one that hangs, exits or allocates
without end meets the same end as on one machine. A worker of another version is refused.
"""

import logging
import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from mdsbench import __version__
from mdsbench.errors import Failure, UsageError
from mdsbench.executors import Crew, Executor
from mdsbench.registry import SOLVERS
from mdsbench.run import Cell, Run, lost
from mdsbench.spec import parse

CONNECT = 10  # seconds that a scheduler has to answer
AHEAD = 2  # cells at each thread of the cluster, so that none waits for the driver

Versions = dict[str, int | str]


@contextmanager
def dask(address: str | None, jobs: int) -> Iterator[Executor]:
    """An executor on the scheduler at an address, or on a cluster of `jobs` workers on this machine; closed after."""
    try:
        import distributed
    except ImportError:
        raise UsageError("Dask is not installed: pip install 'mdsbench[dask]'") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # one line of ours says more than its tracebacks
    cluster = None
    if address is None:
        cluster = distributed.LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
    try:
        client = distributed.Client(cluster or address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Failure(f"no Dask scheduler answers at {address}: {str(error).splitlines()[0]}") from None
    try:
        yield lambda function, cells: _run(client, function, cells)
    finally:
        _close(client, cluster)


def _close(client: Any, cluster: Any) -> None:
    for thing in (client, cluster):
        if thing is not None:
            try:
                thing.close(timeout=1)
            except Exception:
                logging.getLogger(__name__).debug("closing", exc_info=True)


def _run(client: Any, function: Callable[[Cell], Run], cells: Sequence[Cell]) -> Iterator[Run]:
    from distributed import as_completed

    refuse_other_versions(client, cells)
    todo = iter(cells)
    running: dict[Any, Cell] = {}
    arriving = as_completed()
    looked, room = 0.0, 0
    gone = Failure("the Dask scheduler is gone; every finished run is kept, and the same command goes on")
    try:
        while True:
            if monotonic() - looked > 1:  # workers come and go
                looked, room = monotonic(), max(2, AHEAD * sum(client.nthreads().values()))
            while len(running) < room and (cell := next(todo, None)):
                future = client.submit(run_isolated, function, cell, cell.key, __version__, pure=False)
                running[future] = cell
                arriving.add(future)
            if not running:
                return
            if not arriving.has_ready():
                if client.status != "running":
                    raise gone
                sleep(0.01)
                continue
            future = next(arriving)
            cell = running.pop(future)
            yield _result(future, cell, gone)
    except (OSError, TimeoutError, RuntimeError) as error:
        if isinstance(error, Failure) or client.status == "running":
            raise
        raise gone from None
    finally:
        for future in running:
            future.release()


def _result(future: Any, cell: Cell, gone: Failure) -> Run:
    from distributed import KilledWorker

    if future.status == "cancelled" or future.status == "lost":
        raise gone
    try:
        run: Run = future.result()
    except KilledWorker as error:
        return lost(cell, "killed", f"the Dask worker died each time it was tried: {error}")
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
    crew = getattr(_mine, "crew", None)
    if crew is None or crew.function != function:
        if crew:
            crew.dismiss()
        crew = _mine.crew = Crew(function, 1)
    crew.todo.append((cell, 1))
    while True:
        for run in crew.step():
            return run
