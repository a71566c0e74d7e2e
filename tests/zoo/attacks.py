"""A hundred solvers that attack their process, its driver and their neighbours; `EXPECTED` has the endings of each.

Addressed as `tests/zoo/attacks.py:name`. Most make one call, attack, and go on as gradient descent if they still can.
"""

import atexit
import builtins
import ctypes
import gc
import json
import locale
import os
import pickle
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from mdsbench.registry import registry
from mdsbench.registry.decorators import solver

Iterates = Generator[Any, None, str | None]

WELL = ("converged", "budget")  # it has hurt nobody, itself included
EXPECTED: dict[str, tuple[str, ...]] = {}
HANGS: list[str] = []


def enter(name: str, function: Callable[[Any, Any, Any], Any], *endings: str) -> None:
    """Register a solver of this name."""
    function.__name__ = name
    globals()[name] = solver("attack-" + name.replace("_", "-"), uses="gradient", reference="the zoo")(function)
    EXPECTED[name] = endings
    if endings == ("timeout",):
        HANGS.append(name)


def attack(*endings: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate what happens between the first call and the rest of the run; it may be given the oracle."""

    def decorate(act: Callable[..., Any]) -> Callable[..., Any]:
        takes = act.__code__.co_argcount

        def run(oracle: Any, x: Any, rng: Any) -> Iterates:
            oracle.value(x)
            yield x
            act(*[oracle][:takes])
            for _ in range(20):
                x = x - 0.01 * oracle.gradient(x)
                yield x
            return None

        run.__doc__ = act.__doc__ or act.__name__
        enter(act.__name__, run, *endings)
        return run

    return decorate


def hang() -> NoReturn:
    while True:
        time.sleep(3600)


# What is raised.


class Mute(Exception):
    def __repr__(self) -> str:
        raise RuntimeError("no words")

    __str__ = __repr__


class Spiteful(Exception):
    def __str__(self) -> str:
        os._exit(7)

    __repr__ = __str__


def raising(error: BaseException) -> Callable[[Any, Any, Any], Any]:
    def run(oracle: Any, x: Any, rng: Any) -> Iterates:
        oracle.value(x)
        yield x
        raise error

    run.__doc__ = "Raises."
    return run


for name, error in {
    "divides_by_zero": ZeroDivisionError("out of luck"),
    "exits_politely": SystemExit(0),
    "exits_with_words": SystemExit("good bye"),
    "raises_the_base": BaseException("everything"),
    "raises_a_group": BaseExceptionGroup("two", [ValueError("1"), KeyError("2")]),
    "raises_stop_iteration": StopIteration(3),
    "raises_for_memory": MemoryError("none left"),
    "raises_surrogates": FileNotFoundError("no such file: " + os.fsdecode(b"caf\xe9.dat")),
    "raises_nul": ValueError("a\0b\x1b[31mred\x1b[0m [/red] $x$"),
    "raises_a_book": ValueError("all work and no play " * 500_000),
    "raises_what_cannot_be_pickled": ValueError(lambda: 0),
    "raises_bytes": OSError(b"\xff\xfe"),
    "raises_unicode": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "raises_huge_integer": ValueError(10**3000),
}.items():
    enter(name, raising(error), "error", "memory")
enter("raises_without_words", raising(Mute()), "error", "killed")
enter("exits_when_it_is_described", raising(Spiteful()), "killed")
enter("interrupts_itself", raising(KeyboardInterrupt("me")), "error", "interrupted")
enter("raises_generator_exit", raising(GeneratorExit()), "error")


# Signals to itself.

for name in ("INT", "TERM", "HUP", "KILL", "SEGV", "ABRT", "BUS", "FPE", "ILL", "ALRM", "USR1", "QUIT", "IO", "XCPU"):

    def _signalled(oracle: Any, x: Any, rng: Any, number: int = getattr(signal, f"SIG{name}")) -> Iterates:
        """Sends itself a signal."""
        oracle.value(x)
        yield x
        signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
        os.kill(os.getpid(), number)
        time.sleep(0.2)
        return None

    def _keeps(number: int) -> Callable[[Any, Any, Any], Any]:
        def run(oracle: Any, x: Any, rng: Any) -> Iterates:
            return _signalled(oracle, x, rng, number)

        run.__doc__ = "Sends itself a signal."
        return run

    enter(f"sends_itself_{name.lower()}", _keeps(getattr(signal, f"SIG{name}")), "killed")


@attack("timeout")
def stops_itself() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


@attack(*WELL)
def breaks_a_pipe() -> None:
    os.kill(os.getpid(), signal.SIGPIPE)


@attack("timeout")
def ignores_every_signal() -> None:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    hang()


@attack("timeout")
def blocks_every_signal() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    hang()


@attack(*WELL, "error")
def is_alarmed_all_the_time() -> None:
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)


# Exits.


@attack("killed")
def exits_well() -> None:
    os._exit(0)


@attack("killed")
def exits_badly() -> None:
    os._exit(3)


@attack("killed")
def exits_as_if_the_server_was_gone() -> None:
    os._exit(255)


@attack("killed")
def exits_from_a_thread() -> None:
    threading.Thread(target=os._exit, args=(4,)).start()
    time.sleep(1)


@attack(*WELL)
def leaves_a_hook_that_hangs() -> None:
    atexit.register(hang)


# Hangs.


def spin() -> NoReturn:
    while True:
        pass


@attack("timeout")
def loops() -> None:
    spin()


@attack("timeout")
def sleeps_in_c_with_the_lock() -> None:
    ctypes.PyDLL(None).sleep(3600)


@attack("timeout")
def waits_for_itself() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


@attack("timeout")
def matches_for_ever() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")


@attack("timeout")
def computes_for_ever() -> None:
    pow(3, 10**10)


@attack("timeout")
def selects_nothing() -> None:
    select.select([], [], [])


@attack("timeout")
def swallows(oracle: Any) -> None:
    while True:
        with suppress(BaseException):
            while True:
                oracle.value(np.zeros(3))


@attack("timeout")
def prints_for_ever() -> None:
    while True:
        print("all work and no play " * 100)


@attack("timeout")
def writes_to_stderr_for_ever() -> None:
    while True:
        os.write(2, b"no" * 10_000)


@attack(*WELL)
def leaves_a_busy_thread() -> None:
    threading.Thread(target=spin, daemon=True).start()


@attack(*WELL)
def leaves_a_thread_that_is_waited_for() -> None:
    threading.Thread(target=hang).start()


@attack(*WELL, "error")
def leaves_many_threads() -> None:
    for _ in range(50):
        threading.Thread(target=hang, daemon=True).start()


# Descriptors.


def descriptors() -> list[int]:
    return [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]  # noqa: PTH208


def on_each(act: Callable[[int], Any]) -> None:
    for descriptor in descriptors():
        os.set_blocking(descriptor, False) if Path(f"/proc/self/fd/{descriptor}").exists() else None
        with suppress(OSError):
            act(descriptor)


SPOILT = ("killed", "error", "timeout", *WELL)


@attack("killed")
def closes_all() -> None:
    os.closerange(0, 1024)


@attack("killed", "timeout")
def closes_all_and_hangs() -> None:
    os.closerange(0, 1024)
    hang()


@attack("killed", "timeout")
def moves_nothing_over_all() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors():
        os.dup2(nowhere, descriptor)


@attack("killed", "timeout")
def moves_a_file_over_all() -> None:
    with tempfile.TemporaryFile() as file:
        for descriptor in descriptors():
            if descriptor != file.fileno():
                os.dup2(file.fileno(), descriptor)


def writing(name: str, content: bytes) -> None:
    def act() -> None:
        on_each(lambda descriptor: os.write(descriptor, content))

    act.__name__ = name
    attack(*SPOILT)(act)


def frame(content: bytes) -> bytes:
    return struct.pack("!i", len(content)) + content


def outcome(header: object) -> bytes:
    text = json.dumps(header).encode()
    return frame(b"F" + struct.pack("<I", len(text)) + text)


class Bomb:
    def __reduce__(self) -> Any:
        return os._exit, (9,)


writing("writes_rubbish", b"rubbish" * 10)
writing("writes_much_rubbish", os.urandom(1 << 20))
writing("writes_zeros", bytes(1 << 16))
writing("writes_half_a_length", b"\0")
writing("writes_half_a_message", struct.pack("!i", 1000) + b"F")
writing("writes_a_length_without_end", struct.pack("!iQ", -1, 1 << 62) + b"F")
writing("writes_a_long_error", struct.pack("!i", 2**31 - 1) + b"X")
writing("writes_a_pickle", frame(pickle.dumps(Bomb())))
writing("writes_a_pickle_as_outcome", frame(b"F" + pickle.dumps(Bomb())))
writing("writes_an_empty_outcome", frame(b"F"))
writing("writes_a_deep_outcome", frame(b"F" + struct.pack("<I", 200_000) + b"[" * 200_000))
writing("writes_another_record", outcome({"record": "Facts", "fields": {"dict": {}}}))
writing("writes_a_run_of_nothing", outcome({"run": {}}))
writing("writes_a_plain_outcome", outcome({"plain": "fine"}))
writing("writes_huge_counts", outcome({"run": {"dimension": 10**400, "improvements": 1, "path": 1, "final": 1}}))
writing("writes_an_event_of_rubbish", frame(b'E["RunProgress", 1, 2, 3]'))
writing("writes_an_event_from_hell", frame(b'E["RunProgress", "k", "p", "s", 1, 1, 1, NaN, -Infinity]'))
writing("writes_notices", frame(b'E["Notice", "\\u001b[2J"]') * 500)
writing("says_that_it_is_ready", frame(b"R") * 100)


@attack(*SPOILT)
def reads_everything() -> None:
    on_each(lambda descriptor: os.read(descriptor, 1 << 20))


@attack(*SPOILT)
def shuts_sockets_down() -> None:
    on_each(lambda d: socket.socket(fileno=os.dup(d)).shutdown(socket.SHUT_RDWR))


@attack("killed", "timeout", "error", *WELL)
def opens_all_that_can_be() -> None:
    with suppress(OSError):
        while True:
            os.dup(2)


# Limits.


def limiting(name: str, kind: int, most: int, *endings: str) -> None:
    def act() -> None:
        resource.setrlimit(kind, (most, most))

    act.__name__ = name
    attack(*endings)(act)


limiting("limits_its_files", resource.RLIMIT_NOFILE, 3, *SPOILT)
limiting("limits_its_memory", resource.RLIMIT_AS, 1 << 20, "memory", *SPOILT)
limiting("limits_its_data", resource.RLIMIT_DATA, 1 << 20, "memory", *SPOILT)
limiting("limits_what_it_writes", resource.RLIMIT_FSIZE, 0, *SPOILT)
limiting("limits_its_stack", resource.RLIMIT_STACK, 1 << 16, *SPOILT)
limiting("limits_its_processes", resource.RLIMIT_NPROC, 0, *SPOILT)


@attack("memory", "killed")
def hoards() -> None:
    hoard = []
    while True:
        hoard.append(np.ones(1 << 20))


@attack("error", "killed")
def recurses() -> None:
    def down() -> None:
        down()

    down()


@attack("killed")
def recurses_in_c() -> None:
    sys.setrecursionlimit(1 << 30)

    def down(value: Any) -> Any:
        return sorted([value], key=down)

    down(0)


@attack(*WELL)
def is_nice_to_nobody() -> None:
    os.nice(19)
    os.umask(0o777)


# Children.


@attack(*WELL, "error")
def forks_a_twin() -> None:
    os.fork()


@attack(*WELL, "error")
def forks_twins() -> None:
    for _ in range(4):
        os.fork()


@attack(*WELL)
def leaves_a_child() -> None:
    if not os.fork():
        hang()


@attack(*WELL)
def leaves_a_child_of_its_own_session() -> None:
    if not os.fork():
        os.setsid()
        hang()


@attack(*WELL)
def leaves_a_daemon() -> None:
    if not os.fork():
        os.setsid()
        if not os.fork():
            os.closerange(0, 1024)
            hang()
        os._exit(0)
    os.wait()


@attack(*WELL)
def leaves_a_program() -> None:
    subprocess.Popen(["sleep", "3600"])


@attack(*WELL)
def leaves_a_program_without_a_trace() -> None:
    subprocess.Popen(["/bin/sleep", "3600"], env={}, start_new_session=True)


@attack(*WELL)
def leaves_deaf_children() -> None:
    for _ in range(20):
        if not os.fork():
            signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
            os.setpgrp()
            hang()


@attack("killed")
def dies_before_its_daemon() -> None:
    subprocess.Popen(["sleep", "3600"], start_new_session=True)
    os._exit(1)


@attack("timeout")
def hangs_with_children() -> None:
    subprocess.Popen(["sleep", "3600"], start_new_session=True)
    hang()


@attack(*WELL)
def kills_its_server() -> None:
    os.kill(os.getppid(), signal.SIGKILL)


@attack(*WELL)
def stops_its_server() -> None:
    os.kill(os.getppid(), signal.SIGSTOP)


@attack("killed")
def kills_its_group() -> None:
    os.killpg(0, signal.SIGKILL)


# What the process shares with the runs that come later.


@attack(*WELL, "error", "diverged")
def patches_numpy() -> None:
    for name in ("dot", "sum", "isfinite", "zeros", "add"):
        setattr(np, name, lambda *_, **__: 0.5)


@attack(*WELL, "error", "timeout")
def patches_time() -> None:
    time.perf_counter = time.monotonic = time.time = lambda: 0.0


@attack("error", "killed", *WELL)
def patches_builtins() -> None:
    builtins.len = builtins.float = builtins.isinstance = lambda *_: 0  # type: ignore[assignment,misc]


@attack("error", "killed", *WELL)
def patches_json_and_struct() -> None:
    json.dumps = struct.Struct.pack = lambda *_, **__: "rubbish"  # type: ignore[method-assign,assignment]


@attack(*WELL, "error")
def patches_the_package() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("mdsbench.problems"):
            for attribute in [a for a in vars(module) if not a.startswith("_")]:
                setattr(module, attribute, None)


@attack(*WELL, "error")
def empties_the_registries() -> None:
    for kind in (registry.SOLVERS, registry.PROBLEMS, registry.STARTS):
        kind.clear()


@attack(*WELL, "error")
def forgets_modules() -> None:
    sys.modules.clear()


@attack(*WELL)
def forgets_paths() -> None:
    sys.path.clear()
    sys.meta_path.clear()


@attack(*WELL)
def changes_the_folder() -> None:
    os.chdir("/")


@attack(*WELL)
def removes_its_folder() -> None:
    folder = Path(tempfile.mkdtemp())
    os.chdir(folder)
    folder.rmdir()


@attack(*WELL)
def changes_the_environment() -> None:
    os.environ.clear()
    os.environ["OMP_NUM_THREADS"] = "64"


@attack(*WELL)
def changes_the_random_state() -> None:
    np.random.seed(0)  # noqa: NPY002


@attack(*WELL, "error")
def raises_on_rounding() -> None:
    np.seterr(all="raise")
    warnings.simplefilter("error")


@attack(*WELL)
def changes_the_interpreter() -> None:
    gc.disable()
    sys.setswitchinterval(100)
    locale.setlocale(locale.LC_ALL, "C")
    sys.stdout = sys.stderr = None


@attack("error", "killed", *WELL)
def allows_no_recursion() -> None:
    with suppress(RecursionError):
        sys.setrecursionlimit(30)


@attack("error", "killed", "timeout", *WELL)
def traces_with_an_error() -> None:
    def trace(*_: Any) -> Any:
        return 1 / 0

    sys.settrace(trace)
    threading.settrace(trace)


# What it does to its own account.


@attack("error", "killed", *WELL)
def counts_hugely(oracle: Any) -> None:
    oracle.evaluations = oracle.iterations = 2**70


@attack("error", "killed", *WELL)
def counts_backwards(oracle: Any) -> None:
    oracle.evaluations = oracle.gradients = -(10**6)


@attack("error", "killed", *WELL)
def counts_in_words(oracle: Any) -> None:
    oracle.evaluations = "many"


@attack("error", "killed", *WELL)
def spoils_its_path(oracle: Any) -> None:
    oracle.path[:] = [None, "x", (1, 2)]


@attack("error", "killed", *WELL)
def spoils_its_improvements(oracle: Any) -> None:
    oracle.improvements.extend([(float("nan"),) * 7, (2**80,) * 7])


@attack("error", "killed", *WELL)
def spoils_its_best_position(oracle: Any) -> None:
    oracle._best_position = b"\0" * 8


# What it yields.


def yielding(name: str, what: Any) -> None:
    def run(oracle: Any, x: Any, rng: Any) -> Iterates:
        oracle.value(x)
        yield x
        yield what
        return None

    run.__doc__ = "Yields what is no iterate."
    enter(name, run, "error", "diverged", *WELL)


yielding("yields_nothing", None)
yielding("yields_words", "a word")
yielding("yields_another_shape", np.zeros(3))
yielding("yields_objects", np.array([object()] * 12))
yielding("yields_complex", np.full(12, 1j))
yielding("yields_nan", np.full(12, np.nan))
yielding("yields_infinity", np.full(12, np.inf))
