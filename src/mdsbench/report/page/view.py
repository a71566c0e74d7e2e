"""What a page says in words and tables, read from a store."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mdsbench.errors import UsageError
from mdsbench.report.page.failed import Failed, failed
from mdsbench.report.page.solver_rows import Group, groups
from mdsbench.report.page.still import GAP, Still, stills
from mdsbench.report.results_of_store import Stored, answered
from mdsbench.statistics.arrivals import TARGETS, arrivals
from mdsbench.statistics.cost_model import MEASURED
from mdsbench.statistics.question import Question
from mdsbench.statistics.wording import listed
from mdsbench.store.store import Store

SHOWN = 2  # families of the verdict that are not folded away


class PageQuestion(Question):
    """A question whose cost is always named in one way."""

    @property
    def unit(self) -> str:
        """What the cost is counted in."""
        return "function values"


@dataclass(frozen=True)
class View:
    """The words and tables of a page.

    `verdict` has the sentences of each family, start and gap, `general` those of none. `price` is that of a gradient
    in words, `weight` the number or "dimension" that the page begins with.
    """

    title: str
    runs: int
    price: str
    weight: float | str
    solvers: Sequence[str] = ()
    verdict: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: Sequence[str] = ()
    notes: Sequence[str] = ()
    stills: Sequence[Still] = ()
    groups: Sequence[Group] = ()
    failed: Sequence[Failed] = ()
    commands: Sequence[tuple[str, str]] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    downloads: Sequence[tuple[str, str]] = ()

    @property
    def first(self) -> list[tuple[str, Sequence[str]]]:
        """The families of the verdict that are shown at once."""
        return list(self.verdict.items())[:SHOWN]

    @property
    def others(self) -> list[tuple[str, Sequence[str]]]:
        """The families that are folded away."""
        return list(self.verdict.items())[SHOWN:]

    @property
    def failures(self) -> int:
        """How many runs failed."""
        return sum(one.runs for one in self.failed)


def chosen_campaign(store: Store, campaign: str | None) -> str | None:
    """The campaign to show: the one that is asked for, or the only one; None for all runs of the store."""
    there = list(store.campaigns())
    if campaign is not None and campaign not in there:
        raise UsageError(f"{store.path} has no campaign {campaign}; it has: {listed(there) or 'none'}")
    return campaign or (there[0] if len(there) == 1 else None)


def of_runs(
    stored: Stored,
    *,
    title: str,
    gradient: str | None,
    facts: Mapping[str, str],
    commands: Sequence[tuple[str, str]],
    downloads: Sequence[tuple[str, str]] = (),
) -> View:
    """The view of runs; `gradient` is the price of a gradient as the command line takes it."""
    question = PageQuestion.parse([str(GAP)], gradient=gradient)
    weight = 1.0 if question.gradient == MEASURED else question.gradient
    runs, improvements = stored.traces
    told: dict[str, Any] = {"title": title, "runs": len(runs), "price": price_in_words(question), "weight": weight}
    told |= {"facts": facts, "commands": commands, "downloads": downloads}
    if not len(runs):
        return View(**told, notes=stored.notes)
    answer = answered(stored, question)
    paragraphs: dict[str, list[str]] = {}
    for about, sentence in answer.verdict:
        paragraphs.setdefault(about, []).append(sentence)
    table = arrivals(runs, improvements, TARGETS)
    costs = question.costs(table, {})
    return View(
        **told,
        solvers=list(dict.fromkeys(table["solver"].astype(str))),
        general=paragraphs.pop("", []),
        verdict=paragraphs,
        notes=[*answer.floors, *answer.notes],
        stills=list(stills(table, costs.rename("function values"))),
        groups=groups(answer.times),
        failed=failed(runs),
    )


def price_in_words(question: Question) -> str:
    """What a gradient counts as: "4 of them"."""
    if question.gradient == MEASURED:
        return "as many of them as take its time on this machine"
    if isinstance(question.gradient, str):
        return "one of them for each variable"
    return "one of them" if question.gradient == 1 else f"{question.gradient:g} of them"


def commands(store: Path, campaign: str | None, several: Collection[str], made_by: str) -> list[tuple[str, str]]:
    """Commands that repeat parts of a page, each with what it does."""
    name = shlex.quote(store.name)
    only = f" --campaign {shlex.quote(campaign)}" if campaign and len(several) > 1 else ""
    return [
        *([("make the runs again, or those that are missing", made_by)] if made_by else []),
        ("make this page", f"mdsbench report {name}{only} --out report"),
        ("show it while a campaign runs", f"mdsbench serve {name}{only}"),
        ("compare every number of this page with the store", f"mdsbench verify index.html {name}"),
        ("the same tables and sentences in a terminal", f"mdsbench results {name}"),
        ("every run as a table", f"mdsbench export {name} --out runs.csv"),
    ]
