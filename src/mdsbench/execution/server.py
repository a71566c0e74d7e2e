"""The program of the server that worker processes are forked from, and that ends what they leave behind.

The server is a fresh process without threads that has imported the package and loaded its kernels, so that a worker
starts in some 10 ms. It reports the end of each worker to the driver through the worker's leash, a socket. When the
driver closes a leash, or has been killed, the server ends the worker.

On Linux a worker is the parent of everything that it starts, also of what has left its process group, see
`adopt_orphans`, and the server is the parent of all that as soon as the worker has ended. So a child that is no worker
is what a worker has left behind.

A worker can kill its server. So the server has a keeper, a process that only waits: it then becomes the parent of the
workers, which go on, and ends what they leave behind.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NoReturn

from mdsbench.execution.system_calls import adopt_orphans
from mdsbench.execution.worker_side import serve

REQUEST = b"f"
LAST_WORDS = 3.0  # seconds in which the server looks for processes to end


def main(control: int, modules: list[str]) -> NoReturn:
    """What the server does: load these modules, then fork when it is asked to, until the driver is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    with suppress(PermissionError):  # it leads a session already
        os.setsid()
    adopt_orphans()
    if server := os.fork():
        _keep(server, control)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    adopt_orphans()
    importlib.import_module("mdsbench.execution.preload")
    for name in modules:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that a collection in a worker copies nothing
    nursery = _Nursery(socket.socket(fileno=control))
    while nursery.look():
        pass
    nursery.end()
    os._exit(0)


def _keep(server: int, control: int) -> NoReturn:
    """What the keeper does: wait for the end of the server and of its workers, or of the driver, which holds stdin."""
    os.close(control)
    woken, _ = _wake_at_death()
    workers: set[int] = {server}
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        with suppress(BlockingIOError):
            os.read(woken, 4096)
        if server in (ended := {child for child, _ in _reaped()}):
            workers.update(_children())
        workers -= ended
        for child in set(_children()) - workers:
            _kill(child)
        if 0 in ready:
            for child in _children():
                _kill(child)
        if not workers or 0 in ready:
            os._exit(0)


def _wake_at_death() -> tuple[int, int]:
    """A descriptor that can be read when a child has ended, and the one that is written to."""
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    return woken, wakes


class _Nursery:
    """The workers that are alive, each with its leash."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._leashes: dict[int, socket.socket] = {}
        self._woken, self._wakes = _wake_at_death()

    def look(self) -> bool:
        """Wait until something happens, and deal with it; False if the driver is gone."""
        of = {leash: worker for worker, leash in self._leashes.items()}
        awaited: list[Any] = [self._control, self._woken, *of]
        ready, _, _ = select.select(awaited, [], [])
        if self._woken in ready:
            with suppress(BlockingIOError):
                os.read(self._woken, 4096)
            self._bury()
        for leash in ready:
            if leash in of and of[leash] in self._leashes:
                _kill(of[leash])
        return self._control not in ready or self._fork()

    def end(self) -> None:
        """End every worker."""
        for worker in self._leashes:
            _kill(worker)
        deadline = monotonic() + LAST_WORDS
        while self._leashes and monotonic() < deadline:
            self._bury()
            sleep(0.001)

    def _fork(self) -> bool:
        """Fork a worker with its two sockets and its lifeline; False if the driver is gone."""
        try:
            request, sockets, _, _ = socket.recv_fds(self._control, 1, 3)
        except OSError:
            return False
        if not request:
            return False
        pipe, held, lifeline = sockets
        leash = socket.socket(fileno=held)
        server = os.getpid()
        try:
            worker = os.fork()
        except OSError:  # memory is short: the driver sees that both sockets close
            leash.close()
        else:
            if not worker:
                leash.close()
                self._let_go()
                serve(pipe, lifeline, server)
            self._leashes[worker] = leash
            with suppress(OSError):
                leash.sendall(f"{worker} {server}\n".encode())
        os.close(pipe)
        os.close(lifeline)
        return True

    def _let_go(self) -> None:
        """Close everything of the server's, in a worker."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._woken)
        os.close(self._wakes)
        self._control.close()
        for leash in self._leashes.values():
            leash.close()

    def _bury(self) -> None:
        """Reap the workers that have ended, end what they left behind, and report both."""
        ended: dict[int, int] = {}
        escaped: dict[int, str] = {}
        deadline = monotonic() + LAST_WORDS
        while monotonic() < deadline:
            for worker, code in _reaped():
                if worker in self._leashes:
                    ended[worker] = code
                    with suppress(OSError):
                        os.killpg(worker, signal.SIGKILL)
            left = set(_children()) - self._leashes.keys()
            if not left:
                break
            for child in left - escaped.keys():
                with suppress(OSError):
                    if os.getsid(child) not in self._leashes:
                        escaped[child] = _name(child)
                    os.kill(child, signal.SIGKILL)
            sleep(0.0005)
        for worker, code in ended.items():
            with self._leashes.pop(worker) as leash, suppress(OSError):
                leash.sendall(json.dumps([code, sorted(escaped.values())]).encode() + b"\n")


def _reaped() -> list[tuple[int, int]]:
    """The children that have ended, each with its exit code."""
    found = []
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0] > 0:
            found.append((ended[0], os.waitstatus_to_exitcode(ended[1])))
    return found


def _kill(worker: int) -> None:
    """Kill a worker and its group, which it leads as soon as it has made it."""
    for kill in (os.killpg, os.kill):
        with suppress(OSError):
            kill(worker, signal.SIGKILL)


def _children() -> list[int]:
    """The children of this process; empty where the system does not tell."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="backslashreplace").strip()
    except OSError:
        return "?"
