"""The data of a page as plain lists, made without the page's own encoding: what the tests of its statistics read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mdsbench.report.palette import Palette
from mdsbench.statistics.arrivals import ARRIVED, CENSORED, ELSEWHERE

COUNTS = {
    "iterations": "iterations",
    "evaluations": "evaluations",
    "gradients": "gradients",
    "hessian_vectors": "products",
    "parts": "parts",
    "pairs": "pairs",
    "seconds": "seconds",
    "comparisons": "comparisons",
    "directional_derivatives": "directional",
}
TRACED = 12  # improvements of a run that are kept


def plain_data(table: pd.DataFrame, runs: pd.DataFrame, traces: pd.DataFrame | None = None) -> dict[str, Any]:
    """The data of a page from a frame of `arrivals`, the runs it was made of and, if given, their improvements."""
    targets = list(dict.fromkeys(table["target"]))
    first = table[table["target"] == targets[0]].reset_index(drop=True)
    names = {what: list(dict.fromkeys(first[what])) for what in ("solver", "problem", "start", "trial")}
    place = {what: {name: k for k, name in enumerate(listed)} for what, listed in names.items()}
    problems = first.drop_duplicates("problem").set_index("problem")
    palette = Palette(names["solver"])
    fates = table["fate"].map({ARRIVED: 0, CENSORED: 1, ELSEWHERE: 2}).to_numpy()

    def by_run(column: Any) -> list[Any]:
        """Entry r * targets + t, of rows that come target by target."""
        listed: list[Any] = np.asarray(column).reshape(len(targets), -1).T.ravel().tolist()
        return listed

    data: dict[str, Any] = {
        "level": 0.95,
        "title": "A test",
        "targets": targets,
        "solvers": [
            {"name": name, "title": name, "colour": palette.colour(name), "dash": "", "uses": "values"}
            for name in names["solver"]
        ],
        "problems": [
            {
                "name": name,
                "title": name,
                "family": row["family"],
                "dimension": int(row["dimension"]),
                "floor": _finite(row["floor"]),
                "floorKnown": bool(row["floor_known"]),
            }
            for name, row in problems.iterrows()
        ],
        "starts": names["start"],
        "trials": names["trial"],
        "runs": {
            "key": first["key"].tolist(),
            **{what: first[what].map(place[what]).tolist() for what in names},
            "startLoss": [_finite(loss) for loss in runs["start_loss"]],
            "finalLoss": [_finite(loss) for loss in runs["final_loss"]],
            "ending": [str(ending) for ending in runs["ending"]],
            "dimension": first["dimension"].tolist(),
        },
        "arrivals": {"fate": by_run(fates), **{ours: by_run(table[name]) for name, ours in COUNTS.items()}},
    }
    if traces is not None:
        data["traces"] = _traces(first["key"].tolist(), traces)
    return data


def _traces(keys: list[str], traces: pd.DataFrame) -> dict[str, Any]:
    """At most so many improvements of each run, the first and the last among them."""
    kept, first = [], [0]
    groups = dict(list(traces.groupby("key", sort=False)))
    for key in keys:
        rows = groups.get(key, traces.iloc[:0])
        chosen = np.unique(np.linspace(0, len(rows) - 1, min(TRACED, len(rows))).round().astype(int))
        kept.append(rows.iloc[chosen])
        first.append(first[-1] + len(chosen))
    every = pd.concat(kept)
    known = {ours: every[name].tolist() if name in every else [0] * len(every) for name, ours in COUNTS.items()}
    return {"first": first, **known, "loss": [_finite(loss) for loss in every["loss"]]}


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
