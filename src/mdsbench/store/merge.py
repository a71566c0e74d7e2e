"""Two stores made one."""

from dataclasses import fields
from typing import Any

import numpy as np

from mdsbench.errors import Failure
from mdsbench.runs.run import Run
from mdsbench.store.store import Store

SHOWN = 5


def merge(into: Store, other: Store) -> tuple[int, int]:
    """Add the runs of the other store; returns how many were new and how many both had.

    A run in both stores must be the same but for its timings; where one is not, raises Failure and changes nothing.
    """
    ours = set(into.keys())
    both = [(key, run) for key, run in other.items() if key in ours]
    conflicts = [text for key, run in both if (text := difference(into.stored_as(key), run))]
    if conflicts:
        more = f"; and {len(conflicts) - SHOWN} more" if len(conflicts) > SHOWN else ""
        raise Failure(
            f"{into.path} and {other.path} disagree on {len(conflicts)} cells, and nothing was merged: "
            + "; ".join(conflicts[:SHOWN])
            + more
        )
    into.add(other.content())
    return len(other.keys()) - len(both), len(both)


def difference(one: Run, other: Run) -> str:
    """What two runs of a cell disagree on, timings aside; empty where they agree."""
    a, b = timeless(one), timeless(other)
    names = [name for name in a if not np.array_equal(a[name], b[name], equal_nan=name not in ("ending", "message"))]
    return (
        f"{one.cell.label}: {', '.join(f'{name} {_short(a[name])} and {_short(b[name])}' for name in names)}"
        if names
        else ""
    )


def timeless(run: Run) -> dict[str, Any]:
    """Everything about a run but its timings. The message of a failed run is a matter of its process.

    Older stores have not counted the looks, which are no result, and no store keeps the claims.
    """
    seen = {field.name: getattr(run, field.name) for field in fields(run)}
    for name in ("cell", "message", "looks", "claims"):
        del seen[name]
    seen |= run.spent._replace(seconds=0.0)._asdict()
    seen["ending"] = str(run.ending)
    del seen["spent"]
    seen["improvements"] = [moment._replace(seconds=0.0) for moment in run.improvements]
    seen["path"] = [moment._replace(seconds=0.0) for moment, _ in run.path]
    seen["positions"] = [x for _, x in run.path]
    return seen


def _short(value: Any) -> str:
    return f"{len(value)} records" if isinstance(value, list | np.ndarray) else f"{value!r:.40}"
