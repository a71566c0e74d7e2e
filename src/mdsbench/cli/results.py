"""`mdsbench results`: who arrives, at which cost, and what that says, from the runs of a store."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import add_question, file, folder
from mdsbench.cli.film_options import add_figure_formats

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 25


def add_parser(commands: "Commands") -> None:
    """Add the command `results`."""
    parser = commands.add_parser(
        "results",
        help="who arrives, at which cost, and what a gradient is worth, from the runs of a store",
        description="For each problem and target: the solvers, the runs that arrived, the expected running time, and "
        "which solvers cannot be told apart; then the verdict in sentences. Nothing is run.",
    )
    parser.add_argument("store", type=file, metavar="STORE")
    add_question(parser, "a positive number, 'dimension', or 'measured' on this machine")
    for what in ("problem", "solver"):
        parser.add_argument(
            f"--{what}",
            action="append",
            metavar="PATTERN",
            help=f"only the {what}s with such names, e.g. '{'cities-*' if what == 'problem' else 'gd*'}'; * is any "
            "text, ? any character; may be repeated",
        )
    parser.add_argument("--full", action="store_true", help="every problem and the whole verdict, however long")
    out = parser.add_mutually_exclusive_group()
    out.add_argument("--json", action="store_true", help="everything, for programs")
    out.add_argument("--csv", action="store_true", help="the table, for spreadsheets")
    out.add_argument(
        "--held-out",
        action="store_true",
        help="instead, how good trained models are on observations that they were not trained on",
    )
    parser.add_argument(
        "--figures", type=folder, metavar="DIR", help="draw profiles and curves into this folder as well"
    )
    add_figure_formats(parser)
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Print the results of a store."""
    import json

    from rich.console import Console

    from mdsbench.report import results_of_store, results_table
    from mdsbench.statistics.question import Question

    if options.held_out:
        _print_held_out(options.store)
        return
    question = Question.parse(options.target, options.cost, options.gradient_cost, options.problem, options.solver)
    if options.figures:
        results_of_store.check_figures(question)
    stored = results_of_store.read(options.store)
    answer = results_of_store.answered(stored, question)
    if options.json:
        print(json.dumps(results_table.records(answer), indent=1, allow_nan=False, ensure_ascii=False))
    elif options.csv:
        print(results_table.csv(answer), end="")
    else:
        print(results_table.rendered(answer, Console().width, full=options.full))
    if options.figures:
        every = options.target is None
        for path in results_of_store.figures(
            stored, question, options.figures, every_target=every, formats=options.formats
        ):
            print(path, file=sys.stderr if options.json or options.csv else sys.stdout)


def _print_held_out(path: Path) -> None:
    """Print the scores of the models of a store; raises Failure if it has none."""
    from rich.console import Console

    from mdsbench.errors import Failure
    from mdsbench.report.held_out_table import rendered
    from mdsbench.store.held_out import held_out
    from mdsbench.store.store import Store

    with Store.read(path) as store:
        scores = held_out(store)
    if scores.empty:
        raise Failure(f"{path} has no run of a model with a test: mdsbench run training makes some")
    print(rendered(scores, Console().width))
