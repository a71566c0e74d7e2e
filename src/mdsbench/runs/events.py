"""Events of a long run before it ends, and the callback that receives them.

In a worker process the callback writes to the pipe to the driver, in the driver it updates the terminal. Without a
callback an event is dropped.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class RunProgress(NamedTuple):
    """How far a run is: its cell by key, calls in whole passes, lowest loss, its own seconds, the longest call's."""

    key: str
    problem: str
    solver: str
    calls: float
    loss: float
    gap: float
    seconds: float
    longest: float


class Notice(NamedTuple):
    """A line for the user."""

    text: str


Listener = Callable[[RunProgress | Notice], None]

_listener: ContextVar[Listener] = ContextVar("listener", default=lambda _: None)


def emit(event: RunProgress | Notice) -> None:
    """Call the callback with an event."""
    _listener.get()(event)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let the callback receive the events of the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
