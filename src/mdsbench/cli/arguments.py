"""Types of arguments that several commands share; argparse reports what they raise."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from mdsbench.system.bounds import INTEGERS, MOST_JOBS, MOST_SECONDS
from mdsbench.system.text import brief

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[Any]


def file(text: str) -> Path:
    """The path of a file, which may not exist yet."""
    path = _path(text, "file")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{brief(text)} is a folder; give the name of a file")
    return path


def folder(text: str) -> Path:
    """The path of a folder, which may not exist yet."""
    return _path(text, "folder")


def _path(text: str, wanted: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError(f"takes the name of a {wanted}")
    try:
        os.lstat(text)
    except (FileNotFoundError, PermissionError):  # the command makes it, or reports what is missing
        pass
    except NotADirectoryError:
        raise argparse.ArgumentTypeError(f"{brief(text)} goes through a file as if it were a folder") from None
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{brief(text)}: {error.strerror}") from None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{brief(text)} contains a NUL character") from None
    return Path(text)


def whole_number(text: str) -> int:
    """A whole number, 0 or more."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{brief(text)} is not a whole number from 0 on")
    if len(text.lstrip("0")) > len(str(INTEGERS[-1])) or int(text.lstrip("0") or "0") not in INTEGERS:
        raise argparse.ArgumentTypeError(f"{brief(text, 40)} is above 2^63 - 1")
    return int(text.lstrip("0") or "0")


def positive_number(text: str) -> int:
    """A whole number, 1 or more."""
    number = whole_number(text)
    if number < 1:
        raise argparse.ArgumentTypeError("takes 1 or more")
    return number


def workers(text: str) -> int:
    """A number of worker processes."""
    number = positive_number(text)
    if number > MOST_JOBS:
        raise argparse.ArgumentTypeError(f"takes 1 to {MOST_JOBS:,}")
    return number


def seconds(text: str) -> int:
    """A time limit."""
    number = positive_number(text)
    if number > MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"takes 1 to {MOST_SECONDS:,}")
    return number


def add_question(parser: argparse.ArgumentParser, prices: str) -> None:
    """Add the options that say which targets are asked for, and what counts as cost."""
    parser.add_argument(
        "--target",
        nargs="+",
        action="extend",
        metavar="GAP",
        help="relative gaps (f - f*) / (f0 - f*) to reach, between 0 and 1 (default: 0.01 1e-6)",
    )
    parser.add_argument(
        "--cost",
        choices=["calls", "pairs", "seconds"],
        default="calls",
        help="what is counted: values and gradients, pairs of points touched, or seconds (default: %(default)s)",
    )
    parser.add_argument(
        "--gradient-cost", metavar="W", help=f"how many function values a gradient counts as: {prices} (default: 1)"
    )
