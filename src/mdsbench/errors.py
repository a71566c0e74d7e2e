"""The two ways in which a person's request can fail, and the words for what others' code raises.

The command line prints the message of the first two and nothing else.
"""

import traceback
from pathlib import Path

LONGEST = 2_000  # characters of a message from others' code


class UsageError(ValueError):
    """The request makes no sense as it stands: the message says what to ask instead. Exit code 2."""


class Failure(RuntimeError):
    """The request was sensible and the world did not oblige: the message says why. Exit code 1."""


def in_words(error: BaseException) -> str:
    """What an exception of others' code says and where it was raised, in one line that every encoding can write."""
    frames = traceback.extract_tb(error.__traceback__)
    where = next(
        (frame for frame in reversed(frames) if "mdsbench" not in frame.filename), frames[-1] if frames else None
    )
    place = f" ({Path(where.filename).name}, line {where.lineno})" if where else ""
    try:
        said = " ".join(str(error).split())
    except Exception:
        said = "its message cannot be read"
    return writable(f"{type(error).__name__}: {said}{place}" if said else f"{type(error).__name__}{place}")


def writable(text: str, longest: int = LONGEST) -> str:
    """The text without what UTF-8 cannot say, and no longer than that."""
    text = text if len(text) <= longest else f"{text[: longest - 3]}..."
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
