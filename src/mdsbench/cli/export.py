"""`mdsbench export`: a store as a table, or in COCO's format, for other programs."""

import argparse
import sys
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file, folder
from mdsbench.errors import UsageError

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 40


def add_parser(commands: "Commands") -> None:
    """Add the command `export`."""
    parser = commands.add_parser("export", help="write a store as CSV, Parquet or COCO's data")
    parser.add_argument("store", type=file, metavar="STORE")
    parser.add_argument(
        "--format",
        choices=["csv", "parquet", "coco"],
        default="csv",
        help="coco is a folder that COCO's post-processing reads, gradients in its second count (default: %(default)s)",
    )
    parser.add_argument(
        "--table",
        choices=["runs", "improvements", "path", "held-out"],
        help="one row per run, per new lowest loss, per snapshot, or per run of a model with its test (default: runs)",
    )
    parser.add_argument(
        "--out",
        type=folder,
        metavar="FILE",
        help="a new folder for coco; - is standard output (default: the store's name with the format's ending)",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Write the table and print where it is."""
    from mdsbench.system.publish import plain_file

    plain_file(options.store, "STORE")
    if options.format == "coco":
        _coco(options)
        return
    from mdsbench.exporters.tables import export, is_standard_output

    table = options.table or "runs"
    out = options.out or options.store.with_name(f"{options.store.stem}-{table}.{options.format}")
    rows = export(options.store, out, format=options.format, table=table)
    print(f"{out}: {rows} rows", file=sys.stderr if is_standard_output(out) else sys.stdout)


def _coco(options: argparse.Namespace) -> None:
    from mdsbench.exporters.coco import NAMES, export_coco
    from mdsbench.exporters.tables import is_standard_output

    if options.table:
        raise UsageError("COCO's format is runs with their improvements: leave out --table")
    out = options.out or options.store.with_name(f"{options.store.stem}-coco")
    if is_standard_output(out):
        raise UsageError("COCO's format is a folder: give its name with --out")
    print(f"{out}: {export_coco(options.store, out)} runs; {out / NAMES} says what stands for what")
