"""The reproduction's result as a table for the terminal, eighty columns wide or less."""

from collections.abc import Iterator
from itertools import groupby

from rich import box
from rich.table import Table
from rich.text import Text

from mdsbench.report import style
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import HONEST, PUBLISHED_START, Outcome, Results, arrival
from mdsbench.statistics.units import typical_error
from mdsbench.statistics.wording import counted

CAPTION = """from the published start{what}
to 1 %: {cost} until the loss is within 1 % of the best known
error: root mean square error of a distance
random: random starts that come within 1 % of the best known"""


ENDING = "ending"
HEADINGS = ("to 1 %", "error, km", ENDING, "random")
LEFT_OUT = (0, 3, 2, 4, 1)  # the columns in the order in which they are left out of a narrow terminal
NAME = 18  # letters that a name has at least before it is folded


def table(results: Results, currency: Currency = CALLS, width: int = 80) -> Table:
    """A section for each protocol and size, a line for each solver; columns that leave too little room are left out."""
    what = "; calls are function values and gradients together"
    if not currency.counts_calls:
        what = f"\ncost: {currency.label(*(size.dimension for size in results.sizes))}"
    caption = CAPTION.format(cost=currency.name, what=what)
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=caption, caption_justify="left")
    drawn.add_column("", overflow="fold", min_width=NAME)
    sections = list(_sections(results, currency))
    rows = [cells for _, lines in sections for _, cells in lines]
    columns = {heading: [cells[k] for cells in rows] for k, heading in enumerate((currency.name, *HEADINGS))}
    shown = _within(columns, width - 2 - 1 - NAME)
    for k, heading in enumerate(columns):
        if k in shown:
            drawn.add_column(heading, justify="left" if heading == ENDING else "right", no_wrap=True)
    for head, lines in sections:
        drawn.add_row(Text(head, style="bold"))
        for name, cells in lines:
            drawn.add_row(Text(f" {name}"), *(cells[k] for k in sorted(shown)))
        drawn.add_section()
    return drawn


def _sections(results: Results, currency: Currency) -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """The heading of each section, and its lines: a name and a cell for each column."""
    reached = {(tally.map.points, tally.solver): f"{tally.reached}/{len(tally.runs)}" for tally in results.tallies}
    published = sorted((o for o in results.outcomes if o.run.cell.start == PUBLISHED_START), key=_section)
    for (protocol, cities), section in groupby(published, key=_section):
        lines = []
        for outcome in section:
            run = outcome.run
            arrived, spent = arrival(run), currency.meter(run)
            cells = [
                counted(spent(run.spent)),
                counted(spent(arrived)) if arrived else "never",
                f"{float(typical_error(run.final_loss, outcome.map)):,.2f}" if run.improvements else "–",
                str(run.ending),
                reached.get((cities, run.cell.solver), "") if protocol == HONEST else "",
            ]
            lines.append((style.plain(style.title(run.cell.solver), 200), cells))
        yield f"{protocol}, {cities} cities", lines


def _within(columns: dict[str, list[str]], room: int) -> set[int]:
    """The columns that fit into so many letters: the least important ones are left out first."""
    widths = [2 + max(map(len, [heading, *cells])) for heading, cells in columns.items()]
    shown = set(range(len(widths)))
    for k in LEFT_OUT:
        if sum(widths[k] for k in shown) > room:
            shown.discard(k)
    return shown


def failures(results: Results) -> list[str]:
    """What the solvers that failed say, each once."""
    runs = [outcome.run for outcome in results.outcomes if outcome.run.ending.failed]
    messages = {run.cell.solver: f"{run.ending}: {run.message.partition(chr(10))[0]}" for run in runs}
    return [f"{solver} failed: {message}" for solver, message in messages.items()]


def _section(outcome: Outcome) -> tuple[str, int]:
    return outcome.protocol, outcome.map.points
