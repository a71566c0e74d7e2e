"""The names of a page and the columns that refer to them: solvers, problems, starts, runs, arrivals."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.errors import UsageError
from mdsbench.registry.spec import parse
from mdsbench.report import style
from mdsbench.report.page.payload.columns import column, texts, words
from mdsbench.report.page.payload.traces import NAMES
from mdsbench.report.palette import Palette
from mdsbench.runs.execute import asks
from mdsbench.statistics.arrivals import ARRIVED, CENSORED, COUNTS, ELSEWHERE, TARGETS, accounted, start_losses
from mdsbench.statistics.results import is_registered
from mdsbench.statistics.wording import without_folders

FATES = (ARRIVED, CENSORED, ELSEWHERE)
LONGEST = 300  # letters of a message
WORDS_OF = {"comparison": "comparisons", "value": "values", "directional": "directional"}  # else: gradient


def solvers(runs: pd.DataFrame, table: pd.DataFrame) -> list[dict[str, Any]]:
    """The solvers in the order in which they come; `table` has the rows of `arrivals` at one target, as `runs` has."""
    first = table.drop_duplicates("solver").index
    names = table["solver"].loc[first].tolist()
    palette = Palette(names)
    titles = [style.title(name) for name in names]
    found = []
    for row, name, title in zip(first, names, titles, strict=True):
        line = palette.line(name)
        found.append(
            {
                "name": name,
                "title": title if titles.count(title) == 1 else f"{title}: {name}",
                "colour": palette.colour(name),
                "dash": "" if isinstance(line, str) else ",".join(map(str, line[1])),
                "uses": _uses(str(runs["solver"].iloc[row]), runs[table["solver"] == name]),
            }
        )
    return found


def problems(table: pd.DataFrame, maps: Mapping[str, int]) -> list[dict[str, Any]]:
    """The problems in the order in which they come; `maps` are the indices of those that are maps."""
    return [
        {
            "name": row.problem,
            "title": without_folders(str(row.problem)),
            "family": row.family,
            "dimension": int(row.dimension),
            "map": maps.get(str(row.problem), -1),
            "floor": _finite(row.floor),
            "floorKnown": bool(row.floor_known),
            "bestKnown": _finite(row.floor) if row.floor_known else None,
        }
        for row in table.drop_duplicates("problem").itertuples()
    ]


def run_columns(
    runs: pd.DataFrame, table: pd.DataFrame, blocks: Mapping[str, str], trajectory: Any
) -> tuple[dict[str, Any], list[str]]:
    """The columns of `runs`, and the names of the blocks of a campaign that they refer to."""
    named = [blocks.get(key, "") for key in runs["key"]]
    protocols = list(dict.fromkeys(named)) or [""]
    counts = accounted(runs, runs["terms_per_pass"].to_numpy(float))
    said = [without_folders(str(text).partition("\n")[0])[:LONGEST] for text in runs["message"]]
    return {
        "key": texts(runs["key"].tolist()),
        **{name: column(pd.factorize(table[name])[0]) for name in ("solver", "problem", "start", "trial")},
        "protocol": column([protocols.index(block) for block in named]),
        "ending": words(runs["ending"].astype(str).tolist()),
        "message": words(said),
        "failed": column(runs["failed"].to_numpy(np.uint8)),
        "seed": column(runs["seed"].to_numpy(float)),
        "startLoss": column(start_losses(runs)),
        "finalLoss": column(runs["final_loss"].to_numpy(float)),
        "dimension": column(table["dimension"].to_numpy(float)),
        **dict(zip(NAMES, map(column, counts.T), strict=True)),
        "trajectory": column(trajectory),
    }, protocols


def arrival_columns(table: pd.DataFrame) -> dict[str, Any]:
    """The fates and counts of `arrivals` at all targets, run by run, and of each run target by target."""
    by_run = np.arange(len(table)).reshape(len(TARGETS), -1).T.ravel()
    fate = pd.Categorical(table["fate"], FATES).codes[by_run].astype(np.uint8)
    counts = table[COUNTS].to_numpy(float)[by_run]
    return {"fate": column(fate), **dict(zip(NAMES, map(column, counts.T), strict=True))}


def _uses(solver: str, runs: pd.DataFrame) -> str:
    """What a solver asks for; one that is not registered here is judged by what its runs were charged."""
    try:
        if is_registered(parse(solver)):
            return WORDS_OF.get(asks(solver), "gradient")
    except UsageError:
        pass
    if (runs["gradients"] + runs["hessian_vectors"]).any():
        return "gradient"
    if runs["directional_derivatives"].any():
        return "directional"
    return "comparisons" if runs["comparisons"].any() else "values"


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
