"""`mdsbench check-problem`: whether a problem keeps what every problem promises."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import seconds

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 90


def add_parser(commands: "Commands") -> None:
    """Add the command `check-problem`."""
    parser = commands.add_parser(
        "check-problem",
        help="hold a problem to what every problem promises",
        description="Say what a problem gives, how long a call takes and how noisy it is. Then run the contract's "
        "tests and print which promises it keeps. The exit code is 1 if it breaks one.",
        epilog="examples:\n  mdsbench check-problem cities-6\n  mdsbench check-problem 'cities(n=6, loss=absolute)'\n"
        "  mdsbench check-problem 'simulator.py:loss(dimension=40)'\n"
        "  mdsbench check-problem mine.py:my_problem\n  mdsbench check-problem package.module:my_problem",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "problem", metavar="NAME", help="a name from `mdsbench list problems`, path.py:name or module:name"
    )
    parser.add_argument(
        "--seconds", type=seconds, default=60, metavar="S", help="limit of each test (default: %(default)s)"
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Examine the problem and print each promise, and what it was found to be."""
    from mdsbench import testing
    from mdsbench.cli.promises import print_promises
    from mdsbench.errors import UsageError
    from mdsbench.system.text import printable

    try:
        for sentence in testing.describe_problem(options.problem, seconds=options.seconds):
            print(printable(sentence), flush=True)
    except UsageError:
        pass  # the promises below say why
    print_promises(options.problem, testing.examine_problem(options.problem, seconds=options.seconds))
