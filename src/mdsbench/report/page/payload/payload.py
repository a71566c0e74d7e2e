"""The data of a report's page: what a store knows, as one object of JSON that `static/data.js` reads."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.campaigns import reproduction
from mdsbench.errors import Failure, UsageError
from mdsbench.problems.problem import Array
from mdsbench.report.page.payload import catalogue, charts, map_infos
from mdsbench.report.page.payload.charts import Chart
from mdsbench.report.page.payload.land import land
from mdsbench.report.page.payload.sampling import in_turn
from mdsbench.report.page.payload.script_text import as_json
from mdsbench.report.page.payload.traces import traces
from mdsbench.report.page.payload.trajectories import Moving, trajectories
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
    drawn, map_of = _charts(store, runs, once)
    columns = {
        "arrivals": catalogue.arrival_columns(table),
        "traces": traces(runs, improvements, detail),
        "maps": [],
    }
    room = most_bytes or min(max(LEAST_BYTES, BYTES_OF_A_RUN * len(runs)), MOST_BYTES)
    room = max(room - len(as_json(columns)) - 60 * len(runs) - _map_bytes(drawn), LEAST_FOR_MOTION * bool(drawn))
    moving = _moving(store, runs, once, order[:detailed], drawn, map_of)
    moved = trajectories(store, runs, moving, drawn, room)
    names, protocols = catalogue.run_columns(runs, once, blocks, moved.index)
    maps, lands = _maps(drawn, map_of, moved.reaches)
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


def _charts(store: Store, runs: pd.DataFrame, once: pd.DataFrame) -> tuple[list[Chart], dict[str, int]]:
    """The maps, each once, and the index of that of each problem that is a map."""
    drawn: list[Chart] = []
    known: dict[tuple[Any, ...], int] = {}
    map_of = {}
    for name, rows in once.groupby("problem", sort=False).groups.items():
        chart = _chart(store, runs.loc[rows], int(once["dimension"].loc[rows[0]]))
        if chart is not None:
            identity = (chart.truth.tobytes(), chart.unit, chart.unit_length, tuple(chart.labels))
            map_of[str(name)] = known.setdefault(identity, len(drawn))
            if known[identity] == len(drawn):
                drawn.append(chart)
    return drawn, map_of


def _chart(store: Store, runs: pd.DataFrame, dimension: int) -> Chart | None:
    """The map that the runs of one problem are about; None if it is no map or nobody knows what it looks like."""
    if dimension < 2 or dimension % 2:
        return None
    info = map_infos.info_of(store, runs[runs["dimension"] == dimension].iloc[0], dimension // 2)
    if info is None:
        return None
    found = charts.of_coordinates(info)
    return found or charts.of_layout(_best(store, runs, dimension), info)


def _best(store: Store, runs: pd.DataFrame, dimension: int) -> Array:
    """The flat layout of the run with the lowest loss, shape (dimension,); NaN if there is none."""
    fitting = runs[(runs["dimension"] == dimension) & np.isfinite(runs["final_loss"].astype(float))]
    if len(fitting):
        key = str(fitting.loc[fitting["final_loss"].astype(float).idxmin(), "key"])
        for _, x in store.results([key]):
            return x
    return np.full(dimension, np.nan)


def _moving(
    store: Store,
    runs: pd.DataFrame,
    once: pd.DataFrame,
    order: "np.typing.NDArray[np.intp]",
    drawn: Sequence[Chart],
    map_of: Mapping[str, int],
) -> list[Moving]:
    """The runs on maps in the order in which they are wanted, with the turns of their trials and their own."""
    points = {name: drawn[place].points for name, place in map_of.items()}
    fits = (runs["dimension"] == 2 * once["problem"].map(points).fillna(-1)).to_numpy()
    loss = np.where(fits, runs["final_loss"].astype(float).fillna(np.inf), np.inf)
    best = pd.Series(loss).groupby([once["problem"], once["trial"]]).transform("idxmin").to_numpy(int)
    rows = [int(row) for row in order if fits[row]]
    needed = sorted({*rows, *(int(best[row]) for row in rows)})
    turns: dict[str, Array] = {}
    place = {str(runs["key"].iloc[row]): map_of[str(once["problem"].iloc[row])] for row in needed if fits[row]}
    for key, x in store.results(place):
        turns[key] = drawn[place[key]].turn(x) if len(x) == 2 * drawn[place[key]].points else np.eye(2)
    found = []
    for row in rows:
        key, leader = str(runs["key"].iloc[row]), str(runs["key"].iloc[best[row]])
        if key in turns:
            found.append(Moving(row, place[key], turns.get(leader, turns[key]), turns[key]))
    return found


def _maps(
    drawn: Sequence[Chart], map_of: Mapping[str, int], reaches: Mapping[int, list[Array]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The maps as the page takes them, and the land under them: one for all maps of one projection."""
    bounds = [chart.bounds(reaches.get(k, [])) for k, chart in enumerate(drawn)]
    together: dict[tuple[float, float], Array] = {}
    for chart, box in zip(drawn, bounds, strict=True):
        if chart.centre is not None:
            other = together.get(chart.centre, box)
            together[chart.centre] = np.r_[np.minimum(box[:2], other[:2]), np.maximum(box[2:], other[2:])]
    centres = list(together)
    named = {place: name for name, place in reversed(map_of.items())}
    shown = [
        chart.as_json(named[k], box, centres.index(chart.centre) if chart.centre is not None else -1)
        for k, (chart, box) in enumerate(zip(drawn, bounds, strict=True))
    ]
    return shown, [land(centre, box) for centre, box in together.items()]


def _map_bytes(drawn: Sequence[Chart]) -> int:
    return sum(14 * chart.points + 10 * len(chart.labels) for chart in drawn) + 20_000 * bool(drawn)


def _facts(store: Store, campaign: str | None, runs: pd.DataFrame) -> dict[str, str]:
    """How the runs were made, by names for people."""
    seconds = float(runs["seconds"].sum())
    if campaign is not None:
        environment, finished = store.environment(campaign)
    else:
        known = store.environments()
        last = runs.loc[runs["finished"].astype(str).idxmax()]
        environment, finished = known.get(last["environment"], {}), str(last["finished"])
    return provenance(environment, finished, seconds)


def _sampled(
    runs: int, traced: int, moving: int, once: pd.DataFrame, map_of: Mapping[str, int]
) -> dict[str, int] | None:
    """Of how many runs the way is in the page; None if of all."""
    on_maps = int(once["problem"].isin(map_of.keys()).sum())
    if traced == runs and moving == on_maps:
        return None
    return {"runs": traced, "of": runs, "moving": moving, "onMaps": on_maps}
