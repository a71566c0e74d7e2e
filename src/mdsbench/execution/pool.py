"""Apply a function to jobs in worker processes that can be killed; outcomes come in the order in which they finish.

A job is any picklable object. If a job overruns its time limit, or its process dies, the caller's `lost` makes a
substitute outcome in the driver. `processes` is the case of cells and runs.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from time import monotonic
from typing import Generic, Protocol, TypeVar

from mdsbench.errors import Failure, UsageError
from mdsbench.execution.messages import Raised
from mdsbench.execution.worker import Job, Outcome, Worker
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.checkpoints import Checkpoints
from mdsbench.runs.events import Notice, emit
from mdsbench.runs.run import Run, lost

Executor = Callable[[Callable[[Cell], Run], Sequence[Cell]], Iterator[Run]]

TRIES = 3  # the job may not be the cause of a signal that ended its process, so it is tried again
SLICE = 1.0  # seconds that the driver waits at once; longer ones overflow in the system, and hide that it stood still
STOOD_STILL = 0.5  # seconds that the driver woke up too late: then it was stopped

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


def processes(
    function: Callable[[Cell], Run],
    cells: Sequence[Cell],
    workers: int,
    threads: int = 1,
    checkpoints: Checkpoints | None = None,
) -> Iterator[Run]:
    """Several cells at once, each in a process of so many threads, within the time limit of the cell.

    A cell that runs code which this package does not register has a process of its own. A run that left no outcome has
    the ending `timeout`, `killed` or `error`. A cell whose checkpoint grows from try to try is tried on. See `apply`.
    """

    def kept(cell: Cell) -> float:
        return checkpoints.size(cell.key) if checkpoints else 0.0

    return apply(function, cells, workers, limit=seconds_of, lost=lost, threads=threads, progress=kept, kind=Run)


def seconds_of(cell: Cell) -> float | None:
    """The time limit of a cell."""
    return cell.limits.seconds


def is_foreign(job: object) -> bool:
    """Whether a job is a cell that runs code of a user's, which may change whatever its process has."""
    if not isinstance(job, Cell):
        return False
    try:
        return not job.is_ours
    except UsageError:  # it names what nothing is known of
        return True


def no_progress(_: object) -> float:
    """How far a job got, of which nothing is kept."""
    return 0.0


def apply(
    function: Callable[[Job], Outcome],
    jobs: Iterable[Job],
    workers: int,
    *,
    limit: Callable[[Job], float | None],
    lost: Lost[Job, Outcome],
    threads: int = 1,
    alone: Callable[[Job], bool] = is_foreign,
    progress: Callable[[Job], float] = no_progress,
    kind: type = object,
) -> Generator[Outcome, None, None]:
    """The outcome of the function for every job, from `workers` processes of `threads` threads each.

    `limit(job)` is the time limit of a job in seconds. A job that overruns it by half a second is killed. A job whose
    process died is not tried again, unless a signal ended the process: then it is tried three times, and three times
    more whenever `progress(job)` has grown. A job that is to be `alone` has a process of its own. An outcome that is
    not of the `kind` is that of a worker out of order. Leaving the iteration early kills the processes. Raises Failure
    if no worker can be started.
    """
    crew = Crew(function, workers, limit=limit, lost=lost, threads=threads, alone=alone, progress=progress, kind=kind)
    for job in jobs:
        crew.add(job)
    try:
        while crew.busy:
            yield from crew.step()
    finally:
        crew.dismiss()


@dataclass
class _Task(Generic[Job]):
    """A job, the tries that got no further than those before, and how far they got."""

    job: Job
    tries: int = 0
    progress: float = 0.0


class Crew(Generic[Job, Outcome]):
    """Workers, and the jobs that wait for them."""

    def __init__(
        self,
        function: Callable[[Job], Outcome],
        size: int,
        *,
        limit: Callable[[Job], float | None],
        lost: Lost[Job, Outcome],
        threads: int = 1,
        alone: Callable[[Job], bool] = is_foreign,
        progress: Callable[[Job], float] = no_progress,
        kind: type = object,
    ) -> None:
        self.function = function
        self._size, self._threads, self._kind = size, threads, kind
        self._limit, self._lost, self._alone, self._progress = limit, lost, alone, progress
        self._waiting: deque[_Task[Job]] = deque()
        self._running: dict[Worker[Job, Outcome], _Task[Job]] = {}
        self._parked: list[Worker[Job, Outcome]] = []  # between two jobs
        self._failed_starts = 0
        self._seen = monotonic()

    @property
    def busy(self) -> bool:
        """Whether anything is running or waiting."""
        return bool(self._waiting or self._running)

    def add(self, job: Job) -> None:
        """Let a job wait for a worker."""
        self._waiting.append(_Task(job))

    def step(self) -> list[Outcome]:
        """Wait until something happens, a second at most; return the outcomes of the jobs that have ended."""
        self._hand_out()
        now = monotonic()
        left = [worker.deadline - now for worker in self._running if worker.deadline is not None]
        timeout = max(0.0, min([SLICE, *left]))
        wait([thing for worker in self._running for thing in worker.waitables()], timeout)
        self._make_up_for(monotonic() - now - timeout)
        return [outcome for worker in list(self._running) for outcome in self._look_after(worker)]

    def dismiss(self) -> None:
        """Kill every worker."""
        for worker in [*self._running, *self._parked]:
            worker.end()
        self._running.clear()
        self._parked.clear()

    def _make_up_for(self, seconds: float) -> None:
        """Let no job pay for the time in which this process stood still, as it does between Ctrl-Z and fg."""
        if seconds > STOOD_STILL:
            for worker in self._running:
                worker.postpone(seconds)

    def _hand_out(self) -> None:
        while self._waiting and len(self._running) < self._size:
            task = self._waiting.popleft()
            fresh = self._alone(task.job) or not self._parked
            worker = Worker(self.function, self._threads, self._kind) if fresh else self._parked.pop()
            self._running[worker] = task
            worker.give(task.job, self._limit(task.job))

    def _look_after(self, worker: Worker[Job, Outcome]) -> list[Outcome]:
        """The outcome of the worker's job, if the job has ended."""
        job = self._running[worker].job
        try:
            finished = worker.take()
        except EOFError:
            return self._after_death(worker)
        if finished:
            self._failed_starts = 0
            del self._running[worker]
            if self._alone(job):
                self._end(worker, job)
            else:
                self._parked.append(worker)
            return [self._lost(job, Ending.ERROR, f.words, 0.0) if isinstance(f, Raised) else f for f in finished]
        if not worker.overdue():
            return []
        del self._running[worker]
        self._end(worker, job)
        if worker.fault:
            return [self._lost(job, Ending.KILLED, f"killed: {worker.fault}", 0.0)]
        seconds = self._limit(job) or 0.0
        return [self._lost(job, Ending.TIMEOUT, f"killed: it ran on after its time limit of {seconds:g} s", seconds)]

    def _after_death(self, worker: Worker[Job, Outcome]) -> list[Outcome]:
        """Remove a worker that is dead or of no use; the outcome of its job, unless the job is tried again."""
        task = self._running.pop(worker)
        code = self._end(worker, task.job)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= TRIES:
                why = worker.fault or f"exit code {code}"
                raise Failure(f"no worker process can be started ({why}): is memory short?")
            self._waiting.appendleft(task)
            return []
        if worker.garbled:
            return [self._lost(task.job, Ending.KILLED, f"killed: {worker.fault}", 0.0)]
        if code is None or code < 0:
            further = self._progress(task.job)
            task.tries = task.tries + 1 if further <= task.progress else 1
            task.progress = max(further, task.progress)
            if task.tries < TRIES:
                self._waiting.appendleft(task)
                return []
        return [self._lost(task.job, Ending.KILLED, died(code), 0.0)]

    def _end(self, worker: Worker[Job, Outcome], job: Job) -> int | None:
        """End a worker; say what it had let go of."""
        code = worker.end()
        if worker.escaped:
            names = ", ".join(sorted(set(worker.escaped)))
            label = getattr(job, "label", job)
            emit(Notice(f"{label}: it left {len(worker.escaped)} processes running, which are ended: {names}"))
        return code


def died(exit_code: int | None) -> str:
    """How a worker process has ended, in words."""
    if exit_code is not None and exit_code < 0:
        return f"signal {-exit_code} ended the worker process, each time it was tried"
    return f"the worker process ended with exit code {exit_code}"
