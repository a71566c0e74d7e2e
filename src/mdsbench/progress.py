"""Live progress of a campaign, on the terminal and only there."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mdsbench.run import FAILED, Run


@contextmanager
def progress(name: str, already: int, total: int) -> Iterator[Callable[[Run], None]]:
    """Show how far the campaign is: the block calls what it is given with every finished run."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("[red]{task.fields[failing]}"),
        console=console,
        disable=not console.is_terminal,
    )
    failing: Counter[str] = Counter()
    with bar:
        task = bar.add_task(name, total=total, completed=already, rate="", failing="")

        def done(run: Run) -> None:
            if run.ending in FAILED:
                failing[run.cell.canonical_solver] += 1
            speed = bar.tasks[0].speed
            names = ", ".join(f"{solver} ({count})" for solver, count in failing.most_common(3))
            bar.update(
                task,
                advance=1,
                rate=f"{speed:.1f} runs/s" if speed else "",
                failing=f"failed: {names}" if names else "",
            )

        yield done
