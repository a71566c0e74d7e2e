"""The report's page and all that it links to, but for the films: figures, tables, and HTML that needs no network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.reproduction import AS_PUBLISHED, HONEST, Outcome
from mdsbench.report import style
from mdsbench.report.figures import figures
from mdsbench.report.page.findings import derivative_free, findings, kilometres
from mdsbench.report.wording import counted
from mdsbench.statistics import tables
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.tables import Quantile, Tally, arrival
from mdsbench.version import __version__


class Film(NamedTuple):
    """A film to show, and whether there is a picture of it."""

    name: str
    title: str
    poster: bool


def write(
    outcomes: Sequence[Outcome],
    folder: Path,
    provenance: Mapping[str, str],
    films: Sequence[tuple[str, str]] = (),
    currency: Currency = CALLS,
) -> None:
    """Write `index.html`, `figures/`, `summary.json` and `runs.csv` into a folder that exists.

    `films` are names and titles; `animations/NAME.mp4` and `.gif` are there already, and `NAME.png` where there is a
    picture to show before the film plays. `cities-N` is shown with N cities, every other one with the original's
    accounting. The tables in files keep evaluations and gradients apart: the currency is the page's and the figures'.
    """
    (folder / "figures").mkdir(exist_ok=True)
    figures.draw(outcomes, folder / "figures", currency)
    tables.write_summary(outcomes, folder / "summary.json")
    tables.write_runs(outcomes, folder / "runs.csv")
    shown = [Film(name, title, (folder / "animations" / f"{name}.png").is_file()) for name, title in films]
    page = render(outcomes, provenance, shown, currency).replace(" %", "\u00a0%")  # a number keeps its sign
    (folder / "index.html").write_text(page, encoding="utf-8")


def render(
    outcomes: Sequence[Outcome], provenance: Mapping[str, str], films: Sequence[Film], currency: Currency = CALLS
) -> str:
    """The page's HTML."""
    sizes = tables.sizes(outcomes)
    by_size = {n: film for film in films for n in sizes if film.name == f"cities-{n}"}
    environment = Environment(
        loader=PackageLoader("mdsbench.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(title_of=style.title, colour_of=style.colour)
    return environment.get_template("page.html").render(
        version=__version__,
        findings=findings(outcomes, currency),
        cost=currency.name,
        counted=None if currency.counts_calls else currency.label(*(2 * n for n in sizes)),
        prices=currency.prices(),
        films=by_size,
        other_films=[film for film in films if film not in by_size.values()],
        published={n: reproduction.PUBLISHED[n] for n in sizes if tables.published_start(outcomes, AS_PUBLISHED, n)},
        budgets=(reproduction.LARGE_BUDGET, reproduction.BUDGET),
        singles={protocol: _singles(outcomes, protocol, currency) for protocol in (HONEST, AS_PUBLISHED)},
        tallies=[_tally(tally, currency) for tally in sorted(tables.tallies(outcomes), key=_order)],
        provenance=provenance,
    )


def _singles(outcomes: Sequence[Outcome], protocol: str, currency: Currency) -> list[dict[str, Any]]:
    """The rows of one protocol in the table of the published start."""
    shown = [outcome for outcome in outcomes if (outcome.protocol, outcome.run.cell.start) == (protocol, "published")]
    return [_single(o, currency) for o in sorted(shown, key=lambda o: (o.cities, derivative_free(o.run.cell.solver)))]


def _order(tally: Tally) -> tuple[int, bool]:
    """The smallest size first, gradients first."""
    return tally.cities, derivative_free(tally.solver)


def _single(outcome: Outcome, currency: Currency) -> dict[str, Any]:
    """A run as numbers for people, empty where they would be noise."""
    run = outcome.run
    moment = arrival(run)
    return {
        "cities": outcome.cities,
        "solver": run.cell.solver,
        "iterations": f"{run.iterations:,}",
        "evaluations": f"{run.evaluations:,}" if run.evaluations else "",
        "charged": f"{outcome.charged_evaluations:,}" if outcome.charged_evaluations != run.evaluations else "",
        "gradients": f"{run.gradients:,}" if run.gradients else "",
        "to_target": counted(currency.cost(moment, run.dimension)) if moment else "not reached",
        "seconds": f"{run.seconds:.3f}",
        "km": kilometres(run.final_loss, run.dimension),
        "loss": f"{run.final_loss:.2e}",
        "ending": run.ending,
    }


def _tally(tally: Tally, currency: Currency) -> dict[str, Any]:
    """A row of the table of the random starts."""
    errors = sorted(run.final_loss for run in tally.runs)
    dimension, cost = 2 * tally.cities, currency.meter(tally.runs[0])
    return {
        "cities": tally.cities,
        "solver": tally.solver,
        "reached": f"{tally.reached} of {len(tally.runs)}",
        "costs": [_cost(tally.quantile(share, cost)) for share in (0.25, 0.5, 0.75)],
        "km": [kilometres(errors[k], dimension) for k in (0, (len(errors) - 1) // 2, -1)],
    }


def _cost(quantile: Quantile) -> str:
    return counted(quantile.cost) if quantile.reached else "not reached"
