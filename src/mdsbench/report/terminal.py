"""The reproduction's result as a table for the terminal, eighty columns wide."""

from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.markup import escape
from rich.table import Table

from mdsbench.campaigns.reproduction import HONEST, Outcome
from mdsbench.report import style
from mdsbench.report.wording import counted
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.tables import arrival, sizes, tallies
from mdsbench.statistics.units import typical_error_km

CAPTION = """from the published start{what}
to 1 %: {cost} until the loss is within 1 % of the best known
error: root mean square error of a distance
random: random starts that come within 1 % of the best known"""


def table(outcomes: Sequence[Outcome], currency: Currency = CALLS) -> Table:
    """A section for each protocol and size, a line for each solver."""
    what = "; calls are function values and gradients together"
    if not currency.counts_calls:
        what = f"\ncost: {currency.label(*(2 * n for n in sizes(outcomes)))}"
    caption = CAPTION.format(cost=currency.name, what=what)
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=caption, caption_justify="left")
    drawn.add_column("", overflow="fold")
    for heading in (currency.name, "to 1 %", "error, km"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    drawn.add_column("ending", no_wrap=True)
    drawn.add_column("random", justify="right", no_wrap=True)
    reached = {(tally.cities, tally.solver): f"{tally.reached}/{len(tally.runs)}" for tally in tallies(outcomes)}
    published = sorted((o for o in outcomes if o.run.cell.start == "published"), key=_section)
    for (protocol, cities), section in groupby(published, key=_section):
        drawn.add_row(f"[bold]{protocol}, {cities} cities[/bold]")
        for _, run in section:
            arrived, spent = arrival(run), currency.meter(run)
            drawn.add_row(
                f" {escape(style.title(run.cell.solver))}",
                counted(spent(run)),
                counted(spent(arrived)) if arrived else "never",
                f"{float(typical_error_km(run.final_loss, cities)):,.2f}",
                run.ending,
                reached.get((cities, run.cell.solver), "") if protocol == HONEST else "",
            )
        drawn.add_section()
    return drawn


def failures(outcomes: Sequence[Outcome]) -> list[str]:
    """What the solvers that failed say, each once."""
    messages = {o.run.cell.solver: o.run.message.partition("\n")[0] for o in outcomes if o.run.ending == "error"}
    return [f"{solver} failed: {message}" for solver, message in messages.items()]


def _section(outcome: Outcome) -> tuple[str, int]:
    return outcome.protocol, outcome.cities
