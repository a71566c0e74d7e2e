"""What a worker process does: receive jobs, send their outcomes."""

import importlib
import multiprocessing
import os
import pickle
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import process, spawn
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, NoReturn

from mdsbench.execution import messages
from mdsbench.execution.outcomes import encode
from mdsbench.execution.system_calls import adopt_orphans
from mdsbench.runs.events import Notice, RunProgress, listening
from mdsbench.system.compiling import at_most_threads

try:
    import fcntl
except ImportError:  # Windows, where workers are spawned
    fcntl = None  # type: ignore[assignment]

_AS_IF_NOBODY_HAD_SET_THEM = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP")


class Hello(NamedTuple):
    """The first message of the driver: its environment, the main module to load, the function and the threads.

    The function is pickled apart, because to load it may need the main module.
    """

    environment: dict[str, str]
    preparation: dict[str, Any]
    function: bytes
    threads: int


def serve(pipe: int, lifeline: int, server: int) -> NoReturn:
    """Serve on a forked process's end of the pipe, and never return to what was forked."""
    try:
        os.setsid()  # a group of its own, which can be ended as a whole
        adopt_orphans()
        for name in _AS_IF_NOBODY_HAD_SET_THEM:  # a signal ends the process, and so is no result of a solver
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        _end_with_the_driver(lifeline)
        if os.getppid() == server:
            multiprocessing.set_start_method("fork", force=True)  # semaphores, such as Numba's, are then nameless
            _talk(Connection(pipe))
    finally:
        os._exit(1)


def _end_with_the_driver(lifeline: int) -> None:
    """A driver that is killed takes its workers along, even those that hang, and if the server is gone.

    The driver alone holds the other end of a pipe; when that closes, the system sends a signal, SIGIO, which no code
    handles, and which so ends the process without asking Python.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # it has closed before
        os._exit(1)


def serve_spawned(pipe: "Connection[Any, Any]") -> None:
    """Serve in a spawned process, which has loaded the main module already, and loads the kernels first."""
    importlib.import_module("mdsbench.execution.preload")
    if hasattr(os, "setsid"):
        with suppress(OSError):
            os.setsid()
        for name in _AS_IF_NOBODY_HAD_SET_THEM:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    _talk(pipe)
    os._exit(0)


def _talk(pipe: "Connection[Any, Any]") -> None:
    """Serve until the driver is gone."""
    with suppress(EOFError, OSError):
        hello: Hello = pickle.loads(pipe.recv_bytes())
        try:
            function = _prepared(hello)
        except BaseException as error:
            pipe.send_bytes(messages.raised(in_words(error)))
            return
        mine = os.getpid()

        def send(message: bytes) -> None:
            if os.getpid() != mine:  # a solver has forked: one run has one outcome
                os._exit(0)
            pipe.send_bytes(message)

        send(messages.READY)
        with listening(lambda event: _tell(send, event)):
            while True:
                send(_answer(function, pickle.loads(pipe.recv_bytes())))


def _prepared(hello: Hello) -> Callable[[Any], Any]:
    """The function, when the process is as the driver says."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # a solver that prints without end writes to nothing
        os.dup2(nowhere, stream)
    os.environ.clear()
    os.environ.update(hello.environment)
    at_most_threads(hello.threads)
    if hello.preparation:
        myself: Any = process.current_process()
        myself._inheriting = True  # the main module is loaded anew: it must not start workers
        try:
            spawn.prepare(hello.preparation)
        finally:
            del myself._inheriting
    function: Callable[[Any], Any] = pickle.loads(hello.function)
    return function


def _tell(send: Callable[[bytes], None], event: RunProgress | Notice) -> None:
    send(messages.event(event))


def _answer(function: Callable[[Any], Any], job: Any) -> bytes:
    """The message with the outcome of a job or, if there is none that can be sent, why."""
    try:
        return messages.FINISHED + encode(function(job))
    except BaseException as error:  # whatever a solver raises ends its own run only
        return messages.raised(in_words(error))


def in_words(error: BaseException) -> str:
    """The exception's own representation, which an exception from a user's file may lack."""
    try:
        return repr(error)
    except BaseException:
        return type(error).__name__
