"""Ways to apply a function to every cell: (function, cells) -> finished runs, in the order in which they finish."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from time import monotonic

from mdsbench.errors import Failure
from mdsbench.execution.worker import Worker, died
from mdsbench.runs.execute import Cell, Run, lost

Executor = Callable[[Callable[[Cell], Run], Sequence[Cell]], Iterator[Run]]

SERVER_GONE = 255  # what multiprocessing calls the exit code where the server that would know it has died
TRIES = 3  # a worker that a signal has killed may be innocent of it, so its cell is tried again


def serial(function: Callable[[Cell], Run], cells: Sequence[Cell]) -> Iterator[Run]:
    """One cell after the other, in this process: nothing protects it from a solver that hangs or exits."""
    return map(function, cells)


def processes(function: Callable[[Cell], Run], cells: Sequence[Cell], workers: int, threads: int = 1) -> Iterator[Run]:
    """Several cells at once, each in a process of so many threads; leaving the iteration early kills the processes.

    A solver that overruns its time limit by half a second is killed; one that takes its process along has ended as
    `killed`, at the third time if it was by a signal. Raises Failure where no worker can be started.
    """
    crew = Crew(function, workers, threads)
    crew.todo.extend((cell, 1) for cell in cells)
    try:
        while crew.busy:
            yield from crew.step()
    finally:
        crew.dismiss()


class Crew:
    """Workers, and the cells that wait for them, each with the number of its try."""

    def __init__(self, function: Callable[[Cell], Run], size: int, threads: int = 1) -> None:
        self.todo: deque[tuple[Cell, int]] = deque()
        self.function = function
        self._size, self._threads = size, threads
        self._tries: dict[Worker, int] = {}
        self._stillborn = 0
        self._workers: list[Worker] = []

    @property
    def busy(self) -> bool:
        """Whether anything is running or waiting."""
        return bool(self.todo) or self.working

    @property
    def working(self) -> bool:
        """Whether anything is running."""
        return any(worker.cell for worker in self._workers)

    def step(self) -> list[Run]:
        """Wait until something happens and give back what has finished."""
        self._hand_out()
        deadlines = [worker.deadline for worker in self._workers if worker.deadline is not None]
        wait([w.pipe for w in self._workers], max(0.0, min(deadlines) - monotonic()) if deadlines else None)
        return [run for worker in list(self._workers) if (run := self._look_after(worker))]

    def dismiss(self) -> None:
        """Kill every worker."""
        while self._workers:
            self._workers.pop().kill()

    def _hand_out(self) -> None:
        idle = sum(not worker.cell for worker in self._workers)
        for _ in range(min(self._size - len(self._workers), len(self.todo) - idle)):
            self._workers.append(Worker(self.function, self._threads))
        for worker in self._workers:
            if worker.ready and not worker.cell and self.todo:
                cell, self._tries[worker] = self.todo.popleft()
                worker.give(cell)

    def _look_after(self, worker: Worker) -> Run | None:
        try:
            if worker.pipe.poll():
                finished = worker.take()
                self._stillborn = 0
                return finished
        except EOFError:
            return self._bury(worker)
        if not worker.overdue():
            return None
        assert worker.cell
        seconds = worker.cell.limits.seconds
        run = lost(worker.cell, "timeout", f"killed: it ran on after its time limit of {seconds:g} s", seconds or 0.0)
        self._remove(worker)
        return run

    def _bury(self, worker: Worker) -> Run | None:
        code, cell, tried = worker.exit_code(), worker.cell, self._tries.get(worker, 1)
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn >= TRIES:
                raise Failure(f"no worker process can be started (exit code {code}): is memory short?")
        again = cell and (code is None or code < 0 or code == SERVER_GONE) and tried < TRIES
        if cell and again:
            self.todo.appendleft((cell, tried + 1))
        self._remove(worker)
        return died(cell, code) if cell and not again else None

    def _remove(self, worker: Worker) -> None:
        worker.kill()
        self._tries.pop(worker, None)
        self._workers.remove(worker)
