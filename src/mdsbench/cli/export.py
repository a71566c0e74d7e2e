"""`mdsbench export`: a store as a table for other programs."""

import argparse
import sys
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 40


def add_parser(commands: "Commands") -> None:
    """Add the command `export`."""
    parser = commands.add_parser("export", help="write a store as CSV or Parquet")
    parser.add_argument("store", type=file, metavar="STORE")
    parser.add_argument("--format", choices=["csv", "parquet"], default="csv", help="(default: %(default)s)")
    parser.add_argument(
        "--table",
        choices=["runs", "improvements", "path"],
        default="runs",
        help="one row per run, per new lowest loss, or per snapshot (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=file,
        metavar="FILE",
        help="- is standard output (default: the store's name with the format's ending)",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Write the table and print where it is."""
    from mdsbench.exporters.tables import export, is_standard_output
    from mdsbench.system.publish import plain_file

    plain_file(options.store, "STORE")
    out = options.out or options.store.with_name(f"{options.store.stem}-{options.table}.{options.format}")
    rows = export(options.store, out, format=options.format, table=options.table)
    print(f"{out}: {rows} rows", file=sys.stderr if is_standard_output(out) else sys.stdout)
