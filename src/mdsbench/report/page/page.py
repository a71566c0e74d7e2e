"""The report's page and all that it links to, but for the films: figures, tables, and HTML that needs no network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from mdsbench.exporters import summary
from mdsbench.report import style
from mdsbench.report.figures.draw import draw
from mdsbench.report.page import sections
from mdsbench.report.page.findings import findings
from mdsbench.report.palette import Palette
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import Results, Size
from mdsbench.version import __version__


class Film(NamedTuple):
    """A film to show, and whether there is a picture of it."""

    name: str
    title: str
    poster: bool


def write(
    results: Results,
    folder: Path,
    provenance: Mapping[str, str],
    films: Sequence[tuple[str, str]] = (),
    currency: Currency = CALLS,
    formats: Sequence[str] = ("svg", "png"),
) -> None:
    """Write `index.html`, `figures/`, `summary.json` and `runs.csv` into a folder that exists.

    `films` are names and titles; `animations/NAME.mp4` and `.gif` are there already, and `NAME.png` where there is a
    picture to show before the film plays. `cities-N` is shown with N cities, every other one with the original's
    accounting. The tables in files keep evaluations and gradients apart: the currency is the page's and the figures'.
    `formats` are of the figures, besides "svg" and "png", which the page shows.
    """
    (folder / "figures").mkdir(exist_ok=True)
    draw(results, folder / "figures", currency, tuple(dict.fromkeys(["svg", "png", *formats])))
    summary.write_summary(results, folder / "summary.json")
    summary.write_runs(results, folder / "runs.csv")
    shown = [Film(name, title, (folder / "animations" / f"{name}.png").is_file()) for name, title in films]
    page = render(results, provenance, shown, currency).replace(" %", "\u00a0%")  # a number keeps its sign
    (folder / "index.html").write_text(page, encoding="utf-8")


def render(results: Results, provenance: Mapping[str, str], films: Sequence[Film], currency: Currency = CALLS) -> str:
    """The page's HTML."""
    by_size = {size.map.points: film for film in films for size in results.sizes if film.name == _film_of(size)}
    environment = Environment(
        loader=PackageLoader("mdsbench.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    palette = Palette.of(results)
    environment.filters.update(title_of=style.title, colour_of=palette.colour, is_dashed=palette.is_dashed)
    return environment.get_template("page.html").render(
        version=__version__,
        findings=findings(results, currency),
        cost=currency.name,
        counted=None if currency.counts_calls else currency.label(*(size.dimension for size in results.sizes)),
        prices=currency.prices(),
        films=by_size,
        other_films=[film for film in films if film not in by_size.values()],
        published={size.map.points: sections.published(size) for size in results.sizes if size.as_published},
        budgets=sections.budgets(results),
        singles=sections.singles(results, currency),
        tallies=sections.tallies(results, currency),
        provenance=provenance,
    )


def _film_of(size: Size) -> str:
    """The name of the film of a map."""
    return f"cities-{size.map.points}"
