"""`mdsbench report`: the page of a store."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file, folder
from mdsbench.cli.film_options import add_figure_formats, add_film_options, setting_of

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 15


def add_parser(commands: "Commands") -> None:
    """Add the command `report`."""
    parser = commands.add_parser(
        "report",
        help="the page of a store: to explore, to show, to print",
        description="Write one file, index.html, that shows the runs of a store and needs nothing else. Beside the "
        "page of a reproduction stand its figures, animations, summary.json and runs.csv. Nothing is run.",
    )
    parser.add_argument("store", type=file, metavar="STORE")
    parser.add_argument("--out", type=folder, required=True, metavar="DIR", help="folder of the report")
    parser.add_argument(
        "--gradient-cost",
        metavar="W",
        help="how many function values a gradient counts as: a positive number, 'dimension', or 'measured' "
        "(default: 1, or as when the reproduction was run)",
    )
    parser.add_argument("--no-animation", action="store_true", help="no films beside the page of a reproduction")
    parser.add_argument("--campaign", metavar="NAME", help="only this campaign of the store")
    add_film_options(parser)
    add_figure_formats(parser)
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Write the page; print the table of a reproduction, and where the page is."""
    from mdsbench.cli.reproduce import bars, show
    from mdsbench.report.build import report
    from mdsbench.system.text import printable

    with bars(["films", "page"] if not options.no_animation else ["page"]) as progress:
        made = report(
            options.store,
            options.out,
            campaign=options.campaign,
            animated=not options.no_animation,
            gradient_cost=options.gradient_cost,
            progress=progress,
            setting=setting_of(options, ["mp4", "gif"], options.gradient_cost),
            film=options.film,
            formats=options.formats,
        )
    if made:
        show(*made, options.out)
    else:
        print(f"the page: {printable(str(options.out / 'index.html'))}")
