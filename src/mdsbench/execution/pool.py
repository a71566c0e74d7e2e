"""Apply a function to jobs in worker processes that can be killed; outcomes come in the order in which they finish.

A job is any picklable object. If a job overruns its time limit, or its process dies, the caller's `lost` makes a
substitute outcome in the driver. `processes` is the case of cells and runs.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from multiprocessing.connection import wait
from time import monotonic
from typing import Generic, Protocol, TypeVar

from mdsbench.errors import Failure
from mdsbench.execution.worker import Job, Outcome, Raised, Worker
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run, lost

Executor = Callable[[Callable[[Cell], Run], Sequence[Cell]], Iterator[Run]]

SERVER_GONE = 255  # the exit code that multiprocessing reports if the server that would know it has died
TRIES = 3  # the job may not be the cause of a signal that ended its process, so it is tried again

AnyJob = TypeVar("AnyJob", contravariant=True)
Substitute = TypeVar("Substitute", covariant=True)


class Lost(Protocol[AnyJob, Substitute]):
    """Makes the outcome of a job that has left none.

    `ending` is `timeout`, `killed` (its process died) or `error` (the function raised); `message` says more.
    """

    def __call__(self, job: AnyJob, ending: Ending, message: str, seconds: float, /) -> Substitute:
        """The outcome of the job, which has run for so many seconds."""


def serial(function: Callable[[Cell], Run], cells: Sequence[Cell]) -> Iterator[Run]:
    """One cell after the other, in this process, which is not protected from a solver that hangs or exits."""
    return map(function, cells)


def processes(function: Callable[[Cell], Run], cells: Sequence[Cell], workers: int, threads: int = 1) -> Iterator[Run]:
    """Several cells at once, each in a process of so many threads, within the time limit of the cell.

    A run that left no outcome has the ending `timeout`, `killed` or `error`. See `apply`.
    """
    return apply(function, cells, workers, limit=seconds_of, lost=lost, threads=threads)


def seconds_of(cell: Cell) -> float | None:
    """The time limit of a cell."""
    return cell.limits.seconds


def apply(
    function: Callable[[Job], Outcome],
    jobs: Iterable[Job],
    workers: int,
    *,
    limit: Callable[[Job], float | None],
    lost: Lost[Job, Outcome],
    threads: int = 1,
) -> Generator[Outcome, None, None]:
    """The outcome of the function for every job, from `workers` processes of `threads` threads each.

    `limit(job)` is the time limit of a job in seconds. A job that overruns it by half a second is killed. A job whose
    process died is not tried again, unless a signal ended the process: then it is tried three times. Leaving the
    iteration early kills the processes. Raises Failure if no worker can be started.
    """
    crew = Crew(function, workers, limit=limit, lost=lost, threads=threads)
    for job in jobs:
        crew.add(job)
    try:
        while crew.busy:
            yield from crew.step()
    finally:
        crew.dismiss()


class Crew(Generic[Job, Outcome]):
    """Workers, and the jobs that wait for them, each with the number of its try."""

    def __init__(
        self,
        function: Callable[[Job], Outcome],
        size: int,
        *,
        limit: Callable[[Job], float | None],
        lost: Lost[Job, Outcome],
        threads: int = 1,
    ) -> None:
        self.function = function
        self._size, self._threads = size, threads
        self._limit, self._lost = limit, lost
        self._waiting: deque[tuple[Job, int]] = deque()
        self._running: dict[Worker[Job, Outcome], tuple[Job, int]] = {}
        self._failed_starts = 0
        self._workers: list[Worker[Job, Outcome]] = []

    @property
    def busy(self) -> bool:
        """Whether anything is running or waiting."""
        return bool(self._waiting or self._running)

    def add(self, job: Job) -> None:
        """Let a job wait for a worker."""
        self._waiting.append((job, 1))

    def step(self) -> list[Outcome]:
        """Wait until something happens; return the outcomes of the jobs that have ended."""
        self._hand_out()
        deadlines = [worker.deadline for worker in self._workers if worker.deadline is not None]
        wait([w.pipe for w in self._workers], max(0.0, min(deadlines) - monotonic()) if deadlines else None)
        return [outcome for worker in list(self._workers) for outcome in self._look_after(worker)]

    def dismiss(self) -> None:
        """Kill every worker."""
        self._running.clear()
        while self._workers:
            self._workers.pop().kill()

    def _hand_out(self) -> None:
        idle = len(self._workers) - len(self._running)
        for _ in range(min(self._size - len(self._workers), len(self._waiting) - idle)):
            self._workers.append(Worker(self.function, self._threads))
        for worker in self._workers:
            if worker.ready and worker not in self._running and self._waiting:
                job, tried = self._waiting.popleft()
                self._running[worker] = job, tried
                worker.give(job, self._limit(job))

    def _look_after(self, worker: Worker[Job, Outcome]) -> list[Outcome]:
        """The outcome of the worker's job, if the job has ended."""
        try:
            finished = worker.take() if worker.pipe.poll() else []
        except EOFError:
            return self._after_death(worker)
        if finished:
            self._failed_starts = 0
            job, _ = self._running.pop(worker)
            return [self._lost(job, Ending.ERROR, f.words, 0.0) if isinstance(f, Raised) else f for f in finished]
        if not worker.overdue():
            return []
        job, _ = self._running[worker]
        self._remove(worker)
        seconds = self._limit(job) or 0.0
        return [self._lost(job, Ending.TIMEOUT, f"killed: it ran on after its time limit of {seconds:g} s", seconds)]

    def _after_death(self, worker: Worker[Job, Outcome]) -> list[Outcome]:
        """Remove a worker that has died; the outcome of its job, unless the job is tried again."""
        code, running = worker.exit_code(), self._running.get(worker)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= TRIES:
                raise Failure(f"no worker process can be started (exit code {code}): is memory short?")
        self._remove(worker)
        if running is None:
            return []
        job, tried = running
        if (code is None or code < 0 or code == SERVER_GONE) and tried < TRIES:
            self._waiting.appendleft((job, tried + 1))
            return []
        return [self._lost(job, Ending.KILLED, died(code), 0.0)]

    def _remove(self, worker: Worker[Job, Outcome]) -> None:
        worker.kill()
        self._running.pop(worker, None)
        self._workers.remove(worker)


def died(exit_code: int | None) -> str:
    """How a worker process has ended, in words."""
    if exit_code is not None and exit_code < 0:
        return f"signal {-exit_code} ended the worker process, each time it was tried"
    return f"the worker process ended with exit code {exit_code}"
