"""A campaign of a hundred attacks with good solvers between them: each has its ending, and no neighbour feels it."""

import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kill import descendants
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.events import Notice, RunProgress, listening
from mdsbench.runs.execute import attempt
from mdsbench.runs.run import Run
from mdsbench.store.merge import difference

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(280),
    pytest.mark.skipif(sys.platform != "linux", reason="the attacks are those on Linux"),
]

ZOO = Path(__file__).parents[1] / "zoo" / "attacks.py"
GOOD = [
    Cell("cities-6", solver, f"uniform(seed={k})", Limits(calls=300, megabytes=200))
    for k in range(20)
    for solver in ("gd", "nelder-mead", "adam")
]


@pytest.fixture(scope="module")
def zoo() -> Any:
    """The attacks, registered nowhere in this process but under other names."""
    spec = importlib.util.spec_from_file_location("attacks", ZOO)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def notices() -> list[str]:
    return []


@pytest.fixture(scope="module")
def runs(zoo: Any, notices: list[str]) -> dict[str, Run]:
    """The campaign's runs, by the attack's name or the good cell's key."""

    def limits(name: str) -> Limits:
        return Limits(calls=500, seconds=1 if name in zoo.HANGS else 8, megabytes=200)

    bad = [Cell("cities-6", f"{ZOO}:{name}", "published", limits(name)) for name in zoo.EXPECTED]
    mixed = [cell for k, attack in enumerate(bad) for cell in [attack, *GOOD[k // 2 : k // 2 + k % 2]]]

    def noted(event: Notice | RunProgress) -> None:
        if isinstance(event, Notice):
            notices.append(event.text)

    with listening(noted):
        finished = list(pool.processes(attempt, mixed, workers=2))
    return {run.cell.key if run.cell in GOOD else run.cell.solver.partition(":")[2]: run for run in finished}


def test_the_zoo_is_large(zoo: Any) -> None:
    assert len(zoo.EXPECTED) >= 100


def test_each_attack_has_its_ending(zoo: Any, runs: dict[str, Run]) -> None:
    found = {name: str(runs[name].ending) for name in zoo.EXPECTED}
    wrong = {
        name: (ending, runs[name].message[:300]) for name, ending in found.items() if ending not in zoo.EXPECTED[name]
    }
    assert wrong == {}
    assert set(found.values()) <= set(Ending)


def test_the_neighbours_feel_nothing(runs: dict[str, Run]) -> None:
    alone = [run for run in pool.processes(attempt, GOOD, workers=2) if run.cell.key in runs]
    assert len(alone) >= 40
    assert [difference(run, runs[run.cell.key]) for run in alone] == [""] * len(alone)


def test_what_runs_on_is_ended_and_said(runs: dict[str, Run], notices: list[str]) -> None:
    said = [text for text in notices if "which are ended" in text]
    for name in ("leaves_a_daemon", "leaves_a_program_without_a_trace", "dies_before_its_daemon"):
        assert any(name in text for text in said), name
    time.sleep(0.2)
    left = [pid for pid in descendants(os.getpid()) if b"3600" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert left == []
