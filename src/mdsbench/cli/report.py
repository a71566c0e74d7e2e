"""`mdsbench report`: the page of a reproduction, made from its store."""

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
        help="the page of a reproduction, made from its store",
        description="Write the report of the campaign `reproduction` in a store: page, figures, animations, "
        "summary.json, runs.csv. Nothing is run.",
    )
    parser.add_argument("store", type=file, metavar="STORE")
    parser.add_argument("--out", type=folder, required=True, metavar="DIR", help="folder of the report")
    parser.add_argument(
        "--gradient-cost",
        metavar="W",
        help="how many function values a gradient counts as: a positive number, 'dimension', or 'measured' "
        "(default: as when the campaign was run)",
    )
    parser.add_argument("--no-animation", action="store_true", help="draw figures only")
    add_film_options(parser)
    add_figure_formats(parser)
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Write the report and print its table."""
    from mdsbench.cli.reproduce import bars, show
    from mdsbench.report.build import report

    with bars(["films", "page"] if not options.no_animation else ["page"]) as progress:
        results, currency = report(
            options.store,
            options.out,
            animated=not options.no_animation,
            gradient_cost=options.gradient_cost,
            progress=progress,
            setting=setting_of(options, ["mp4", "gif"], options.gradient_cost),
            film=options.film,
            formats=options.formats,
        )
    show(results, currency, options.out)
