"""Live progress of a campaign, on the terminal and only there; notices are for every log."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import isfinite

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from mdsbench.oracle.endings import FAILED
from mdsbench.runs.events import Listener, Notice, RunProgress
from mdsbench.runs.run import Run


class _Bars(Progress):
    """The campaign's bar, and a line for each long run that is under way."""

    def __init__(self, *columns: ProgressColumn, console: Console) -> None:
        self.under_way: dict[str, RunProgress] = {}  # by the cell's key
        super().__init__(*columns, console=console, disable=not console.is_terminal)

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is shown, from the top."""
        yield from super().get_renderables()
        for found in list(self.under_way.values()):
            yield Text("  " + line(found), no_wrap=True, overflow="ellipsis")


def line(found: RunProgress) -> str:
    """A long run in one line: how many calls it has made, how low it is, and since when."""
    if not isfinite(found.loss):
        return f"{found.solver} on {found.problem}: at its first call"
    low = f"gap {found.gap:.3g}" if isfinite(found.gap) else f"loss {found.loss:.6g}"
    return f"{found.solver} on {found.problem}: {found.calls:,.0f} calls, {low}, {found.seconds:,.0f} s"


@contextmanager
def progress(name: str, already: int, total: int) -> Iterator[tuple[Callable[[Run], None], Listener]]:
    """Show how far the campaign is: the block calls the first that it is given with every finished run, the second with
    what runs tell on the way.
    """
    console = Console(stderr=True)
    bars = _Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("[red]{task.fields[failing]}"),
        console=console,
    )
    failing: Counter[str] = Counter()
    with bars:
        task = bars.add_task(name, total=total, completed=already, rate="", failing="")

        def done(run: Run) -> None:
            bars.under_way.pop(run.cell.key, None)
            if run.ending in FAILED:
                failing[run.cell.solver] += 1
            speed = bars.tasks[0].speed
            names = ", ".join(f"{solver} ({count})" for solver, count in failing.most_common(3))
            bars.update(
                task,
                advance=1,
                rate=f"{speed:.1f} runs/s" if speed else "",
                failing=f"failed: {names}" if names else "",
            )

        def event(found: RunProgress | Notice) -> None:
            if isinstance(found, RunProgress):
                bars.under_way[found.key] = found
            else:
                console.print(found.text, markup=False, highlight=False, soft_wrap=True)

        yield done, event
