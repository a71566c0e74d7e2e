"""The data of a report's page: what a store knows, as one object of JSON that `static/data.js` reads."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.campaigns import reproduction
from mdsbench.errors import Failure, UsageError
from mdsbench.report.page.payload import catalogue, on_maps
from mdsbench.report.page.payload.sampling import in_turn
from mdsbench.report.page.payload.script_text import as_json
from mdsbench.report.page.payload.traces import traces
from mdsbench.report.page.payload.trajectories import trajectories
from mdsbench.report.provenance import provenance
from mdsbench.statistics.arrivals import TARGETS, arrivals
from mdsbench.store import frames
from mdsbench.store.store import Store
from mdsbench.version import __version__

FORMAT = 1
LEVEL = 0.95  # of intervals
DETAILED = 1_000  # runs whose traces are in a page
BYTES_OF_A_RUN = 8_500
LEAST_BYTES, MOST_BYTES = 2_350_000, 8_500_000  # of a page's data; a large campaign's columns may take more
LEAST_FOR_MOTION = 1_500_000  # bytes
BYTES_OF_NAMES = 60  # of a run
BYTES_OF_A_POINT = 50  # of a map, for its motion: three runs of a large map in three frames


def payload(
    store: Store,
    campaign: str | None = None,
    *,
    title: str = "",
    detailed: int = DETAILED,
    most_bytes: float | None = None,
) -> dict[str, Any]:
    """Everything that the page shows of an open store, or of one campaign in it.

    Parameters
    ----------
    store
        An open store; a campaign may still be writing to it.
    campaign
        Its name; all runs of the store if it is None.
    title
        The title of the page; by default the name of the campaign.
    detailed
        Of how many runs at most the way is in the page, evenly over problems, solvers and starts.
    most_bytes
        About how large the data may be. By default 2.4 MB for up to 280 runs and 8.5 MB from 1,000 on. The moving maps
        have as many frames as there is room for.

    Raises
    ------
    UsageError
        If the store has no such campaign.
    Failure
        If there are no runs yet, or the file is damaged.
    """
    campaigns = list(store.campaigns())
    if campaign is not None and campaign not in campaigns:
        raise UsageError(f"{store.path} has no campaign {campaign}; it has: {', '.join(campaigns) or 'none'}")
    shown = campaign or (campaigns[0] if len(campaigns) == 1 else None)
    blocks = store.listed(shown) if shown else {}
    runs, improvements = _traced(store, blocks if campaign is not None else None)
    table = arrivals(runs, improvements)
    once = table.head(len(runs))
    order = in_turn(once)
    detail = np.zeros(len(runs), bool)
    detail[order[:detailed]] = True
    drawn, map_of = on_maps.charts_of(store, runs, once)
    columns = {
        "arrivals": catalogue.arrival_columns(table),
        "traces": traces(runs, improvements, detail),
    }
    taken = len(as_json(columns)) + BYTES_OF_NAMES * len(runs) + on_maps.size(drawn)
    room = most_bytes or _room(len(runs), taken, sum(chart.points for chart in drawn))
    moving = on_maps.moving_of(store, runs, once, order[:detailed], drawn, map_of)
    moved = trajectories(store, runs, moving, drawn, max(0.0, room - taken))
    names, protocols = catalogue.run_columns(runs, once, blocks, moved.places)
    maps, lands = on_maps.as_json(drawn, map_of, moved.reaches)
    facts = _facts(store, shown, runs)
    return {
        "format": FORMAT,
        "version": __version__,
        "title": title or shown or store.path.name,
        "command": facts.get("Command", ""),
        "level": LEVEL,
        "experiment": shown if shown == reproduction.NAME else "",
        "facts": facts,
        "targets": list(TARGETS),
        "solvers": catalogue.solvers(runs, once),
        "problems": catalogue.problems(once, map_of),
        "starts": list(dict.fromkeys(once["start"])),
        "trials": list(dict.fromkeys(once["trial"])),
        "protocols": protocols,
        "runs": names,
        **columns,
        "maps": maps,
        "lands": lands,
        "trajectories": moved.json,
        "sampled": _sampled(len(runs), int(detail.sum()), len(moved.json["list"]), once, map_of),
    }


def _traced(store: Store, listed: Mapping[str, str] | None) -> frames.Traces:
    """The runs with their improvements, in the order of the campaign's list if there is one."""
    runs, improvements = frames.traces(store)
    if listed is not None:
        place = {key: k for k, key in enumerate(listed)}
        runs = runs[runs["key"].isin(place)]
        runs = runs.iloc[np.argsort(runs["key"].map(place).to_numpy(), kind="stable")].reset_index(drop=True)
        improvements = improvements[improvements["key"].isin(place)]
    if not len(runs):
        raise Failure(f"{store.path} has no run yet: mdsbench run makes some")
    return frames.Traces(runs, improvements)


def _room(runs: int, taken: int, points: int) -> float:
    """How many bytes a page may have by default, if its tables take so many and its maps have so many points."""
    moving = taken + LEAST_FOR_MOTION
    wanted = max(LEAST_BYTES, BYTES_OF_A_RUN * runs, moving + BYTES_OF_A_POINT * points)
    return max(min(wanted, MOST_BYTES), moving)


def _facts(store: Store, campaign: str | None, runs: pd.DataFrame) -> dict[str, str]:
    """How the runs were made, by names for people."""
    seconds = float(runs["seconds"].sum())
    if campaign is not None:
        environment, finished = store.environment(campaign)
    else:
        last = runs.sort_values("finished").iloc[-1]
        environment, finished = store.environments().get(last["environment"], {}), str(last["finished"])
    return provenance(environment, finished, seconds)


def _sampled(
    runs: int, traced: int, moving: int, once: pd.DataFrame, map_of: Mapping[str, int]
) -> dict[str, int] | None:
    """Of how many runs the way is in the page; None if of all."""
    on_maps = int(once["problem"].isin(map_of.keys()).sum())
    if traced == runs and moving == on_maps:
        return None
    return {"runs": traced, "of": runs, "moving": moving, "onMaps": on_maps}
