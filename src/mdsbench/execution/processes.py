"""The driver's hold on worker processes: forked from a server where the system can fork, else spawned."""

import atexit
import json
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import spawn
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from mdsbench.execution.channel import Channel, PipeChannel
from mdsbench.execution.worker_side import serve_spawned
from mdsbench.system.machine import ONE_THREAD

METHOD = "fork" if hasattr(os, "fork") and hasattr(socket, "send_fds") else "spawn"
OBEDIENCE = 1.0  # seconds in which a guard ends its worker

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from mdsbench.execution.server import main; main(int(sys.argv[1]), json.loads(sys.argv[3]))"
)


class Process(Protocol):
    """A worker process."""

    escaped: list[str]  # the names of the processes that had left its group, known when all are ended

    @property
    def channel(self) -> Channel | PipeChannel:
        """The driver's end of its pipe."""

    def waitables(self) -> list[Any]:
        """What `multiprocessing.connection.wait` waits for: its messages, and its end."""

    def ended(self, closed: bool = True) -> bool:
        """Whether the process has ended; `closed` is whether its channel has. Does not wait."""

    @property
    def exit_code(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None if it is not known."""

    def end(self) -> None:
        """End the process, whatever it does, and what it has started."""


def start() -> Process:
    """A new worker process."""
    return Forked(_server) if METHOD == "fork" else Spawned()


class Forked:
    """A worker that the server has forked, see `mdsbench.execution.server`."""

    def __init__(self, server: "_Server") -> None:
        self.escaped: list[str] = []
        self.exit_code: int | None = None
        self._said = b""
        self._loose = False  # whether the server that holds the worker is gone, or has said how it ended
        pipe, pipe_there = socket.socketpair()
        self._leash, leash_there = socket.socketpair()
        self._leash.setblocking(False)
        lifeline_there, self._lifeline = os.pipe()
        self.channel = Channel(pipe)
        with pipe_there, leash_there:
            server.fork([pipe_there.fileno(), leash_there.fileno(), lifeline_there])
        os.close(lifeline_there)

    def waitables(self) -> list[Any]:
        """The sockets."""
        return [self.channel] if self._loose else [self.channel, self._leash]

    def ended(self, closed: bool = True) -> bool:
        """Whether the server has reported the end. Without a server, the end of the channel has to do."""
        while not self._loose:
            try:
                said = self._leash.recv(65536)
            except BlockingIOError:
                break
            except OSError:
                said = b""
            self._said += said
            self._loose = not said
        return self._loose and (closed or self._said.count(b"\n") > 1)

    def end(self) -> None:
        """Let the server end the worker; if it does not, end both."""
        with suppress(OSError):
            self._leash.shutdown(socket.SHUT_WR)
        deadline = monotonic() + OBEDIENCE
        while not self.ended() and (left := deadline - monotonic()) > 0:
            select.select([self._leash], [], [], left)
        os.close(self._lifeline)
        began, _, report = self._said.partition(b"\n")
        if report.endswith(b"\n"):
            self.exit_code, self.escaped = json.loads(report)
        elif began:  # the server was killed or stopped
            worker, server = map(int, began.split())
            _kill(os.killpg, worker)
            _kill(os.kill, worker)
            if not self._loose:
                _kill(os.kill, server)
        self._leash.close()
        self.channel.close()


def _kill(kill: Callable[[int, int], None], pid: int) -> None:
    with suppress(OSError):
        kill(pid, signal.SIGKILL)


class Spawned:
    """A worker that is a new interpreter."""

    def __init__(self) -> None:
        context: Any = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.channel = PipeChannel(ours)
        self.escaped: list[str] = []
        self._process = context.Process(target=serve_spawned, args=(theirs,), daemon=True)
        with without_interrupts():
            self._process.start()
        theirs.close()

    def waitables(self) -> list[Any]:
        """The pipe and the process."""
        return [self.channel.pipe, self._process.sentinel]

    def ended(self, closed: bool = True) -> bool:  # noqa: ARG002 - as of a forked one
        """Whether the process has ended."""
        return self._process.exitcode is not None

    @property
    def exit_code(self) -> int | None:
        """Its exit code."""
        code: int | None = self._process.exitcode
        return code

    def end(self) -> None:
        """End the process and its group."""
        if hasattr(os, "killpg"):
            _kill(os.killpg, self._process.pid)
        self._process.kill()
        self._process.join()
        self.channel.close()


class without_interrupts:  # noqa: N801 - used as a function
    """A block in which Ctrl-C waits, also for the processes that start in it, until they say what they do with it."""

    def __enter__(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


class _Server:
    """The server of this process. It is started when it is needed, and again if it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._former: list[subprocess.Popen[bytes] | None] = []  # those whose server is gone
        self._owner = 0

    def fork(self, descriptors: list[int]) -> None:
        """Let the server fork a worker with these descriptors."""
        with self._lock:
            for _ in range(2):
                control = self._running()
                with suppress(OSError):
                    socket.send_fds(control, [b"f"], descriptors)
                    return
                self._former.append(self._process)  # it has just ended; its keeper may have workers yet
                self._let_go()

    def _running(self) -> socket.socket:
        if self._owner != os.getpid():  # this process was forked, and the server is its parent's
            self._let_go()
            self._former = []
        if self._control is None:
            self._control, theirs = socket.socketpair()
            with theirs, without_interrupts():
                self._process = subprocess.Popen(
                    [spawn.get_executable(), "-c", _PROGRAM, str(theirs.fileno()), *map(json.dumps, _needs())],
                    env={**os.environ, **ONE_THREAD},
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                )
            self._owner = os.getpid()
        return self._control

    def _let_go(self) -> None:
        if self._control:
            self._control.close()
        self._process = self._control = None

    def close(self) -> None:
        """End the server. The next worker has another."""
        if self._owner != os.getpid():
            return
        with self._lock:
            ending = [process for process in [*self._former, self._process] if process]
            self._former = []
            self._let_go()
            for process in ending:
                _wait(process)
                assert process.stdin
                process.stdin.close()  # then the keeper ends what is left
                _wait(process)
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]") -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(OBEDIENCE)


def _needs() -> tuple[list[str], list[str]]:
    """The paths of this process, and what it has loaded of the package, which functions and main modules may need.

    Reports are drawn here; their libraries would make every worker larger.
    """
    ours = [name for name in sys.modules if name.startswith("mdsbench.")]
    loaded = [name for name in ours if not name.startswith(("mdsbench.report", "mdsbench.exporters"))]
    return [path or str(Path.cwd()) for path in sys.path], loaded


_server = _Server()
atexit.register(_server.close)
