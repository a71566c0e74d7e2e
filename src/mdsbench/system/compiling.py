"""How kernels are compiled by Numba, loaded, and shared among threads. Numba is imported by the first of them.

Numba compiles a function again if its own file changes, but not if the file of a function that it uses does.
So a file of kernels holds all that its kernels use; what decorates them may stand here.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Lock, Timer
from typing import Any

from mdsbench.system.machine import cores

PATIENCE = 1.5  # seconds: loading from the cache takes less

# The order of a sum is free, so that it can be done eight at a time, but infinity and NaN are not assumed away: what
# diverges has a value that is not finite.
FREE_SUMS = frozenset({"reassoc", "contract", "arcp", "nsz"})

_most_threads = sys.maxsize
loading = Lock()  # Numba forbids compilation for all threads at once
team = Lock()  # of the threads that share a kernel: some of Numba's teams abort the process if two threads call them


def jit(function: Any, **options: Any) -> Any:
    """The function as a kernel, which is compiled for the types of its first call and kept in Numba's cache."""
    from numba import njit

    compiler = partial(njit, nogil=True, error_model="numpy", **{"fastmath": set(FREE_SUMS), **options})
    try:
        return compiler(function, cache=True)
    except RuntimeError:  # there is no writable folder for the cache
        return compiler(function)


def threaded(function: Any) -> Any:
    """The function as a kernel whose loops over `prange` are divided among threads."""
    return jit(function, parallel=True)


def at_most_threads(number: int) -> None:
    """Set the number of threads of every `Stress` that is loaded later in this process."""
    global _most_threads  # a setting of the process, as Numba's own is
    _most_threads = number


def threads(pay: bool) -> int:
    """The threads that share an evaluation, if they `pay` for its size, else 1.

    Numba is asked only if they pay. It then starts its threads, and a process that is forked later cannot use them.
    """
    # How often a waiting thread of GNU's OpenMP looks before it sleeps; read when that is loaded. By itself it
    # looks for milliseconds, and keeps what it waits for off the processors of a machine that is busy; so
    # often takes some ten microseconds, in which a solver has made its next step.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    if not pay or _most_threads == 1:
        return 1
    from numba import get_num_threads

    return min(get_num_threads(), _most_threads, cores())


def in_turn(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel, which one thread at a time calls: its work is shared among all cores already."""

    def call(*arguments: Any) -> Any:
        with team:
            return kernel(*arguments)

    return call


def ready(function: Any, bound: tuple[Any, ...], *arguments: Any) -> Callable[..., Any]:
    """The function with its first arguments bound, loaded or compiled for further arguments of these types only."""
    from numba import typeof

    function.disable_compile(False)
    with suppress(OSError):  # it is compiled, but not written to the cache
        function.compile(tuple(typeof(argument) for argument in (*bound, *arguments)))
    function.disable_compile()
    return partial(function, *bound)


@contextmanager
def a_word_if_it_takes_long() -> Iterator[None]:
    """Say that kernels are being loaded, if the block takes longer than a moment."""
    message = "loading the kernels, which the first time are compiled ..."
    timer = Timer(PATIENCE, print, [message], {"file": sys.stderr, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
