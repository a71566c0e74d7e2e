"""Runs put into a store."""

import json
from collections.abc import Iterable
from pathlib import Path

from mdsbench.runs.run import Run
from mdsbench.store.store import Store
from mdsbench.system.machine import environment


def store_of(path: Path, runs: Iterable[tuple[str, Run]], campaign: str = "mine", **facts: object) -> Path:
    """A store with these runs in a campaign, each with the name of its block."""
    listed = list(runs)
    cells = {run.cell.key: run.cell for _, run in listed}
    blocks = {run.cell.key: block for block, run in listed}
    told = {**json.loads(environment("processes", {}, command=f"mdsbench run {campaign}")), **facts}
    with Store.open(path) as store:
        store.list_cells(campaign, "", cells, json.dumps(told), 1, blocks)
        for _, run in listed:
            store.put(run)
    return path
