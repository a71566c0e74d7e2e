"""`mdsbench draw`: the maps in a store, as pictures and films."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file, folder
from mdsbench.cli.film_options import add_film_options, add_formats, setting_of
from mdsbench.errors import UsageError

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands
    from mdsbench.report.films.setting import Setting

ORDER = 50


def add_parser(commands: "Commands") -> None:
    """Add the command `draw`."""
    parser = commands.add_parser(
        "draw",
        help="the maps in a store: pictures, and films of how they came about",
        description="Draw each run of places-N or of coordinates of your own: a picture of its map, PNG, and a film of "
        "its way there from the positions that the campaign has kept. With --film, "
        "only one film is made: of these solvers side by side.",
    )
    parser.add_argument("store", type=file, metavar="STORE")
    parser.add_argument("--out", type=folder, default=Path("maps"), metavar="DIR", help="(default: %(default)s)")
    parser.add_argument("--no-animation", action="store_true", help="pictures only")
    add_film_options(parser)
    add_formats(parser)
    parser.add_argument("--problem", metavar="NAME", help="of --film (default: the largest that its solvers share)")
    parser.add_argument("--start", metavar="NAME", help="of --film (default: the first that its solvers share)")
    parser.add_argument(
        "--gradient-cost",
        metavar="W",
        help="of --clock cost: how many function values a gradient counts as, a positive number or 'dimension' "
        "(default: 1)",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Draw the maps and print the name of each file when it is written."""
    setting = setting_of(options, options.formats, options.gradient_cost)
    if options.film:
        _film(options, setting)
        return
    if options.problem or options.start:
        raise UsageError("--problem and --start choose the runs of a film: name its solvers with --film")
    from mdsbench.report.gallery import draw

    left_out = draw(
        options.store,
        options.out,
        animated=not options.no_animation,
        setting=setting,
        made=lambda path: print(path, flush=True),
    )
    for reason, runs in left_out.items():
        print(f"{runs} not drawn: {reason}", file=sys.stderr)


def _film(options: argparse.Namespace, setting: "Setting") -> None:
    """Make one film of the solvers that were chosen."""
    if options.no_animation:
        raise UsageError("--film makes a film and --no-animation none: leave one out")
    from mdsbench.report.films.choice import Choice
    from mdsbench.report.gallery import film

    choice = Choice.parse(options.film, options.problem, options.start)
    for path in film(options.store, choice, options.out, setting):
        print(path)
