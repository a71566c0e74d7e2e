"""Campaigns on systems that cannot fork: worker processes are spawned there."""

import subprocess
import sys
from pathlib import Path

import pytest

from mdsbench.store.merge import difference
from mdsbench.store.store import Store
from said import without_waiting

# Spawned workers import this file too, so the same is hidden from them.
WITHOUT_FORK = """
import multiprocessing, os, sys
multiprocessing.get_all_start_methods = lambda: ["spawn"]
del os.fork
sys.modules["resource"] = None
if __name__ == "__main__":
    from mdsbench.cli.main import main
    raise SystemExit(main(["run", "small.toml", "--store", "spawned", "--jobs", "2"]))
"""
CAMPAIGN = """
problems = ["cities-6"]
solvers = ["gd", "nelder-mead"]
starts = ["uniform"]
repetitions = 2
calls = 50
"""


@pytest.mark.slow
def test_spawned_workers_give_the_same_runs(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(CAMPAIGN)
    (tmp_path / "without_fork.py").write_text(WITHOUT_FORK)
    for command in (["without_fork.py"], ["-m", "mdsbench", "run", "small.toml", "--store", "forked", "--serial"]):
        ended = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (ended.returncode, without_waiting(ended.stderr)) == (0, "")
    with Store.read(tmp_path / "spawned") as spawned, Store.read(tmp_path / "forked") as forked:
        expected = {run.cell.key: run for run in forked}
        found = {run.cell.key: run for run in spawned}
    assert found.keys() == expected.keys()
    assert [difference(run, found[key]) for key, run in expected.items()] == [""] * 4
