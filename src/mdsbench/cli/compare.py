"""`mdsbench compare`: is a solver, or everything in a store, better, the same or worse than it was?"""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import add_question

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 26


def add_parser(commands: "Commands") -> None:
    """Add the command `compare`."""
    parser = commands.add_parser(
        "compare",
        help="whether the runs of B are better, the same or worse than those of A",
        description="Compare two stores, or two solvers or versions, in pairs of runs of the same cell: problem, "
        "start, seed and limits. Exit code 1 if a comparison shows that B is worse. Seconds decide nothing.",
    )
    where = "STORE, or STORE:SOLVER for one solver or version, such as a.sqlite:gd@2"
    parser.add_argument("first", metavar="A", help=where)
    parser.add_argument("second", metavar="B", help="the same; compared with A")
    add_question(parser, "a positive number, or 'dimension'")
    parser.add_argument(
        "--margin",
        type=_margin,
        default=0.05,
        metavar="M",
        help="a cost up to 1 + M times that of A is as good (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="everything, for programs")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Print the comparison; raises Failure if B is shown to be worse."""
    import json

    from rich.console import Console

    from mdsbench.errors import Failure
    from mdsbench.report.comparison_of_stores import Side, compared, records, rendered, worse
    from mdsbench.statistics.question import SECONDS, Question
    from mdsbench.statistics.wording import plural

    question = Question.parse(options.target, options.cost, options.gradient_cost)
    found = compared(Side.parse(options.first), Side.parse(options.second), question, options.margin)
    if options.json:
        print(json.dumps(records(found, question, options.margin), indent=1, allow_nan=False, ensure_ascii=False))
    else:
        print(rendered(found, question, options.margin, Console().width))
    if question.cost != SECONDS and (count := worse(found.rows)):
        raise Failure(f"B is worse in {count} of {plural(len(found.rows), 'comparison')}")


def _margin(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 10:
        raise argparse.ArgumentTypeError("takes a number from 0 on, such as 0.05 for 5 %")
    return number
