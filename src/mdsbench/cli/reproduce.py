"""`mdsbench reproduce`: the fmin.xyz experiment, from the runs to the page."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import folder, whole_number, workers
from mdsbench.cli.film_options import add_figure_formats, add_film_options, setting_of
from mdsbench.system.machine import cores

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands
    from mdsbench.report.build import Progress
    from mdsbench.statistics.cost_model import Currency
    from mdsbench.statistics.results import Results

ORDER = 10

EXAMPLES = """examples:
  mdsbench                                  the whole experiment, animated, into reports/reproduction
  mdsbench reproduce --no-animation         the same without films, in half the time
  mdsbench reproduce --cities 6 --starts 5  a first look in seconds
  mdsbench reproduce --out /tmp/lecture     somewhere else
  mdsbench reproduce --solver newuoa --solver mine.py:my_solver
                                            with more solvers in the comparison
  mdsbench reproduce --film gd nelder-mead --labels large --size 1080p --speed 0.5
                                            plain Nelder-Mead in the films, for a lecture hall
  mdsbench reproduce --gradient-cost 4      a gradient counts as four function values
"""


def add_parser(commands: "Commands") -> None:
    """Add the command `reproduce`."""
    parser = commands.add_parser(
        "reproduce",
        help="repeat the fmin.xyz experiment: cities from distances, gradient descent against Nelder-Mead",
        description="Place European cities on a plane from their distances, by gradient descent and by Nelder-Mead, as "
        "published and by an honest protocol, and write a report: page, figures, animations, summary.json, runs.csv.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out",
        type=folder,
        default=Path("reports/reproduction"),
        metavar="DIR",
        help="folder of the report (default: %(default)s)",
    )
    parser.add_argument(
        "--cities",
        type=whole_number,
        nargs="+",
        default=[6, 15, 34],
        metavar="N",
        help="how many of the cities to place, one or more numbers from 4 to 34 (default: 6 15 34)",
    )
    parser.add_argument(
        "--starts",
        type=whole_number,
        default=20,
        metavar="K",
        help="random starts of each method and size (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=whole_number,
        default=0,
        metavar="S",
        help="random start k uses seed S + k (default: %(default)s)",
    )
    parser.add_argument(
        "--solver",
        action="append",
        default=[],
        metavar="NAME",
        help="a further solver for the honest protocol, from `mdsbench list solvers` or your own as path.py:name or "
        "module:name; may be given several times",
    )
    parser.add_argument(
        "--gradient-cost",
        default="1",
        metavar="W",
        help="how many function values a gradient counts as in the report: a positive number; 'dimension', one per "
        "variable; or 'measured', as many as take the same time on this machine (default: %(default)s)",
    )
    parser.add_argument("--no-animation", action="store_true", help="draw figures only")
    add_film_options(parser)
    add_figure_formats(parser)
    parser.add_argument(
        "--jobs",
        type=workers,
        default=cores(),
        metavar="J",
        help="runs at the same time, one process each (default: as many as cores, here %(default)s)",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Run the experiment, write its page, and print its table."""
    from mdsbench.report.build import reproduce

    try:
        with bars(["runs", *([] if options.no_animation else ["films"]), "page"]) as progress:
            results, currency = reproduce(
                options.out,
                cities=options.cities,
                starts=options.starts,
                seed=options.seed,
                rivals=options.solver,
                animated=not options.no_animation,
                jobs=options.jobs,
                arguments=options.arguments,
                gradient_cost=options.gradient_cost,
                progress=progress,
                setting=setting_of(options, ["mp4", "gif"], options.gradient_cost),
                film=options.film,
                formats=options.formats,
            )
    except KeyboardInterrupt:
        kept = f"the finished runs are kept in {options.out}, and the same command continues"
        raise KeyboardInterrupt(f"interrupted; {kept}") from None
    show(results, currency, options.out)


@contextmanager
def bars(stages: Sequence[str]) -> "Iterator[Progress]":
    """Show a bar per stage on the terminal, and else a line now and then.

    The block calls what it receives with a stage and the fraction done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    screen = Console(stderr=True)
    if not screen.is_terminal:
        with _log(stages) as progress:
            yield progress
        return
    columns = TextColumn("{task.description:<6}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=screen, transient=True) as shown:
        tasks = {stage: shown.add_task(stage, total=1, start=False) for stage in stages}

        def progress(stage: str, fraction: float) -> None:
            shown.start_task(tasks[stage])
            shown.update(tasks[stage], completed=fraction)

        yield progress


@contextmanager
def _log(stages: Sequence[str]) -> "Iterator[Progress]":
    from mdsbench.campaigns import log

    reached = dict.fromkeys(stages, 0.0)
    with log.lines(
        lambda: ", ".join(f"{stage} {fraction:.0%}" for stage, fraction in reached.items()),
        lambda: sum(reached.values()) / len(reached),
    ) as look:

        def progress(stage: str, fraction: float) -> None:
            reached[stage] = fraction
            look()

        yield progress


def show(results: "Results", currency: "Currency", out: Path) -> None:
    """Print the table of the results and where the page is."""
    from rich.console import Console

    from mdsbench.report import terminal

    console = Console()
    console.print(terminal.table(results, currency, console.width))
    for failure in terminal.failures(results):
        console.print(failure, markup=False, highlight=False, soft_wrap=True)
    console.print(f"the page: {out / 'index.html'}", markup=False, highlight=False, soft_wrap=True)
