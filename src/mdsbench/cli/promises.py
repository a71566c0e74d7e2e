"""What the commands `check-solver` and `check-problem` share: one line per promise, and an exit code."""

from collections.abc import Iterable

from mdsbench.errors import Failure


def print_promises(name: str, examined: Iterable[tuple[str, str]]) -> None:
    """Print each promise when it is examined, with its fault if it has one; raises Failure if there is a fault."""
    from rich.console import Console

    from mdsbench.system.text import printable

    console = Console(highlight=False, soft_wrap=True)
    faults = []
    for promise, fault in examined:
        faults.append(fault)
        console.print(f"[red]✗[/red] {promise}: " if fault else f"[green]✓[/green] {promise}", end="")
        console.print(printable(fault.strip(), keep="\n"), markup=False)
    broken, total = sum(map(bool, faults)), len(faults)
    console.print(f"{printable(name)} keeps {total - broken} of {total} promises", markup=False)
    if broken:
        raise Failure(f"{name} breaks {broken} of {total} promises")
