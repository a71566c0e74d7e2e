"""Worker processes that can die at any moment, be killed, and say anything.

Each worker has its own pipe. If workers share one pipe and its lock, a worker that is killed while it holds the lock
stops all the others. Here the end of a process concerns only its own pipe, and the driver sees it at once. What a
worker sends is checked, see `mdsbench.execution.outcomes`, and never waited for, see `mdsbench.execution.channel`.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import spawn
from multiprocessing.reduction import ForkingPickler
from time import monotonic
from typing import Any, Generic, TypeVar

from mdsbench.execution import messages, processes
from mdsbench.execution.messages import Raised
from mdsbench.execution.outcomes import Garbled, decode
from mdsbench.execution.worker_side import Hello
from mdsbench.runs.events import Notice, RunProgress, emit
from mdsbench.system.machine import ONE_THREAD

GRACE = 0.5  # seconds on top of the time limit that a solver has to come to an end by itself
CALLS_OF_GRACE = 3  # the same for a run that tells how long its calls are
HALF_WAY = 10.0  # seconds without a byte in the middle of a message
CLOSED = 1.0  # seconds from the end of the pipe to the end of the process
MOST_NOTICES = 20  # from one job

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")


class Worker(Generic[Job, Outcome]):
    """A process that applies a function to one job at a time. When one of `waitables` is ready, `take` is called.

    The stress of a large map is computed by `threads` threads. An
    outcome that is not of the `kind` is none.
    """

    def __init__(self, function: Callable[[Job], Outcome], threads: int = 1, kind: type = object) -> None:
        self._process = processes.start()
        self.ready = False
        self.deadline: float | None = None
        self.fault = ""  # what is wrong with the worker, in words
        self.garbled = False  # whether it has sent what cannot be read
        self._job: Any = None
        self._kind = kind
        self._limit: float | None = None
        self._closed = False
        self._notices = 0
        self._send(_hello(function, threads))

    def waitables(self) -> list[Any]:
        """What to wait for."""
        everything = self._process.waitables()
        return everything[1:] if self._closed else everything

    def give(self, job: Job, limit: float | None) -> None:
        """Let the worker do a job within so many seconds, which begin when it is ready."""
        self._job, self._limit, self._notices = job, limit, 0
        self._begin()
        self._send(job)

    def take(self) -> list[Outcome | Raised]:
        """Read what has arrived: the outcome of the job if it has ended, else nothing.

        An event of a run is handed to this process's listener. Raises EOFError if the process is dead or of no use.
        """
        if not self._closed:
            try:
                for message in self._process.channel.receive():
                    if outcomes := self._read(message[:1], message[1:]):
                        self.deadline = self._limit = None
                        return outcomes
            except EOFError:  # its end follows, or else it has closed the pipe
                self._closed, self.deadline = True, monotonic() + CLOSED
                self.fault = "it closed its pipe"
            except Garbled as garbled:
                self.garbled, self.fault = True, f"what it sent cannot be read: {garbled}"
                raise EOFError from None
        if self._process.ended(self._closed):
            raise EOFError
        return []

    def overdue(self) -> bool:
        """Whether its job has had its time and the grace, or it has fallen silent in the middle of a message."""
        channel = self._process.channel
        if channel.half_way and monotonic() - channel.last_byte > HALF_WAY:
            self.fault = "it stopped in the middle of a message"
            return True
        return self.deadline is not None and monotonic() > self.deadline

    def postpone(self, seconds: float) -> None:
        """Let the job have more time, because this process itself stood still."""
        if self.deadline is not None:
            self.deadline += seconds

    def end(self) -> int | None:
        """End the process and what it has started, whatever they do; how the process has ended by itself.

        That is its exit code, or minus the signal that ended it; None if that is not known.
        """
        self._process.end()
        return self._process.exit_code

    @property
    def escaped(self) -> list[str]:
        """The names of the processes that it has started and that had left its group; known at its end."""
        return self._process.escaped

    def _send(self, content: object) -> None:
        with suppress(OSError):  # it has just died, which `take` will find
            self._process.channel.send(bytes(ForkingPickler.dumps(content)))

    def _begin(self) -> None:
        self.deadline = monotonic() + self._limit + GRACE if self.ready and self._limit is not None else None

    def _read(self, kind: bytes, content: bytes) -> list[Outcome | Raised]:
        """The outcome, if the message is one."""
        if kind == messages.READY:
            self.ready = True
            self._begin()
        elif kind == messages.EVENT:
            self._hear(messages.read_event(content))
        elif kind == messages.RAISED and not self.ready:
            self.fault = messages.read_words(content)
        elif kind == messages.RAISED:
            return [Raised(messages.read_words(content))]
        else:
            outcome: Outcome = decode(content, self._job)
            if not isinstance(outcome, self._kind):
                raise Garbled(f"it is no {self._kind.__name__}")
            return [outcome]
        return []

    def _hear(self, event: RunProgress | Notice) -> None:
        if isinstance(event, RunProgress):
            self._put_off(event)
        else:
            self._notices += 1
        if self._notices <= MOST_NOTICES:
            emit(event)

    def _put_off(self, found: RunProgress) -> None:
        """Move the deadline by what did not count, and by some calls: nothing interrupts a call."""
        if self._limit is not None:
            left = max(0.0, self._limit - found.seconds)
            self.deadline = monotonic() + left + GRACE + CALLS_OF_GRACE * found.longest


def _hello(function: Callable[[Any], Any], threads: int) -> Hello:
    forked = processes.METHOD == "fork"
    preparation: dict[str, Any] = spawn.get_preparation_data("worker") if forked else {}
    if preparation:
        preparation["authkey"] = bytes(preparation["authkey"])
    environment = {**os.environ, **ONE_THREAD}
    return Hello(environment, preparation, bytes(ForkingPickler.dumps(function)), threads)
