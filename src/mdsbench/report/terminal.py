"""The reproduction's result as a table for the terminal, eighty columns wide."""

from itertools import groupby

from rich import box
from rich.markup import escape
from rich.table import Table

from mdsbench.report import style
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import HONEST, PUBLISHED_START, Outcome, Results, arrival
from mdsbench.statistics.units import typical_error
from mdsbench.statistics.wording import counted

CAPTION = """from the published start{what}
to 1 %: {cost} until the loss is within 1 % of the best known
error: root mean square error of a distance
random: random starts that come within 1 % of the best known"""


def table(results: Results, currency: Currency = CALLS) -> Table:
    """A section for each protocol and size, a line for each solver."""
    what = "; calls are function values and gradients together"
    if not currency.counts_calls:
        what = f"\ncost: {currency.label(*(size.dimension for size in results.sizes))}"
    caption = CAPTION.format(cost=currency.name, what=what)
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=caption, caption_justify="left")
    drawn.add_column("", overflow="fold")
    for heading in (currency.name, "to 1 %", "error, km"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    drawn.add_column("ending", no_wrap=True)
    drawn.add_column("random", justify="right", no_wrap=True)
    reached = {(tally.map.points, tally.solver): f"{tally.reached}/{len(tally.runs)}" for tally in results.tallies}
    published = sorted((o for o in results.outcomes if o.run.cell.start == PUBLISHED_START), key=_section)
    for (protocol, cities), section in groupby(published, key=_section):
        drawn.add_row(f"[bold]{protocol}, {cities} cities[/bold]")
        for outcome in section:
            run = outcome.run
            arrived, spent = arrival(run), currency.meter(run)
            drawn.add_row(
                f" {escape(style.title(run.cell.solver))}",
                counted(spent(run.spent)),
                counted(spent(arrived)) if arrived else "never",
                f"{float(typical_error(run.final_loss, outcome.map)):,.2f}" if run.improvements else "–",
                run.ending,
                reached.get((cities, run.cell.solver), "") if protocol == HONEST else "",
            )
        drawn.add_section()
    return drawn


def failures(results: Results) -> list[str]:
    """What the solvers that failed say, each once."""
    runs = [outcome.run for outcome in results.outcomes if outcome.run.ending.failed]
    messages = {run.cell.solver: f"{run.ending}: {run.message.partition(chr(10))[0]}" for run in runs}
    return [f"{solver} failed: {message}" for solver, message in messages.items()]


def _section(outcome: Outcome) -> tuple[str, int]:
    return outcome.protocol, outcome.map.points
