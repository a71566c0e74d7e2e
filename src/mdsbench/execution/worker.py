"""Worker processes that can die at any moment, and be killed.

Each worker has its own pipe. If workers share one pipe and its lock, a worker that is killed while it holds the lock
stops all the others, and a worker that exits with code 0 leaves the driver waiting. Here the end of a process closes
only its own pipe, and the driver sees this at once.

If the system can fork, workers are forked from a server that has imported the package and loaded its kernels. A worker
that has died is then replaced in some 20 ms. The server is a fresh process without threads.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar

from mdsbench.mds.compiled import at_most_threads
from mdsbench.runs.events import Notice, RunProgress, emit, listening
from mdsbench.system.machine import ONE_THREAD

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

GRACE = 0.5  # seconds on top of the time limit that a solver has to come to an end by itself
CALLS_OF_GRACE = 3  # the same for a run that tells how long its calls are
READY = "ready"
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
multiprocessing.set_forkserver_preload(["mdsbench.execution.preload"])


Job = TypeVar("Job")
Outcome = TypeVar("Outcome")


class Finished(NamedTuple, Generic[Outcome]):
    """A worker's message: what the function returned."""

    outcome: Outcome


class Raised(NamedTuple):
    """A worker's message: the exception that the function raised, in words."""

    words: str


class Worker(Generic[Job, Outcome]):
    """A process that applies a function to one job at a time. `pipe` has something to read when `take` should be
    called: a message, or the end of the process. The stress of a large map is computed by `threads` threads.
    """

    def __init__(self, function: Callable[[Job], Outcome], threads: int = 1) -> None:
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
        self.deadline: float | None = None
        self._limit: float | None = None

    def give(self, job: Job, limit: float | None) -> None:
        """Let the worker do a job within so many seconds, which begin now."""
        self._limit = limit
        self.deadline = None if limit is None else monotonic() + limit + GRACE
        with suppress(OSError):  # it has just died, which `take` will find
            self.pipe.send(job)

    def take(self) -> list[Outcome | Raised]:
        """Read a message: the outcome of the job if the job has ended, else nothing.

        An event of a run is handed to this process's listener. Raises EOFError if the process is dead.
        """
        try:
            message = self.pipe.recv()
        except OSError:
            raise EOFError from None
        if message == READY:
            self.ready = True
        elif isinstance(message, RunProgress | Notice):
            if isinstance(message, RunProgress):
                self._put_off(message)
            emit(message)
        else:
            self.deadline = self._limit = None
            return [message if isinstance(message, Raised) else message.outcome]
        return []

    def _put_off(self, found: RunProgress) -> None:
        """Move the deadline by what did not count, and by some calls: nothing interrupts a call."""
        if self._limit is not None:
            left = max(0.0, self._limit - found.seconds)
            self.deadline = monotonic() + left + GRACE + CALLS_OF_GRACE * found.longest

    def overdue(self) -> bool:
        """Whether its job has had its time and the grace."""
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


def _serve(function: Callable[[Job], Outcome], pipe: Connection, threads: int) -> None:
    """What a worker process does: receive jobs and send their outcomes, until the driver is gone."""
    _die_with_the_driver()
    at_most_threads(threads)
    if METHOD == "forkserver":  # semaphores, such as Numba's, are then nameless, and nothing of them is left by a kill
        multiprocessing.set_start_method("fork", force=True)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # a solver that prints without end writes to nothing
        os.dup2(nowhere, stream)
    try:
        pipe.send(READY)
        with listening(pipe.send):
            while True:
                _answer(function, pipe)
    except (EOFError, OSError):
        pass  # the driver is gone


def _die_with_the_driver() -> None:
    """A driver that is killed takes its workers along, even those that hang.

    The driver alone holds the other end of a pipe; when that closes, the system sends a signal, SIGIO, which no code
    handles, and which so ends the process without asking Python.
    """
    driver = multiprocessing.parent_process()
    if driver and fcntl:
        fcntl.fcntl(driver.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(driver.sentinel, fcntl.F_SETFL, fcntl.fcntl(driver.sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def _answer(function: Callable[[Job], Outcome], pipe: Connection) -> None:
    """Receive a job, send its outcome or, if there is none that can be sent, why."""
    message: Finished[Outcome] | Raised
    job: Job = pipe.recv()
    try:
        message = Finished(function(job))
    except BaseException as error:  # whatever a solver raises ends its own run only
        message = Raised(_in_words(error))
    try:
        pipe.send(message)
    except OSError:
        raise
    except Exception as error:  # the outcome cannot be pickled
        pipe.send(Raised(_in_words(error)))


def _in_words(error: BaseException) -> str:
    """The exception's own representation, which an exception from a user's file may lack."""
    try:
        return repr(error)
    except Exception:
        return type(error).__name__
