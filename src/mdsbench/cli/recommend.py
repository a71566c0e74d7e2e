"""`mdsbench recommend`: which solver to take for your own function."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file, positive_number, whole_number, workers
from mdsbench.system.machine import cores

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands
    from mdsbench.statistics.recommendation import Recommendation
    from mdsbench.store.frames import Traces

ORDER = 75

EXAMPLES = """examples:
  mdsbench recommend simulator.py:loss --dimension 40 --budget 2000
  mdsbench recommend 'simulator.py:loss(dimension=40, jac=gradient)' --starts 10
  mdsbench recommend simulator.py:loss --dimension 40 --solver newuoa --solver 'l-bfgs-b[forward-difference]'
"""


def add_parser(commands: "Commands") -> None:
    """Add the command `recommend`."""
    parser = commands.add_parser(
        "recommend",
        help="try the solvers that fit a function of your own, and say which one to take",
        description="Run the solvers that fit what a function gives, from a few starts each, and say which one to "
        "take, whether the runner-up can be told apart from it, and what a gradient is worth.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("problem", metavar="FUNCTION", help="FILE.py:NAME or module:NAME, with options if wanted")
    parser.add_argument("--dimension", type=whole_number, metavar="N", help="the number of variables")
    parser.add_argument(
        "--budget",
        type=positive_number,
        default=1000,
        metavar="CALLS",
        help="the largest number of calls of a run: values and gradients (default: %(default)s)",
    )
    parser.add_argument(
        "--starts", type=positive_number, default=5, metavar="K", help="starts of each solver (default: %(default)s)"
    )
    parser.add_argument(
        "--start",
        default="",
        metavar="NAME",
        help="where runs begin, from `mdsbench list starts`, instead of: the "
        "function's own starts, points around its x0, a Latin hypercube within its bounds, or the unit cube",
    )
    parser.add_argument(
        "--solver", action="append", default=[], metavar="NAME", help="only this solver; may be given several times"
    )
    parser.add_argument(
        "--gap",
        default="0.01",
        metavar="GAP",
        help="the goal: the part of the way from the start to the lowest value found that may be left "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--jobs", type=workers, metavar="J", help=f"runs at the same time (default: as many as cores, here {cores()})"
    )
    parser.add_argument("--store", type=file, metavar="FILE", help="keep the runs in this store, and go on from there")
    parser.add_argument("--json", action="store_true", help="print the recommendation as JSON")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Run the campaign and print the recommendation."""
    import sys
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from mdsbench.campaigns import recommendation
    from mdsbench.campaigns.progress import progress
    from mdsbench.statistics.question import Question
    from mdsbench.statistics.wording import plural

    (gap,) = Question.parse(targets=[options.gap]).targets
    tried = recommendation.trial(
        options.problem,
        dimension=options.dimension,
        budget=options.budget,
        starts=options.starts,
        solvers=options.solver,
        start=options.start,
    )
    most = len(tried.plan.cells) * options.budget
    print(
        f"{plural(len(tried.solvers), 'solver')} from {plural(options.starts, 'start')} {tried.start}, at most "
        f"{options.budget:,} calls a run, {most:,} in all",
        file=sys.stderr,
        flush=True,
    )
    recommendation.check(tried)
    with TemporaryDirectory(prefix="mdsbench-") as folder:
        path = options.store or Path(folder) / "recommendation.sqlite"
        found, traces = recommendation.recommend(tried, path, gap, jobs=options.jobs, progress=progress)
        if options.json:
            import json

            print(json.dumps(found.as_json(), indent=2))
            return
        _show(found, traces, gap)


def _show(found: "Recommendation", traces: "Traces", gap: float) -> None:
    """Print the table of the solvers, the recommendation in words, and what must be known beside it."""
    from rich.console import Console

    from mdsbench.report.results_table import rendered
    from mdsbench.statistics.answer import answer
    from mdsbench.statistics.question import Question

    said = answer(*traces, Question(targets=(gap,)), told=False)
    console = Console()
    print(f"{rendered(said._replace(floors=[]), console.width, short=True)}\n")
    for sentence in [*found.sentences(), *said.notes]:
        console.print(sentence, markup=False, highlight=False)
