"""What a worker process says to its driver: a byte for the kind, then the content, never anything that is code."""

import json
from math import isfinite
from typing import Any, NamedTuple

from mdsbench.execution.outcomes import Garbled, readable
from mdsbench.runs.events import Notice, RunProgress

MOST_BYTES = 1 << 30  # of a message
MOST_EVENT = 20_000  # bytes of a message that is no outcome

READY, FINISHED, RAISED, EVENT = b"R", b"F", b"X", b"E"


class Raised(NamedTuple):
    """A worker's message: the exception that the function raised, in words."""

    words: str


def raised(words: str) -> bytes:
    """The message that the function has raised."""
    return RAISED + readable(words).encode()


def event(event: RunProgress | Notice) -> bytes:
    """The message of an event."""
    return EVENT + json.dumps([type(event).__name__, *map(_short, event)]).encode("ascii")


def _short(content: Any) -> Any:
    """A field of an event: a number, or a text that is not too long."""
    return readable(content, 1000) if isinstance(content, str) else float(content)


def too_long(length: int, kind: bytes) -> bool:
    """Whether no worker of ours sends so long a message of that kind, or any of that kind; the kind may be unknown."""
    if kind and kind not in (READY, FINISHED, RAISED, EVENT):
        return True
    return not 1 <= length <= (MOST_BYTES if kind in (b"", FINISHED) else 6 * MOST_EVENT)


def read_words(content: bytes) -> str:
    """The words of an exception."""
    return readable(content.decode("utf-8", "backslashreplace"))


def read_event(content: bytes) -> RunProgress | Notice:
    """The event of a message. Raises Garbled."""
    try:
        name, *values = json.loads(content)
        if name == "Notice":
            (text,) = map(_text, values)
            return Notice(text)
        key, problem, solver, *numbers = values
        progress = RunProgress(_text(key), _text(problem), _text(solver), *map(_number, numbers))
    except Exception as error:  # whatever is wrong with bytes that anybody may have written
        raise Garbled(type(error).__name__) from None
    if name != "RunProgress" or not all(n >= 0 and isfinite(n) for n in (progress.seconds, progress.longest)):
        raise Garbled("it is no event")
    return progress


def _text(text: Any) -> str:
    """One line that a terminal shows as it is."""
    if not isinstance(text, str):
        raise Garbled("a text is wrong")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in readable(text, 1000))


def _number(number: Any) -> float:
    if type(number) not in (int, float):
        raise Garbled("a number is wrong")
    return float(number)
