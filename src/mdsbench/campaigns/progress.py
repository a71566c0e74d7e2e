"""Live progress of a campaign: bars on a terminal, and a line now and then in a log."""

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

from mdsbench.campaigns import log
from mdsbench.oracle.endings import FAILED
from mdsbench.runs.events import Listener, Notice, RunProgress
from mdsbench.runs.run import Run
from mdsbench.system.text import printable

SHOWN = 3  # solvers that fail, and runs that are under way


class _Bars(Progress):
    """The campaign's bar, and a line for each long run that is under way."""

    def __init__(self, *columns: ProgressColumn, console: Console) -> None:
        self.under_way: dict[str, RunProgress] = {}  # by the cell's key
        super().__init__(*columns, console=console)

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is shown, from the top."""
        yield from super().get_renderables()
        for found in list(self.under_way.values()):
            yield Text("  " + printable(line(found)), no_wrap=True, overflow="ellipsis")


def line(found: RunProgress) -> str:
    """A long run in one line: how many calls it has made, how low it is, and since when."""
    if not isfinite(found.loss):
        return f"{found.solver} on {found.problem}: at its first call"
    low = f"gap {found.gap:.3g}" if isfinite(found.gap) else f"loss {found.loss:.6g}"
    return f"{found.solver} on {found.problem}: {found.calls:,.0f} calls, {low}, {found.seconds:,.0f} s"


@contextmanager
def progress(name: str, already: int, total: int) -> Iterator[tuple[Callable[[Run], None], Listener]]:
    """Show how far the campaign is: bars on a terminal, and else a line now and then.

    The block calls the first that it is given with every finished run, the second with what runs tell on the way.
    """
    console = Console(stderr=True)
    shown = _on_terminal(console, name, already, total) if console.is_terminal else _in_log(name, already, total)
    with shown as functions:
        yield functions


@contextmanager
def _on_terminal(
    console: Console, name: str, already: int, total: int
) -> Iterator[tuple[Callable[[Run], None], Listener]]:
    bars = _Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failing]}", style="red", markup=False),
        console=console,
    )
    failing = Failing()
    with bars:
        task = bars.add_task(printable(name), total=total, completed=already, rate="", failing="")

        def done(run: Run) -> None:
            bars.under_way.pop(run.cell.key, None)
            failing.count(run)
            speed = bars.tasks[0].speed
            bars.update(task, advance=1, rate=f"{speed:.1f} runs/s" if speed else "", failing=str(failing))

        def event(found: RunProgress | Notice) -> None:
            if isinstance(found, RunProgress):
                bars.under_way[found.key] = found
            else:
                console.print(printable(found.text), markup=False, highlight=False, soft_wrap=True)

        yield done, event


@contextmanager
def _in_log(name: str, already: int, total: int) -> Iterator[tuple[Callable[[Run], None], Listener]]:
    finished, failing = already, Failing()
    under_way: dict[str, RunProgress] = {}

    def text() -> str:
        longest = sorted(under_way.values(), key=lambda found: -found.seconds)[:SHOWN]
        words = [f"{name}: {finished:,} of {total:,} runs", str(failing), *map(line, longest)]
        return "; ".join(filter(None, words))

    with log.lines(text, lambda: finished / max(1, total)) as look:

        def done(run: Run) -> None:
            nonlocal finished
            finished += 1
            under_way.pop(run.cell.key, None)
            failing.count(run)
            look()

        def event(found: RunProgress | Notice) -> None:
            if isinstance(found, RunProgress):
                under_way[found.key] = found
            else:
                log.say(found.text)

        yield done, event


class Failing:
    """Which solvers failed, and how often."""

    def __init__(self) -> None:
        self._solvers: Counter[str] = Counter()

    def count(self, run: Run) -> None:
        """Count the run if it failed."""
        if run.ending in FAILED:
            self._solvers[run.cell.solver] += 1

    def __str__(self) -> str:
        names = ", ".join(f"{printable(solver)} ({count})" for solver, count in self._solvers.most_common(SHOWN))
        return f"failed: {names}" if names else ""
