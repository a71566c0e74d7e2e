"""The short form of `python tests/kill.py`: one moment for each victim."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kill import VICTIMS, assert_gone, moment, undisturbed, workers_of
from mdsbench.runs.execute import Run


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    runs: dict[str, Run] = undisturbed(tmp_path_factory.mktemp("undisturbed"))
    return runs


@pytest.mark.slow
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_campaign_resumes_to_the_same_store(tmp_path: Path, victim: str, expected: dict[str, Run]) -> None:
    if "scheduler" in victim or "dask" in victim:
        pytest.importorskip("distributed")
    seen = moment(tmp_path, victim, random.uniform(0, 1.2), expected)
    assert seen.startswith(("hit", "missed"))


@pytest.mark.slow
def test_a_worker_that_hangs_in_c_dies_with_its_driver(tmp_path: Path) -> None:
    zoo = Path(__file__).parents[1] / "zoo" / "solvers.py"
    campaign = (
        f'problems = ["cities-6"]\nsolvers = ["{zoo}:hangs_in_c"]\nstarts = ["uniform"]\ncalls = 9\nseconds = 600\n'
    )
    (tmp_path / "hang.toml").write_text(campaign)
    command = [sys.executable, "-m", "mdsbench", "run", "hang.toml", "--jobs", "1"]
    with subprocess.Popen(command, cwd=tmp_path) as driver:
        while not (workers := workers_of(driver.pid)):
            time.sleep(0.05)
        time.sleep(3)  # it hangs by now
        driver.kill()
    assert_gone(workers)
