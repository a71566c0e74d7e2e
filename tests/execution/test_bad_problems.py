"""A start or a problem that exits or hangs ends its own runs, and the command goes on to its end."""

import subprocess
import sys
from pathlib import Path

import pytest

from mdsbench.campaigns import facts
from mdsbench.cli.main import main
from mdsbench.store.store import Store

ZOO = Path(__file__).parents[1] / "zoo"
CAMPAIGN = f"""
solvers = ["gd", "nelder-mead"]
calls = 50
seconds = 1
[[block]]
problems = ["cities-6"]
starts = ["{ZOO}/starts.py:exits", "published"]
[[block]]
problems = ["{ZOO}/problems.py:exits", "{ZOO}/problems.py:hangs", "{ZOO}/problems.py:good"]
solvers = ["nelder-mead"]
"""


def mdsbench(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, which a failure of the promise would end."""
    command = [sys.executable, "-m", "mdsbench", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a campaign with bad starts and problems has run."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "bad.toml").write_text(CAMPAIGN)
    finished = mdsbench(folder, "run", "bad.toml", "--jobs", "2")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("bad: 4 done (3 budget, 1 timeout), 3 failed (3 killed), 0 running, 0 left")
    assert "versions" not in finished.stdout
    return folder


def test_each_run_has_its_ending(folder: Path) -> None:
    with Store.read(folder / "bad.sqlite") as store:
        endings = {
            (Path(run.cell.problem).name, Path(run.cell.start).name, run.cell.solver): run.ending for run in store
        }
    assert {key: ending for key, ending in endings.items() if ending in ("killed", "timeout")} == {
        ("cities-6", "starts.py:exits", "gd"): "killed",
        ("cities-6", "starts.py:exits", "nelder-mead"): "killed",
        ("problems.py:exits", "published", "nelder-mead"): "killed",
        ("problems.py:hangs", "published", "nelder-mead"): "timeout",
    }
    assert len(endings) == 7


@pytest.mark.slow
def test_a_dry_run_ends_too(folder: Path) -> None:
    finished = mdsbench(folder, "run", "bad.toml", "--jobs", "2", "--store", "other.sqlite", "--dry-run")
    assert finished.returncode == 0, finished.stderr
    assert "bad: 7 of 7 cells to run" in finished.stdout


@pytest.mark.parametrize("name", ["exits_at_once", "hangs_at_once", "raises_at_once"])
def test_a_problem_that_cannot_be_built_is_refused_before_the_campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(facts, "SECONDS", 0.5)
    monkeypatch.chdir(tmp_path)
    Path("bad.toml").write_text(f'problems = ["{ZOO}/problems.py:{name}"]\nsolvers = ["gd"]\ncalls = 5\n')
    assert main(["run", "bad.toml"]) == 2
    said = capsys.readouterr().err
    assert "cannot be built" in said
    assert said.count("\n") == 1
    assert not Path("bad.sqlite").exists()
