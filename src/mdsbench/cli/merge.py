"""`mdsbench merge`: add the runs of one store to another."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file
from mdsbench.errors import UsageError

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 60


def add_parser(commands: "Commands") -> None:
    """Add the command `merge`."""
    parser = commands.add_parser("merge", help="add the runs of store B to store A")
    parser.add_argument("into", type=file, metavar="A")
    parser.add_argument("other", type=file, metavar="B")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Add the runs and print how many are new."""
    from mdsbench.store.merge import merge
    from mdsbench.store.salvage import store_or_salvage
    from mdsbench.store.store import Store
    from mdsbench.system.publish import plain_file

    into, other = options.into, options.other
    if not plain_file(into, "A").is_file():
        raise UsageError(f"there is no store {into}")
    with store_or_salvage(into) as ours, Store.read(other) as theirs:
        new, both = merge(ours, theirs)
        print(f"{into}: {new} runs added from {other}, {both} were in both and agree")
