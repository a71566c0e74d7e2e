"""The command line: parsing and printing, nothing else.

The commands import what they need when they are called, so that `mdsbench --help` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from mdsbench.errors import Failure, UsageError
from mdsbench.version import __version__

# Threads of BLAS would keep those that compute the stress off the cores, and a run would depend on their number.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

EXAMPLES = """examples:
  mdsbench                                  the whole experiment, animated, into reports/reproduction
  mdsbench reproduce --no-animation         the same without films, in half the time
  mdsbench reproduce --cities 6 --starts 5  a first look in seconds
  mdsbench reproduce --out /tmp/lecture     somewhere else
  mdsbench reproduce --solver newuoa --solver mine.py:my_solver
                                            more methods in the same fight
  mdsbench reproduce --gradient-cost 4      a gradient counts as four function values
"""


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
    except BrokenPipeError:  # whoever read our output has seen enough
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
        epilog=EXAMPLES + "\nwithout a command: reproduce",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mdsbench {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    reproduce = commands.add_parser(
        "reproduce",
        help="repeat the fmin.xyz experiment: cities from distances, gradient descent against Nelder-Mead",
        description="Place European cities on a plane from their distances, by gradient descent and by Nelder-Mead, as "
        "published and by an honest protocol, and write a report: page, figures, animations, summary.json, runs.csv.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reproduce.add_argument(
        "--out",
        type=_folder,
        default=Path("reports/reproduction"),
        metavar="DIR",
        help="folder of the report (default: %(default)s)",
    )
    reproduce.add_argument(
        "--cities",
        type=_whole_number,
        nargs="+",
        default=[6, 15, 34],
        metavar="N",
        help="how many of the cities to place, one or more numbers from 4 to 34 (default: 6 15 34)",
    )
    reproduce.add_argument(
        "--starts",
        type=_whole_number,
        default=20,
        metavar="K",
        help="random starts of each method and size (default: %(default)s)",
    )
    reproduce.add_argument(
        "--seed",
        type=_whole_number,
        default=0,
        metavar="S",
        help="random start k uses seed S + k (default: %(default)s)",
    )
    reproduce.add_argument(
        "--solver",
        action="append",
        default=[],
        metavar="NAME",
        help="a further solver for the honest protocol, from `mdsbench list solvers` or your own as path.py:name or "
        "module:name; may be given several times",
    )
    reproduce.add_argument(
        "--gradient-cost",
        default="1",
        metavar="W",
        help="how many function values a gradient counts as in the report: a positive number; 'dimension', one for "
        "each variable; or 'measured', as many as take the same time on this machine (default: %(default)s)",
    )
    reproduce.add_argument("--no-animation", action="store_true", help="draw figures only")
    reproduce.add_argument(
        "--jobs",
        type=_positive_number,
        default=os.cpu_count() or 1,
        metavar="J",
        help="runs at the same time, one process each (default: as many as cores, here %(default)s)",
    )
    reproduce.set_defaults(command=_reproduce)
    _add_campaign_commands(commands)

    listing = commands.add_parser(
        "list",
        help="everything that there is: solvers, gradient sources, step rules, starts, problems",
        description="Print everything that there is to choose from, or one kind of it.",
    )
    listing.add_argument("kind", nargs="?", choices=["solvers", "sources", "steps", "starts", "problems"])
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(command=_list)

    check = commands.add_parser(
        "check-solver",
        help="hold a solver to what every solver promises",
        description="Run the contract's tests on a solver and print what holds and what not; exit code 1 if anything "
        "does not.",
        epilog="examples:\n  mdsbench check-solver adam\n  mdsbench check-solver 'gd(step=armijo)'\n"
        "  mdsbench check-solver mine.py:my_solver\n  mdsbench check-solver package.module:my_solver",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("solver", metavar="NAME", help="a name from `mdsbench list`, path.py:name or module:name")
    check.add_argument(
        "--seconds", type=_positive_number, default=60, metavar="S", help="for each test (default: %(default)s)"
    )
    check.set_defaults(command=_check_solver)
    return parser


def _add_campaign_commands(commands: "argparse._SubParsersAction[_Parser]") -> None:
    run = commands.add_parser(
        "run",
        help="run what is missing of a campaign: problems x solvers x starts",
        description="Run the cells of a campaign that its store has no run of yet. Interrupt it as you like: the same "
        "command goes on.",
    )
    run.add_argument(
        "campaign", metavar="CAMPAIGN", help="a TOML file, or a ready one: quick, scaling, reproduction, large"
    )
    run.add_argument("--store", type=Path, metavar="FILE", help="where the runs are kept (default: NAME.sqlite)")
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a key of the file, e.g. --set repetitions=3 --set 'solvers=[\"gd\"]'; once for each key",
    )
    run.add_argument("--dry-run", action="store_true", help="print the missing cells and how long they may take")
    run.add_argument("--rerun", choices=["failed"], help="run again what has failed")
    run.add_argument(
        "--jobs",
        type=_positive_number,
        metavar="J",
        help="worker processes, which share the cores "
        f"(default: what the campaign says, or as many as cores, here {os.cpu_count() or 1})",
    )
    where = run.add_mutually_exclusive_group()
    where.add_argument("--serial", action="store_true", help="in this process: nothing can kill a solver that hangs")
    where.add_argument(
        "--dask",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="on the Dask scheduler at ADDRESS; without one, on a Dask cluster of J workers here",
    )
    run.set_defaults(command=_run)

    status = commands.add_parser("status", help="how far the campaigns of a store are, and what failed")
    status.add_argument("store", type=Path, metavar="STORE")
    status.set_defaults(command=_status)

    export = commands.add_parser("export", help="write a store as CSV or Parquet")
    export.add_argument("store", type=Path, metavar="STORE")
    export.add_argument("--format", choices=["csv", "parquet"], default="csv", help="(default: %(default)s)")
    export.add_argument(
        "--table",
        choices=["runs", "improvements", "path"],
        default="runs",
        help="a row a run, a new lowest loss, or a snapshot (default: %(default)s)",
    )
    export.add_argument("--out", type=Path, metavar="FILE", help="(default: the store's name with the format's ending)")
    export.set_defaults(command=_export)

    draw = commands.add_parser(
        "draw",
        help="the maps in a store: pictures, and films of how they came about",
        description="Draw each run of places-N or of coordinates of your own: a picture of its map, PNG, and a film of "
        "its way there from the positions that the campaign has kept, MP4.",
    )
    draw.add_argument("store", type=Path, metavar="STORE")
    draw.add_argument("--out", type=_folder, default=Path("maps"), metavar="DIR", help="(default: %(default)s)")
    draw.add_argument("--no-animation", action="store_true", help="pictures only")
    draw.set_defaults(command=_draw)

    merge = commands.add_parser("merge", help="add the runs of store B to store A")
    merge.add_argument("into", type=Path, metavar="A")
    merge.add_argument("other", type=Path, metavar="B")
    merge.set_defaults(command=_merge)


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("takes the name of a folder")
    return Path(text)


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def _positive_number(text: str) -> int:
    number = _whole_number(text)
    if number < 1:
        raise argparse.ArgumentTypeError("takes 1 or more")
    return number


def _list(options: argparse.Namespace) -> None:
    import json

    from mdsbench.cli import list as catalogue

    kinds = [options.kind] if options.kind else list(catalogue.KINDS)
    found = {kind: catalogue.rows(kind) for kind in kinds}
    if options.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console()
    for kind, rows in found.items():
        console.print(catalogue.table(kind, rows))


def _check_solver(options: argparse.Namespace) -> None:
    from rich.console import Console

    from mdsbench import testing

    console = Console(highlight=False, soft_wrap=True)
    broken = 0
    for promise, fault in testing.examine(options.solver, seconds=options.seconds):
        broken += bool(fault)
        console.print(f"[red]✗[/red] {promise}: " if fault else f"[green]✓[/green] {promise}", end="")
        console.print(fault.strip(), markup=False)
    kept = len(testing.CHECKS) - broken
    console.print(f"{options.solver} keeps {kept} of {len(testing.CHECKS)} promises", markup=False)
    if broken:
        raise Failure(f"{options.solver} breaks {broken} of {len(testing.CHECKS)} promises")


def _reproduce(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    from mdsbench.report import terminal
    from mdsbench.report.build import reproduce

    columns = TextColumn("{task.description:<6}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bars:
        stages = ["runs", *([] if options.no_animation else ["films"]), "page"]
        tasks = {stage: bars.add_task(stage, total=1, start=False) for stage in stages}

        def progress(stage: str, fraction: float) -> None:
            bars.start_task(tasks[stage])
            bars.update(tasks[stage], completed=fraction)

        try:
            outcomes, currency = reproduce(
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
            )
        except KeyboardInterrupt:
            raise KeyboardInterrupt("interrupted; what stood in the output folder is as it was") from None
    console = Console()
    console.print(terminal.table(outcomes, currency))
    for failure in terminal.failures(outcomes):
        console.print(failure, markup=False, highlight=False, soft_wrap=True)
    console.print(f"the page: {options.out / 'index.html'}", highlight=False, soft_wrap=True)


def _run(options: argparse.Namespace) -> None:
    from mdsbench.campaigns import driver_commands

    driver_commands.run(
        options.campaign,
        options.store,
        overrides=options.set,
        dry_run=options.dry_run,
        rerun_failed=options.rerun == "failed",
        jobs=options.jobs,
        serial=options.serial,
        dask=options.dask,
    )


def _status(options: argparse.Namespace) -> None:
    from mdsbench.campaigns import driver_commands

    driver_commands.status(options.store)


def _export(options: argparse.Namespace) -> None:
    from mdsbench.exporters.tables import export

    out = options.out or options.store.with_name(f"{options.store.stem}-{options.table}.{options.format}")
    rows = export(options.store, out, format=options.format, table=options.table)
    print(f"{out}: {rows} rows")


def _draw(options: argparse.Namespace) -> None:
    from mdsbench.report.gallery import draw

    left_out = draw(
        options.store, options.out, animated=not options.no_animation, made=lambda path: print(path, flush=True)
    )
    for reason, runs in left_out.items():
        print(f"{runs} not drawn: {reason}", file=sys.stderr)


def _merge(options: argparse.Namespace) -> None:
    from mdsbench.campaigns import driver_commands

    driver_commands.merge(options.into, options.other)
