"""Dask as the engine: the same runs, and what is said when it goes away or is another version."""

import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import mdsbench
from mdsbench.cli.main import main
from mdsbench.errors import Failure
from mdsbench.execution import dask_cluster, pool
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt
from mdsbench.store.merge import difference
from mdsbench.version import __version__
from said import without_waiting

distributed = pytest.importorskip("distributed")

ZOO = Path(__file__).parents[1] / "zoo" / "solvers.py"
CELLS = [
    Cell("cities-6", solver, f"uniform(seed={k})", Limits(calls=50)) for solver in ("gd", "adam") for k in range(3)
]


class Elsewhere:
    """A client whose workers answer what a test says."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def run(self, *_: object) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"tcp://there:1": self.answer}


def test_a_worker_of_another_version_is_refused() -> None:
    ours = dask_cluster.versions(["gd"])
    dask_cluster.refuse_other_versions(Elsewhere(ours), CELLS[:1])
    with pytest.raises(Failure, match=r"the worker tcp://there:1 has mdsbench 0\.0\.9, here it is"):
        dask_cluster.refuse_other_versions(Elsewhere({**ours, "mdsbench": "0.0.9"}), CELLS[:1])
    with pytest.raises(Failure, match="the worker tcp://there:1 has gd 7, here it is 1"):
        dask_cluster.refuse_other_versions(Elsewhere({**ours, "gd": 7}), CELLS[:1])
    with pytest.raises(Failure, match="cannot load mdsbench"):
        dask_cluster.refuse_other_versions(Elsewhere(ModuleNotFoundError("No module named 'mdsbench'")), CELLS[:1])


def test_a_worker_that_joins_later_looks_at_the_versions_itself() -> None:
    with pytest.raises(Failure, match="another version of mdsbench"):
        dask_cluster.run_isolated(attempt, CELLS[0], CELLS[0].key, "0.0.9")
    with pytest.raises(Failure, match=r"another version of mdsbench .* or of gd"):
        dask_cluster.run_isolated(attempt, CELLS[0], "another key", __version__)


def test_no_scheduler_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dask_cluster, "CONNECT", 0.2)
    assert main(["run", "quick", "--dask", "tcp://127.0.0.1:9"]) == 1
    assert capsys.readouterr().err.startswith("mdsbench: no Dask scheduler answers at tcp://127.0.0.1:9")


OTHER = {
    "the package": (
        "version.py",
        f'__version__ = "{__version__}"',
        '__version__ = "0.0.9"',
        "has mdsbench 0.0.9, here",
    ),
    "a solver": ("solvers/gradient_descent.py", '@solver("gd",', '@solver("gd", version=7,', "has gd 7, here it is 1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("other", OTHER)
def test_a_worker_process_with_another_version_installed_is_refused(tmp_path: Path, other: str) -> None:
    file, ours, theirs, words = OTHER[other]
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    package = there / "mdsbench"
    shutil.copytree(Path(mdsbench.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    source = (package / file).read_text()
    assert source.count(ours) == 1
    (package / file).write_text(source.replace(ours, theirs))
    campaign = 'problems = ["cities-6"]\nsolvers = ["gd"]\nstarts = ["uniform"]\ncalls = 50\n'
    (here / "small.toml").write_text(campaign)
    port = str(random.randint(20_000, 50_000))
    address = f"tcp://127.0.0.1:{port}"

    def start(*command: str, folder: Path, **environment: str) -> "subprocess.Popen[str]":
        everything = [sys.executable, "-m", *command]
        environment = {**os.environ, **environment}
        return subprocess.Popen(everything, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)

    scheduler = start("dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", folder=here)
    worker = start("dask", "worker", address, "--no-nanny", "--no-dashboard", folder=there, PYTHONPATH=str(there))
    with scheduler, worker:
        try:
            wait_for_worker(address)
            with start("mdsbench", "run", "small.toml", "--dask", address, folder=here) as driver:
                said = without_waiting(driver.communicate(timeout=120)[1])
        finally:
            scheduler.kill()
            worker.kill()
    assert driver.returncode == 1
    assert words in said
    assert said.count("\n") == 1


def wait_for_worker(address: str) -> None:
    """Until the scheduler is there and has a worker."""
    for _ in range(20):
        with suppress(OSError), distributed.Client(address, timeout=2) as client:
            client.wait_for_workers(1, timeout=20)
            return
    raise AssertionError


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_cluster_gives_the_same_runs_and_survives_the_zoo() -> None:
    limits = Limits(calls=50, seconds=1, megabytes=100)
    bad = [Cell("cities-6", f"{ZOO}:{name}", "published", limits) for name in ("hangs_in_c", "exits_well", "allocates")]
    here = {run.cell.key: run for run in pool.serial(attempt, CELLS)}
    with dask_cluster.dask(None, 2) as executor:
        there = {run.cell.key: run for run in executor(attempt, [*bad, *CELLS])}
    assert [there[cell.key].ending for cell in bad] == ["timeout", "killed", "memory"]
    assert [difference(run, there[key]) for key, run in here.items()] == [""] * len(CELLS)
