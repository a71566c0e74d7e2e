"""The reproduction's result as a table for the terminal, eighty columns wide."""

from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.table import Table

from mdsbench.report import style
from mdsbench.report.tables import arrival, tallies
from mdsbench.report.units import typical_error_km
from mdsbench.reproduction import HONEST, Outcome

CAPTION = """from the published start; calls are function values and gradients together
to 1 %: calls until the loss is within 1 % of the best known
error: root mean square error of a distance
random: random starts that come within 1 % of the best known"""


def table(outcomes: Sequence[Outcome]) -> Table:
    """A section for each protocol and size, a line for each solver."""
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=CAPTION, caption_justify="left")
    drawn.add_column("", no_wrap=True)
    for heading in ("calls", "to 1 %", "error, km"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    drawn.add_column("ending", no_wrap=True)
    drawn.add_column("random", justify="right", no_wrap=True)
    reached = {(tally.cities, tally.solver): f"{tally.reached}/{len(tally.runs)}" for tally in tallies(outcomes)}
    published = sorted((o for o in outcomes if o.run.cell.start == "published"), key=_section)
    for (protocol, cities), section in groupby(published, key=_section):
        drawn.add_row(f"[bold]{protocol}, {cities} cities[/bold]")
        for _, run in section:
            arrived = arrival(run)
            drawn.add_row(
                f" {style.title(run.cell.solver)}",
                f"{run.calls:,}",
                f"{arrived.calls:,}" if arrived else "never",
                f"{float(typical_error_km(run.final_loss, cities)):,.1f}",
                run.ending,
                reached.get((cities, run.cell.solver), "") if protocol == HONEST else "",
            )
        drawn.add_section()
    return drawn


def _section(outcome: Outcome) -> tuple[str, int]:
    return outcome.protocol, outcome.cities
