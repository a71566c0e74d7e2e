"""Long runs of a campaign, killed and interrupted: 5,000 places, whose 12 million pairs make a pass long enough."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kill import workers_of
from mdsbench.runs.checkpoints import Checkpoints
from mdsbench.runs.run import Run
from mdsbench.store.merge import difference
from mdsbench.store.store import Store
from said import without_waiting

pytestmark = pytest.mark.slow

TEXT = """
problems = ["places(n=5000,precision=single,distances=computed)"]
solvers = ["gd"]
calls = 100
jobs = 1
"""


class Campaign:
    """The campaign in a folder, in processes that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, folder / "s.sqlite"
        (folder / "long.toml").write_text(TEXT)
        self.checkpoints = Checkpoints.beside(self.store)

    def start(self, *more: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "mdsbench", "run", "long.toml", "--store", "s.sqlite", *more]
        return subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)

    def finish(self, *more: str) -> str:
        """Run to the end; returns what it said on the way."""
        process = self.start(*more)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        heard: str = without_waiting(said)
        return heard

    def written(self) -> int:
        """The bytes of the only journal; 0 where there is none."""
        return sum(path.stat().st_size for path in self.checkpoints.folder.glob("*.journal"))

    def wait_for(self, answers: int) -> None:
        """Until so many gradients, of 80 kB each, are in the journal."""
        deadline = time.monotonic() + 60
        while self.written() < 80_000 * answers:
            assert time.monotonic() < deadline, "no checkpoint was written"
            time.sleep(0.005)

    def run(self) -> Run:
        with Store.read(self.store) as store:
            (run,) = store
        return run


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    campaign = Campaign(tmp_path_factory.mktemp("undisturbed"))
    campaign.finish()
    assert not campaign.checkpoints.folder.exists()
    return campaign.run()


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign(tmp_path)


def kill_driver(driver: "subprocess.Popen[str]") -> None:
    driver.kill()
    driver.communicate()


def kill_worker(driver: "subprocess.Popen[str]") -> None:
    os.kill(workers_of(driver.pid)[0], signal.SIGKILL)
    _, said = driver.communicate(timeout=120)
    assert driver.returncode == 0, said


@pytest.mark.parametrize("kill", [kill_driver, kill_worker])
def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_happened(
    campaign: Campaign, undisturbed: Run, kill: Callable[["subprocess.Popen[str]"], None]
) -> None:
    driver = campaign.start()
    campaign.wait_for(20)
    kill(driver)
    if kill is kill_driver:
        before = campaign.written()
        assert before >= 80_000 * 20
        kill_driver(campaign.start())  # again, at once
        assert campaign.written() >= before - 80_100
    campaign.finish()
    assert difference(undisturbed, campaign.run()) == ""
    assert not campaign.checkpoints.folder.exists()


def test_ctrl_c_keeps_what_was_done_and_says_so(campaign: Campaign, undisturbed: Run) -> None:
    for where in ([], ["--serial"]):
        driver = campaign.start(*where)
        campaign.wait_for(campaign.written() // 80_000 + 5)
        driver.send_signal(signal.SIGINT)
        _, said = driver.communicate(timeout=120)
        assert without_waiting(said).endswith(
            "mdsbench: interrupted; 0 of 1 runs are kept in s.sqlite, 1 more up to their last call,"
            " and the same command goes on\n"
        )
    campaign.finish()
    assert difference(undisturbed, campaign.run()) == ""


def test_a_damaged_checkpoint_is_set_aside_with_a_word(campaign: Campaign, undisturbed: Run) -> None:
    kill_driver_at_ten(campaign)
    (journal,) = campaign.checkpoints.folder.glob("*.journal")
    journal.write_bytes(b"rubbish" * 100)
    said = campaign.finish()
    assert "is damaged or of another version: the run starts anew" in said
    assert said.count("\n") == 1
    assert difference(undisturbed, campaign.run()) == ""


def test_without_a_place_for_checkpoints_the_run_goes_on(campaign: Campaign, undisturbed: Run) -> None:
    campaign.checkpoints.folder.touch()
    said = campaign.finish()
    assert said.startswith("no checkpoints in ")
    assert said.count("\n") == 1
    assert difference(undisturbed, campaign.run()) == ""


def kill_driver_at_ten(campaign: Campaign) -> None:
    driver = campaign.start()
    campaign.wait_for(10)
    kill_driver(driver)
