"""The problems of a store that are maps, and the runs that move over them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.problems.problem import Array
from mdsbench.report.page.payload import charts, map_infos
from mdsbench.report.page.payload.charts import Chart
from mdsbench.report.page.payload.land import land
from mdsbench.report.page.payload.sampling import Indices
from mdsbench.report.page.payload.trajectories import Moving
from mdsbench.store.store import Store


def charts_of(store: Store, runs: pd.DataFrame, once: pd.DataFrame) -> tuple[list[Chart], dict[str, int]]:
    """The maps, each once, and the index of that of each problem that is a map."""
    drawn: list[Chart] = []
    known: dict[tuple[Any, ...], int] = {}
    map_of = {}
    for name, rows in once.groupby("problem", sort=False):
        chart = _chart(store, runs.loc[rows.index], int(rows["dimension"].iloc[0]))
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
    fitting = runs[runs["dimension"] == dimension]
    info = map_infos.info_of(store, str(fitting["problem"].iloc[0]), str(fitting["key"].iloc[0]), dimension // 2)
    if info is None:
        return None
    found = charts.of_coordinates(info)
    return found or charts.of_layout(_best(store, fitting, dimension), info)


def _best(store: Store, runs: pd.DataFrame, dimension: int) -> Array:
    """The flat layout of the run with the lowest loss, shape (dimension,); NaN if there is none."""
    loss = runs["final_loss"].to_numpy(float)
    if np.isfinite(loss).any():
        for _, x in store.results([str(runs["key"].iloc[int(np.nanargmin(loss))])]):
            return x if len(x) == dimension else np.full(dimension, np.nan)
    return np.full(dimension, np.nan)


def moving_of(
    store: Store,
    runs: pd.DataFrame,
    once: pd.DataFrame,
    order: Indices,
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


def as_json(
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
    named = {place: name for name, place in reversed(list(map_of.items()))}
    shown = [
        chart.as_json(named[k], box, centres.index(chart.centre) if chart.centre is not None else -1)
        for k, (chart, box) in enumerate(zip(drawn, bounds, strict=True))
    ]
    return shown, [land(centre, box) for centre, box in together.items()]


def size(drawn: Sequence[Chart]) -> int:
    return sum(14 * chart.points + 10 * len(chart.labels) for chart in drawn) + 20_000 * bool(drawn)
