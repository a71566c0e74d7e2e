"""Types of arguments that several commands share; argparse reports what they raise."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[Any]


def folder(text: str) -> Path:
    """The path of a folder, which may not exist yet."""
    if not text:
        raise argparse.ArgumentTypeError("takes the name of a folder")
    return Path(text)


def whole_number(text: str) -> int:
    """A whole number, 0 or more."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def positive_number(text: str) -> int:
    """A whole number, 1 or more."""
    number = whole_number(text)
    if number < 1:
        raise argparse.ArgumentTypeError("takes 1 or more")
    return number
