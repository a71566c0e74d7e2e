"""How far a campaign is, in plain lines now and then, for a log or a pipe."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from mdsbench.system.text import printable

EVERY = 30.0  # seconds after which a line is written, also if nothing has finished
SOONEST = 5.0  # seconds between two lines, for tenths of the whole that go by fast


class Pace:
    """When the next line is due: after 30 seconds, or earlier after another tenth of the whole."""

    def __init__(self, began: float, fraction: float = 0.0) -> None:
        self._last, self._tenths = began, int(10 * fraction)

    def due(self, now: float, fraction: float) -> bool:
        """Whether a line is due at this time, in seconds, with this fraction done; if so, it counts as written."""
        passed, tenths = now - self._last, int(10 * fraction)
        if passed < EVERY and not (passed >= SOONEST and tenths > self._tenths):
            return False
        self._last, self._tenths = now, tenths
        return True


@contextmanager
def lines(text: Callable[[], str], fraction: Callable[[], float]) -> Iterator[Callable[[], None]]:
    """Write `text()` to standard error when a line is due; the block calls what it receives when something is done."""
    began = monotonic()
    pace, lock, ended = Pace(began, fraction()), threading.Lock(), threading.Event()

    def look() -> None:
        with lock:
            now = monotonic()
            if pace.due(now, fraction()):
                say(f"{text()}, {duration(now - began)}")

    def watch() -> None:
        while not ended.wait(1.0):
            look()

    watcher = threading.Thread(target=watch, name="progress", daemon=True)
    watcher.start()
    try:
        yield look
    finally:
        ended.set()
        watcher.join()


def say(text: str) -> None:
    """A line on standard error; one that cannot be written is no reason to stop."""
    with suppress(OSError):
        print(printable(text), file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """A time that has passed: `35 s`, `4 min 5 s` or `2 h 10 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
