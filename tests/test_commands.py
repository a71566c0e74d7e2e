"""The main commands from end to end, as they are typed: with other versions of the libraries too, `make test-least`."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the commands share."""
    return tmp_path_factory.mktemp("commands")


def mdsbench(folder: Path, line: str) -> str:
    """What the command prints; it must end well and complain about nothing."""
    command = [sys.executable, "-m", "mdsbench", *line.split()]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


def test_the_reproduction_ends_with_its_page(folder: Path) -> None:
    assert "honest, 6 cities" in mdsbench(folder, "reproduce --cities 6 --starts 1 --no-animation --out page")
    assert (folder / "page" / "index.html").is_file()


def test_a_campaign_is_run_stated_exported_and_drawn(folder: Path) -> None:
    done = mdsbench(folder, "run quick --set repetitions=1").splitlines()[0]
    assert re.fullmatch(r"quick: 36 done \(.+\), 0 failed, 0 running, 0 left \(quick.sqlite\)", done)
    assert mdsbench(folder, "status quick.sqlite") == f"{done}\n"
    mdsbench(folder, "export quick.sqlite")
    assert len(pd.read_csv(folder / "quick-runs.csv")) == 36
    mdsbench(folder, "export quick.sqlite --format parquet --table improvements --out quick.parquet")
    assert pd.read_parquet(folder / "quick.parquet").groupby("key").ngroups == 36
    mdsbench(folder, "draw quick.sqlite --no-animation --out maps")
    assert len(list((folder / "maps").glob("*.png"))) == 20


def test_solvers_of_libraries_run(folder: Path) -> None:
    solvers = '["cma-es","newuoa","cobyqa","least-squares","differential-evolution","dual-annealing","bfgs"]'
    line = f"run quick --set problems=cities-6 --set starts=uniform --set solvers={solvers} --store libraries.sqlite"
    assert ", 0 failed, 0 running, 0 left" in mdsbench(folder, line)
