"""`mdsbench list`: everything that is registered, as tables or as JSON."""

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mdsbench.cli import streams
from mdsbench.errors import UsageError
from mdsbench.registry.registry import (
    DERIVATIVE_FREE,
    PROBLEMS,
    SOLVERS,
    SOURCES,
    STARTS,
    STEPS,
    VARIANTS,
    Entry,
    Registry,
)

if TYPE_CHECKING:
    from rich.table import Table

    from mdsbench.cli.arguments import Commands

ORDER = 70

KINDS: dict[str, Registry] = {
    "solvers": SOLVERS,
    "sources": SOURCES,
    "steps": STEPS,
    "starts": STARTS,
    "problems": PROBLEMS,
    "variants": VARIANTS,
}


def add_parser(commands: "Commands") -> None:
    """Add the command `list`."""
    parser = commands.add_parser(
        "list",
        help="everything that there is: solvers, gradient sources, step rules, starts, problems, variants",
        description="Print everything that there is to choose from, or one kind of it.",
    )
    parser.add_argument("kind", nargs="?", choices=list(KINDS))
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Print the entries of one kind or of all."""
    found = {kind: rows(kind) for kind in ([options.kind] if options.kind else KINDS)}
    if options.json:
        print(json.dumps(found, indent=1, ensure_ascii=not streams.is_unicode()))
        return
    from rich.console import Console

    console = Console()
    for kind, listed in found.items():
        console.print(table(kind, listed))


def rows(kind: str) -> list[dict[str, Any]]:
    """One dict per entry of a kind: name, camp, uses, summary, reference, options with their defaults.

    The entries that installed packages declare are included. If one cannot be loaded, its summary says why.
    """
    from mdsbench.runs.execute import execute  # noqa: F401 - imports every module that registers something

    return sorted(_rows(KINDS[kind]), key=lambda row: (row["camp"], row["name"]))


def _rows(registry: Registry) -> Iterator[dict[str, Any]]:
    for name in [*registry, *(name for name in registry.points() if name not in registry)]:
        try:
            yield _row(registry.find(name), registry)
        except UsageError as error:
            yield {"name": name, "camp": "", "uses": "", "summary": str(error), "reference": "", "options": {}}


def _row(entry: Entry, registry: Registry) -> dict[str, Any]:
    asks = registry is SOLVERS or registry is SOURCES  # starts, steps and problems ask nothing by themselves
    camp = "derivative-free" if entry.uses in DERIVATIVE_FREE else "gradient"
    return {
        "name": entry.name,
        "camp": ("floor" if entry.floor else camp) if asks else "",
        "uses": entry.uses if asks else "",
        "summary": entry.summary,
        "reference": entry.reference,
        "options": {key: default if _plain(default) else None for key, default in entry.options.items()},
    }


def _plain(value: object) -> bool:
    return isinstance(value, bool | int | float | str)


def table(kind: str, rows: list[dict[str, Any]]) -> "Table":
    """The rows for a terminal: what there is, what it uses, what it is, its source and its options."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from mdsbench.system.text import printable

    def shown(text: str) -> str:
        return escape(printable(text))

    drawn = Table(title=kind, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    drawn.add_column("name", no_wrap=True)
    if any(row["camp"] for row in rows):
        drawn.add_column("uses", no_wrap=True)
    drawn.add_column("what it is, its source, (its options)")
    camp = ""
    for row in rows:
        if row["camp"] != camp:
            camp = row["camp"]
            drawn.add_section()
            drawn.add_row(f"[bold]{camp}[/bold]")
        uses = [row["uses"]] if camp else []
        what = f"{shown(row['summary'])}\n[dim]source: {shown(row['reference'])}[/dim]"
        options = ", ".join(key if value is None else f"{key}={value}" for key, value in row["options"].items())
        drawn.add_row(shown(row["name"]), *uses, f"{what}\n({shown(options)})" if options else what)
    return drawn
