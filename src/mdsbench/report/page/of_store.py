"""The page of a store, in one call."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mdsbench.campaigns import reproduction
from mdsbench.report import results_of_store
from mdsbench.report.page import view
from mdsbench.report.page.page import render
from mdsbench.report.page.payload.payload import payload
from mdsbench.statistics.wording import listed
from mdsbench.store.lock import is_locked
from mdsbench.store.store import Store

TITLE = "What is a gradient worth?"  # of the reproduction


def page_of_store(
    path: Path,
    campaign: str | None = None,
    *,
    gradient: str | None = None,
    story: Mapping[str, Any] | None = None,
    facts: Mapping[str, str] | None = None,
    downloads: Sequence[tuple[str, str]] = (),
    token: str = "",
) -> str:
    """The page of a store, or of one of its campaigns, as HTML; a campaign may be writing to the store.

    Parameters
    ----------
    path
        The store.
    campaign
        Its name; by default the only one, or all runs where there are several.
    gradient
        How many function values a gradient counts as, as the command line takes it.
    story
        What `story` made, for the page of the reproduction.
    facts
        More about how the runs were made, by names for people.
    downloads
        Files beside the page, by names for people.
    token
        What tells this page from a newer one, where it is served.

    Raises
    ------
    UsageError
        If there is no such campaign, or the price makes no sense.
    Failure
        If the store cannot be read.
    """
    busy = is_locked(path)
    with Store.read(path) as store:
        shown = view.chosen_campaign(store, campaign)
        several = list(store.campaigns())
        stored = results_of_store.of_store(store, shown, busy=busy)
        title = TITLE if story else shown or path.name
        data = payload(store, shown, title=title) if len(stored.traces.runs) else None
    if shown is None and len(several) > 1:
        note = f"These are the runs of {listed(several)} together; --campaign shows those of one."
        stored = stored._replace(notes=[*stored.notes, note])
    if data and shown != reproduction.NAME:
        data["experiment"] = ""
    if data:
        data["made"] = {
            "campaign": shown,
            "gradient_cost": gradient,
            "store": path.name,
        }  # what `mdsbench verify` repeats
    made_by = str(data["command"]) if data else ""
    seen = view.of_runs(
        stored,
        title=title,
        gradient=gradient,
        facts={**(data["facts"] if data else {}), **(facts or {})},
        commands=view.commands(path, shown, several, made_by),
        downloads=downloads,
    )
    return render(seen, data, story, token=token)
