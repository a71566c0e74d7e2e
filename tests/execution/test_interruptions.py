"""A signal to a process of a campaign is no result, ends the campaign in no traceback, and costs no run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kill import CELLS, Arena, assert_gone, descendants, servers_of, undisturbed, workers_of
from mdsbench.runs.run import Run
from mdsbench.store.merge import difference

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the processes are found in /proc")]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    runs: dict[str, Run] = undisturbed(tmp_path_factory.mktemp("undisturbed"))
    return runs


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("victims", [workers_of, servers_of])
def test_a_signal_is_no_result(tmp_path: Path, expected: dict[str, Run], victims: object, number: int) -> None:
    arena = Arena(tmp_path)
    driver = arena.drive("--jobs", "2")
    while not arena.log.exists():
        time.sleep(0.01)
    for _ in range(2):  # a third would make it a result
        for victim in victims(driver.pid)[:1]:  # type: ignore[operator]
            os.kill(victim, number)
        time.sleep(0.1)
    assert driver.wait(100) == 0
    assert "Traceback" not in (tmp_path / "output.txt").read_text()
    runs = arena.runs()
    assert len(runs) == CELLS
    assert [text for key, run in runs.items() if (text := difference(expected[key], run))] == []


@pytest.mark.parametrize("delay", [0.1, 0.4, 0.8, 1.2, 1.6])
def test_ctrl_c_is_one_line_at_any_time(tmp_path: Path, delay: float) -> None:
    arena = Arena(tmp_path)
    command = [sys.executable, "-m", "mdsbench", "run", str(arena.campaign), "--store", str(arena.store)]
    with subprocess.Popen(
        command, env=arena.environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as driver:
        while not arena.store.exists():
            time.sleep(0.01)
        time.sleep(delay)
        everybody = descendants(driver.pid)
        os.killpg(driver.pid, signal.SIGINT)
        _, said = driver.communicate(timeout=60)
    assert "Traceback" not in said
    assert_gone(everybody)


def test_a_campaign_that_is_stopped_and_continued_has_no_run_out_of_time(tmp_path: Path) -> None:
    arena = Arena(tmp_path)
    arena.campaign.write_text(arena.campaign.read_text().replace("seconds = 60", "seconds = 2"))
    driver = arena.drive("--jobs", "2")
    while not arena.log.exists():
        time.sleep(0.01)
    os.kill(driver.pid, signal.SIGSTOP)
    time.sleep(4)
    os.kill(driver.pid, signal.SIGCONT)
    assert driver.wait(100) == 0
    assert {str(run.ending) for run in arena.runs().values()} == {"budget"}


def test_a_temporary_folder_of_a_long_name_will_do(tmp_path: Path) -> None:
    arena = Arena(tmp_path)
    folder = tmp_path / ("d" * 120) / os.fsdecode(b"caf\xe9")
    folder.mkdir(parents=True)
    arena.environment["TMPDIR"] = str(folder)
    assert arena.drive("--jobs", "2").wait(100) == 0, (tmp_path / "output.txt").read_text()
    assert len(arena.runs()) == CELLS
