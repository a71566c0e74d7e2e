"""The answer to a question about the runs of a store, also while a campaign writes to it."""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from mdsbench.errors import Failure, UsageError
from mdsbench.problems import problem
from mdsbench.report.results_table import rendered
from mdsbench.statistics.answer import Answer, answer
from mdsbench.statistics.arrivals import TARGETS as EVERY_TARGET
from mdsbench.statistics.cost_model import MEASURED, clock
from mdsbench.statistics.question import CALLS, Question, chosen
from mdsbench.statistics.wording import plural
from mdsbench.store.frames import Traces, traces
from mdsbench.store.lock import is_locked
from mdsbench.store.store import Store

MOST = 2_000  # runs that are read to end a campaign with its results
GAP = 1e-2  # at which a campaign ends


class Stored(NamedTuple):
    """The runs of a store, the prices of a gradient that were clocked when they ran, and what may change."""

    traces: Traces
    clocked: Mapping[int, float]
    notes: list[str]


def read(path: Path) -> Stored:
    """What a store has to say; raises Failure if it has no run."""
    busy = is_locked(path)
    with Store.read(path) as store:
        found = of_store(store, busy=busy)
    if not len(found.traces.runs):
        raise Failure(f"{path} has no run yet: mdsbench run makes some")
    return found


def of_store(store: Store, campaign: str | None = None, *, busy: bool) -> Stored:
    """What an open store has to say, or one campaign of it; `busy` is whether a campaign writes to it."""
    path = store.path
    found = traces(store)
    if campaign is not None:
        keys = store.listed(campaign)
        found = Traces(*(table[table["key"].isin(keys)].reset_index(drop=True) for table in found))
    left = {name: store.count(name).left for name in ([campaign] if campaign else store.campaigns())}
    clocked = [facts["clocked"] for facts in store.environments().values() if "clocked" in facts]
    notes = [
        f"{plural(count, 'cell')} of the campaign {name} {'has' if count == 1 else 'have'} no run yet."
        for name, count in left.items()
        if count
    ]
    if busy:
        notes.append(f"{path} is being written: these are the runs that are finished.")
    prices = {int(dimension): price for one in clocked for dimension, price in one.items()}
    return Stored(found, prices, notes)


def answered(stored: Stored, question: Question) -> Answer:
    """The answer to a question about the runs of a store; raises UsageError if the question makes no sense for it."""
    prices = _prices(stored, question) if question.gradient == MEASURED else {}
    found = answer(*stored.traces, question, prices=prices)
    return found._replace(notes=[*found.notes, *_in_words(prices), *stored.notes])


def check_figures(question: Question) -> None:
    """Raise UsageError for a question that figures cannot answer."""
    if question.cost != CALLS:
        raise UsageError(f"figures count calls: leave out --cost {question.cost}")
    if question.gradient == MEASURED:
        raise UsageError("figures take one price of a gradient for all problems: a number, or 'dimension'")


def figures(
    stored: Stored, question: Question, folder: Path, *, every_target: bool, formats: Sequence[str]
) -> list[Path]:
    """Draw the selected runs, at the targets that were asked or at all that figures show by default."""
    from mdsbench.report.analysis import write_figures  # matplotlib is not needed for the table

    runs = stored.traces.runs
    runs = runs[chosen(runs, question.problems, "problem", "problem_version")]
    runs = runs[chosen(runs, question.solvers, "solver", "version")]
    targets = EVERY_TARGET if every_target else question.targets
    improvements = stored.traces.improvements
    improvements = improvements[improvements["key"].isin(runs["key"])]
    return write_figures(runs, improvements, folder, gradient=question.gradient, targets=targets, formats=formats)


def of_campaign(store: Store, keys: Collection[str]) -> str:
    """Who of a campaign's cells arrives at a gap of 1 %, in short; empty if there is nothing to say.

    Of a large store it only says how to ask.
    """
    asking = f"mdsbench results {shlex.quote(str(store.path))}"
    stored = store.keys()
    if not set(keys).intersection(stored):
        return ""
    if len(stored) > MOST:
        return f"who arrives, and at which cost: {asking}"
    found = traces(store)
    if found.runs.loc[found.runs["key"].isin(keys), "failed"].all():
        return ""
    said = answer(*found, Question(targets=(GAP,)), keys=keys, told=False)
    return f"{rendered(said, Console().width, short=True)}\nmore, and what it says: {asking}"


def _prices(stored: Stored, question: Question) -> dict[str, float]:
    """What a gradient costs in function values, for each problem whose gradient was evaluated.

    Prices of the cities that were clocked with the runs are taken from there; the others are clocked here and now.
    """
    runs = stored.traces.runs
    runs = runs[chosen(runs, question.problems, "problem", "problem_version")]
    asked = runs[runs["gradients"] + runs["hessian_vectors"] > 0].drop_duplicates("problem")
    prices = {}
    for name, dimension in zip(asked["problem"].astype(str), asked["dimension"], strict=True):
        if re.fullmatch(r"cities-\d+", name) and int(dimension) in stored.clocked:
            prices[name] = stored.clocked[int(dimension)]
        else:
            task = problem.find_registered(name)
            task.prepare()
            prices[name] = clock(task)
    return prices


def _in_words(prices: Mapping[str, float]) -> list[str]:
    if not prices:
        return []
    least, most = f"{min(prices.values()):.1f}", f"{max(prices.values()):.1f}"
    return [
        f"A gradient takes as long as {least if least == most else f'{least} to {most}'} function values, measured."
    ]
