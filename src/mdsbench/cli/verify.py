"""`mdsbench verify`: whether a page says what its store says."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 16
SHOWN = 20  # differences of a kind


def add_parser(commands: "Commands") -> None:
    """Add the command `verify`."""
    parser = commands.add_parser(
        "verify",
        help="whether a page says what its store says",
        description="Compute every number of a page that `mdsbench report` has made from the store again, and print "
        "what differs. Exit code 1 if anything does.",
    )
    parser.add_argument("page", type=file, metavar="PAGE", help="its file, such as report/index.html")
    parser.add_argument("store", type=file, metavar="STORE")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Print the differences; raises Failure if there are any."""
    from mdsbench.errors import Failure
    from mdsbench.report.verification import verify
    from mdsbench.statistics.wording import plural
    from mdsbench.system.text import printable

    found = verify(options.page, options.store)
    lines = [f"{what}: {'; '.join(parts)}" for what, parts in found.runs.items()]
    lines = _some([f"run {line}" for line in lines], "runs")
    lines += _some([_text(query, *sides) for query, sides in found.texts.items()], "texts")
    lines += _some(found.others, "names")
    for line in lines:
        print(printable(line))
    if not found.equal:
        counts = {"run": len(found.runs), "text": len(found.texts), "name": len(found.others)}
        told = ", ".join(plural(count, kind) for kind, count in counts.items() if count)
        raise Failure(f"{options.page} differs from {options.store}: {told}")
    print(f"{plural(found.numbers, 'number')} compared: all equal")


def _some(lines: list[str], kind: str) -> list[str]:
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"... and {more:,} more {kind}"]


def _text(query: str, here: str | None, there: str | None) -> str:
    """A text that differs, with what it is about."""
    import json

    told = json.loads(query)
    about = ", ".join(f"{name} {value}" for name, value in told.items() if name != "of")
    sides = [f"page: {here}" if here is not None else "not in the page"]
    sides += [f"store: {there}" if there is not None else "not from the store"]
    return f"{told.get('of', '')} ({about}): {'; '.join(sides)}"
