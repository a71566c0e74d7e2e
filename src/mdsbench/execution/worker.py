"""Worker processes that can die at any moment, and be killed.

Each has a pipe to itself. A pool whose workers share one pipe and its lock can be stopped for ever by a worker that is
killed while it holds them, and a worker that exits with code 0 leaves such a pool waiting; here the end of a process
is the end of its pipe, which the driver sees at once and which concerns nobody else.

Where the system can fork, workers are forked from a server that has imported the package and loaded its kernels, so
that one that dies is replaced in an instant; the server itself is a fresh process, which has no threads to lose.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from mdsbench.mds.compiled import at_most_threads
from mdsbench.runs.events import News, Remark, heard_by, tell
from mdsbench.runs.execute import Cell, Run, lost

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Cells are small and many: a worker's linear algebra gets one thread, so that workers do not fight for the cores.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
GRACE = 0.5  # seconds on top of the time limit that a solver has to come to an end by itself
CALLS_OF_GRACE = 3  # the same for a run that tells how long its calls are
READY = "ready"
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
multiprocessing.set_forkserver_preload(["mdsbench.execution.preload"])


class Worker:
    """A process that applies a function to one cell at a time. `pipe` has something to read when `take` should be
    called: an outcome, or the end of the process. The stress of a large map is computed by `threads` threads.
    """

    def __init__(self, function: Callable[[Cell], Run], threads: int = 1) -> None:
        os.environ.update(ONE_THREAD)  # read by the libraries when the worker imports them
        context: Any = multiprocessing.get_context(METHOD)
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(function, theirs, threads), daemon=True)
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # inherited: Ctrl-C is the driver's business
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()
        self.ready = False
        self.cell: Cell | None = None
        self.deadline: float | None = None

    def give(self, cell: Cell) -> None:
        """Let the worker run a cell; its deadline starts now."""
        self.cell = cell
        seconds = cell.limits.seconds
        self.deadline = None if seconds is None else monotonic() + seconds + GRACE
        with suppress(OSError):  # it has just died, which `take` will find
            self.pipe.send(cell)

    def take(self) -> Run | None:
        """What the worker has to say: the run that it has finished, or None where it is ready, or has news of its run,
        which are told on. Raises EOFError where it is dead.
        """
        try:
            said = self.pipe.recv()
        except OSError:
            raise EOFError from None
        if said == READY:
            self.ready = True
            return None
        if isinstance(said, News | Remark):
            if isinstance(said, News):
                self._put_off(said)
            tell(said)
            return None
        self.cell = self.deadline = None
        finished: Run = said
        return finished

    def _put_off(self, news: News) -> None:
        """Move the deadline by what did not count, and by some calls: nothing interrupts one, the end takes a look."""
        if self.cell and self.cell.limits.seconds is not None:
            left = max(0.0, self.cell.limits.seconds - news.seconds)
            self.deadline = monotonic() + left + GRACE + CALLS_OF_GRACE * news.longest

    def overdue(self) -> bool:
        """Whether its cell has had its time and the grace."""
        return self.deadline is not None and monotonic() > self.deadline

    def exit_code(self) -> int | None:
        """How a process that closed its pipe has ended: minus the signal that killed it, or its exit code."""
        self._process.join(5)
        code: int | None = self._process.exitcode
        return code

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def died(cell: Cell, exit_code: int | None) -> Run:
    """The run of a cell whose worker has died."""
    if exit_code is not None and exit_code < 0:
        return lost(cell, "killed", f"signal {-exit_code} ended the worker process, each time it was tried")
    return lost(cell, "killed", f"the worker process ended with exit code {exit_code}")


def _serve(function: Callable[[Cell], Run], pipe: Connection, threads: int) -> None:
    """The life of a worker."""
    _die_with_the_driver()
    at_most_threads(threads)
    if METHOD == "forkserver":  # semaphores, such as Numba's, are then nameless, and nothing of them is left by a kill
        multiprocessing.set_start_method("fork", force=True)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # a solver that prints without end prints into the void
        os.dup2(nowhere, stream)
    try:
        pipe.send(READY)
        with heard_by(pipe.send):
            while True:
                cell = pipe.recv()
                pipe.send(_outcome(function, cell))
    except (EOFError, OSError):
        pass  # the driver is gone


def _die_with_the_driver() -> None:
    """A driver that is killed takes its workers along, even those that hang.

    The driver alone holds the other end of a pipe; when that closes, the system sends a signal, SIGIO, which nobody
    handles, and which so ends the process without asking Python.
    """
    driver = multiprocessing.parent_process()
    if driver and fcntl:
        fcntl.fcntl(driver.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(driver.sentinel, fcntl.F_SETFL, fcntl.fcntl(driver.sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def _outcome(function: Callable[[Cell], Run], cell: Cell) -> Run:
    try:
        return function(cell)
    except BaseException as error:  # whatever a solver invents, it ends its run alone
        return lost(cell, "error", repr(error))
