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
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from mdsbench import cli
from mdsbench.cli import reproduce
from mdsbench.errors import Failure, UsageError
from mdsbench.version import __version__

# Threads of BLAS would compete with those that compute the stress, and a run would depend on their number.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class _Parser(argparse.ArgumentParser):
    """Reports a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 for a failure, 2 for a request that makes no sense."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given = ["reproduce", *given]
    options = _parser().parse_args(given)
    os.environ.update(ONE_THREAD | os.environ)  # read by the libraries when a command imports them
    options.arguments = given
    try:
        options.command(options)
    except UsageError as error:
        return _complain(str(error), 2)
    except Failure as error:
        return _complain(str(error), 1)
    except BrokenPipeError:  # the reader of our output has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _complain(f"{error.strerror or error}{where}", 1)
    except KeyboardInterrupt as interrupt:
        return _complain(str(interrupt) or "interrupted", 130)
    return 0


def _complain(message: str, code: int) -> int:
    print(f"mdsbench: {message}", file=sys.stderr)
    return code


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
