"""The standard streams of the process: any encoding, closed ones, full ones."""

import io
import os
import sys
from contextlib import suppress

from mdsbench.system.text import speak_any_encoding


def prepare() -> bool:
    """Make the streams fit for any text; returns whether there is a standard output.

    A closed descriptor is opened on the null device. Otherwise the next file that is opened, perhaps a store, would
    take its number and receive what is printed.
    """
    is_open = sys.stdout is not None
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        speak_any_encoding(stream)
    return is_open


def abandon_output() -> None:
    """Let what is printed from now on, and what could not be written, go nowhere."""
    with suppress(OSError, ValueError, io.UnsupportedOperation):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def is_unicode() -> bool:
    """Whether standard output can say every character."""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")
