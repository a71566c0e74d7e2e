"""The short form of `python tests/kill.py`: one moment for each victim."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kill import CELLS, VICTIMS, assert_gone, moment, undisturbed, workers_of
from mdsbench.runs.run import Run

NANOSLEEP = ("35", "230", "101", "115")  # nanosleep and clock_nanosleep, on x86-64 and on 64-bit ARM


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    runs: dict[str, Run] = undisturbed(tmp_path_factory.mktemp("undisturbed"))
    return runs


@pytest.mark.slow
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_campaign_resumes_to_the_same_store(tmp_path: Path, victim: str, expected: dict[str, Run]) -> None:
    if "scheduler" in victim or "dask" in victim:
        pytest.importorskip("distributed")
    seen = moment(tmp_path, victim, random.uniform(0, 0.3), expected)  # the campaign takes 0.9 s or more
    assert seen.hit
    if victim in ("driver", "scheduler"):
        assert seen.before < CELLS
    else:
        assert seen.before == CELLS


@pytest.mark.slow
def test_a_worker_that_hangs_in_c_dies_with_its_driver(tmp_path: Path) -> None:
    zoo = Path(__file__).parents[1] / "zoo" / "solvers.py"
    campaign = (
        f'problems = ["cities-6"]\nsolvers = ["{zoo}:hangs_in_c"]\nstarts = ["uniform"]\ncalls = 9\nseconds = 600\n'
    )
    (tmp_path / "hang.toml").write_text(campaign)
    command = [sys.executable, "-m", "mdsbench", "run", "hang.toml", "--jobs", "1"]
    with subprocess.Popen(command, cwd=tmp_path) as driver:
        try:
            deadline = time.monotonic() + 60
            while not any(map(sleeps_in_c, workers := workers_of(driver.pid))):
                assert time.monotonic() < deadline, "no worker hangs"
                time.sleep(0.05)
            assert driver.poll() is None
        finally:
            driver.kill()
    assert_gone(workers)


def sleeps_in_c(pid: int) -> bool:
    """Whether the process waits in the system call of sleep()."""
    try:
        number = Path(f"/proc/{pid}/syscall").read_text().partition(" ")[0]
    except OSError:
        return False
    return number in NANOSLEEP
