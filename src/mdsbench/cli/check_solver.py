"""`mdsbench check-solver`: whether a solver keeps what every solver promises."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import seconds

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 80


def add_parser(commands: "Commands") -> None:
    """Add the command `check-solver`."""
    parser = commands.add_parser(
        "check-solver",
        help="hold a solver to what every solver promises",
        description="Run the contract's tests on a solver and print which promises it keeps. The exit code is 1 if it "
        "breaks one.",
        epilog="examples:\n  mdsbench check-solver adam\n  mdsbench check-solver 'gd(step=armijo)'\n"
        "  mdsbench check-solver mine.py:my_solver\n  mdsbench check-solver package.module:my_solver",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "solver", metavar="NAME", help="a name from `mdsbench list solvers`, path.py:name or module:name"
    )
    parser.add_argument(
        "--seconds", type=seconds, default=60, metavar="S", help="limit of each test (default: %(default)s)"
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Examine the solver and print each promise."""
    from mdsbench import testing
    from mdsbench.cli.promises import print_promises

    print_promises(options.solver, testing.examine(options.solver, seconds=options.seconds))
    if audit := testing.audit(options.solver, seconds=options.seconds):
        print(f"audit: {audit}")
    if advice := testing.advice(options.solver, seconds=options.seconds):
        print(f"advice: {advice}")
