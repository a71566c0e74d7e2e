"""What a long run says of itself before it ends, and who hears it.

A run tells; it does not know whom. In a worker process the listener is the pipe to the driver, in the driver it is the
terminal, and where nobody listens nothing happens.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class News(NamedTuple):
    """How far a run is: its cell by key, calls in whole passes, lowest loss, its own seconds, the longest call's."""

    key: str
    problem: str
    solver: str
    calls: float
    loss: float
    gap: float
    seconds: float
    longest: float


class Remark(NamedTuple):
    """A line that a person should read."""

    text: str


Listener = Callable[[News | Remark], None]

_listener: ContextVar[Listener] = ContextVar("listener", default=lambda _: None)


def tell(news: News | Remark) -> None:
    """Tell whoever listens."""
    _listener.get()(news)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let the listener hear what is told in the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
