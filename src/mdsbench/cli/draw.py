"""`mdsbench draw`: the maps in a store, as pictures and films."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file, folder

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 50


def add_parser(commands: "Commands") -> None:
    """Add the command `draw`."""
    parser = commands.add_parser(
        "draw",
        help="the maps in a store: pictures, and films of how they came about",
        description="Draw each run of places-N or of coordinates of your own: a picture of its map, PNG, and a film of "
        "its way there from the positions that the campaign has kept, MP4.",
    )
    parser.add_argument("store", type=file, metavar="STORE")
    parser.add_argument("--out", type=folder, default=Path("maps"), metavar="DIR", help="(default: %(default)s)")
    parser.add_argument("--no-animation", action="store_true", help="pictures only")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Draw the maps and print the name of each file when it is written."""
    from mdsbench.report.gallery import draw

    left_out = draw(
        options.store, options.out, animated=not options.no_animation, made=lambda path: print(path, flush=True)
    )
    for reason, runs in left_out.items():
        print(f"{runs} not drawn: {reason}", file=sys.stderr)
