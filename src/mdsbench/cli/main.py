"""The command line: finds the command, runs it, and turns its failure into one line and an exit code.

Each command is a file of this package with a function `add_parser(commands)`. It adds the command's parser and sets the
default `command`, a function of the parsed options. The attribute ORDER gives the command's place in the help; a
command without one comes last. A command imports heavy libraries inside its function, so that `--help` answers at once.
"""

import argparse
import os
import pkgutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from mdsbench import cli
from mdsbench.cli import reproduce, streams
from mdsbench.errors import Failure, UsageError
from mdsbench.system.text import printable, shortened
from mdsbench.version import __version__

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

LONGEST = 1_000  # characters of a line about a mistake

# Threads of BLAS would compete with those that compute the stress, and a run would depend on their number.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class _Parser(argparse.ArgumentParser):
    """Reports a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        _say(f"{self.prog}: {message}", end=f" (see {self.prog} --help)")
        sys.exit(2)

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Print the help, and raise OSError where argparse would be silent."""
        if message:
            (file or sys.stderr).write(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 for a failure, 2 for a request that makes no sense."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not streams.prepare():
        return _complain("standard output is closed: send it to a file or to /dev/null", 1)
    try:
        return _flushed(_run(given))
    except SystemExit as ended:  # argparse has printed its help, or a mistake
        ended.code = _flushed(ended.code if isinstance(ended.code, int) else 0)
        raise


def _run(given: list[str]) -> int:
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given = ["reproduce", *given]
    try:
        options = _parser().parse_args(given)
        os.environ.update(ONE_THREAD | os.environ)  # read by the libraries when a command imports them
        options.arguments = given
        options.command(options)
    except UsageError as error:
        return _complain(str(error), 2)
    except Failure as error:
        return _complain(str(error), 1)
    except BrokenPipeError:  # the reader of our output has closed it
        streams.abandon_output()
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _complain(f"{error.strerror or error}{where}", 1)
    except MemoryError:
        return _complain("there is not enough memory for this", 1)
    except KeyboardInterrupt as interrupt:
        return _complain(str(interrupt) or "interrupted", 130)
    return 0


def _flushed(code: int) -> int:
    """The exit code, after all output is written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        streams.abandon_output()
    except OSError as error:
        streams.abandon_output()
        return _complain(f"cannot write to standard output: {error.strerror}", 1) if code == 0 else code
    return code


def _complain(message: str, code: int) -> int:
    _say(f"mdsbench: {message}")
    return code


def _say(message: str, end: str = "") -> None:
    """One line on standard error, whatever the message contains; nothing if nobody can be reached there."""
    with suppress(OSError):
        print(f"{shortened(printable(message.strip()), LONGEST)}{end}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mdsbench",
        description="What is a gradient worth? Gradient against derivative-free optimisation, on maps from distances.",
        epilog=reproduce.EXAMPLES + "\nwithout a command: reproduce",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mdsbench {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands():
        command.add_parser(subparsers)
    return parser


def commands() -> list[ModuleType]:
    """The files of this package that hold a command, in the order of the help."""
    files = [import_module(f"{cli.__name__}.{file.name}") for file in pkgutil.iter_modules(cli.__path__)]
    found = [file for file in files if hasattr(file, "add_parser")]
    return sorted(found, key=lambda file: (getattr(file, "ORDER", 1000), file.__name__))
