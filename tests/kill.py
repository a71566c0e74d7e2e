"""Kill -9 a campaign at random moments, resume it, and compare its store with that of one that nobody disturbed.

    python tests/kill.py --moments 100

The victims take turns: the driver, a worker process, the Dask scheduler, a Dask worker. After each, what was in the
store must be there still, the store must in the end equal the undisturbed one but for timings, and no cell may have
run twice but those in flight at the kill.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mdsbench.errors import UsageError
from mdsbench.runs.run import Run
from mdsbench.store.merge import difference
from mdsbench.store.store import Store

HERE = Path(__file__).resolve().parent
VICTIMS = ("driver", "worker", "scheduler", "dask worker")
CELLS, JOBS = 60, 2
IN_FLIGHT = {"driver": JOBS, "worker": 1, "scheduler": 2 * JOBS, "dask worker": 2 * JOBS}
CAMPAIGN = f"""
problems = ["cities-6", "cities-15"]
solvers = ["{HERE}/zoo/counted.py:counted"]
starts = ["uniform"]
repetitions = {CELLS // 2}
calls = 200
seconds = 60
"""


class Arena:
    """A folder with a campaign, and the processes that run it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store, self.log = folder, folder / "store.sqlite", folder / "runs.log"
        self.campaign = folder / "kill.toml"
        self.campaign.write_text(CAMPAIGN)
        self.environment = {**os.environ, "RUN_LOG": str(self.log), "OMP_NUM_THREADS": "1"}

    def start(self, *arguments: str, module: str = "mdsbench") -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", module, *arguments]
        with (self.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(command, env=self.environment, cwd=self.folder, stdout=output, stderr=output)

    def drive(self, *where: str) -> "subprocess.Popen[bytes]":
        return self.start("run", str(self.campaign), "--store", str(self.store), *where)

    @contextlib.contextmanager
    def cluster(self, port: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
        """A Dask scheduler and two workers, in this order."""
        address = f"tcp://127.0.0.1:{port}"
        quiet = ("--no-dashboard",)
        started = [self.start("scheduler", "--host", "127.0.0.1", "--port", str(port), *quiet, module="dask")]
        try:
            for _ in range(JOBS):
                options = ("--no-nanny", "--nthreads", "1", *quiet)
                started.append(self.start("worker", address, *options, module="dask"))
            yield started
        finally:
            for process in started:
                process.kill()
                process.wait()

    def runs(self) -> dict[str, Run]:
        try:
            with Store.read(self.store) as store:
                return {run.cell.key: run for run in store}
        except UsageError:  # not there yet, or empty: the kill came before its tables
            return {}

    def executions(self) -> Counter[str]:
        return Counter(self.log.read_text().splitlines()) if self.log.exists() else Counter()


def workers_of(driver: int) -> list[int]:
    """The worker processes of a driver: the children of the server that they are forked from."""
    return [worker for server in servers_of(driver) for worker in _children(server)]


def live_workers() -> list[int]:
    """The worker processes of this process."""
    return workers_of(os.getpid())


def servers_of(driver: int) -> list[int]:
    """The servers of a driver: the children of their keepers."""
    keepers = [c for c in _children(driver) if b"mdsbench.execution.server" in Path(f"/proc/{c}/cmdline").read_bytes()]
    return [server for keeper in keepers for server in _children(keeper)]


def descendants(ancestor: int) -> list[int]:
    """All that comes from a process, but what has been orphaned."""
    return [pid for child in _children(ancestor) for pid in (child, *descendants(child))]


def _children(parent: int) -> list[int]:
    found: list[int] = []
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, children.read_text().split())
    return found


def undisturbed(folder: Path) -> dict[str, Run]:
    """The runs of a campaign that nobody disturbs."""
    arena = Arena(folder)
    assert arena.drive("--jobs", str(JOBS)).wait(300) == 0, (folder / "output.txt").read_text()
    return arena.runs()


class Seen(NamedTuple):
    """Whether the victim was alive when it was killed, the runs that were stored before the resume, and how many cells
    ran twice.
    """

    hit: bool
    before: int
    again: int


def moment(folder: Path, victim: str, delay: float, expected: dict[str, Run]) -> Seen:
    """Kill the victim when the campaign has run for that time, resume, check; returns what was seen."""
    arena = Arena(folder)
    before: dict[str, Run] = {}
    if victim in ("driver", "worker"):
        driver = arena.drive("--jobs", str(JOBS))
        _wait_for_first_run(arena, driver)
        time.sleep(delay)
        workers = workers_of(driver.pid)
        hit = driver.poll() is None and _kill(*([driver.pid] if victim == "driver" else workers[:1]))
        if victim == "driver":
            driver.wait()
            assert_gone(workers)
            before = arena.runs()
            arena.drive("--jobs", str(JOBS)).wait(300)
        else:
            assert driver.wait(300) == 0, "the driver did not outlive its worker"
            before = arena.runs()
    else:
        port = random.randint(20_000, 50_000)
        with arena.cluster(port) as processes:
            driver = arena.drive("--dask", f"tcp://127.0.0.1:{port}")
            _wait_for_first_run(arena, driver)
            time.sleep(delay)
            hit = driver.poll() is None and _kill(processes[0 if victim == "scheduler" else 1].pid)
            code = driver.wait(300)
            before = arena.runs()
            if victim == "scheduler" and hit and len(before) < len(expected):
                assert code == 1, f"exit code {code}"
                assert "the Dask scheduler is gone" in (folder / "output.txt").read_text()
            elif victim == "dask worker":
                assert code == 0, "the driver did not outlive a Dask worker"
        arena.drive("--jobs", str(JOBS)).wait(300)
    after = arena.runs()
    assert after.keys() == expected.keys(), f"{len(after)} of {len(expected)} runs"
    differences = [text for key, run in after.items() if (text := difference(expected[key], run))]
    assert not differences, differences
    lost = [key for key, run in before.items() if after[key].spent.seconds != run.spent.seconds]
    assert not lost, f"{len(lost)} finished runs ran again"
    executions = arena.executions()
    again = sum(executions.values()) - len(expected)
    assert 0 <= again <= IN_FLIGHT[victim], f"{again} cells ran twice"
    return Seen(hit, len(before), again)


def _wait_for_first_run(arena: Arena, driver: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while not arena.log.exists() and driver.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)


def assert_gone(pids: list[int]) -> None:
    """A driver that is killed takes its workers along."""
    deadline = time.monotonic() + 5
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, f"workers {left} outlived their driver"
        time.sleep(0.02)


def _kill(*pids: int) -> bool:
    """Kill the processes; returns whether any of them existed."""
    killed = False
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed = True
    return killed


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "undisturbed").mkdir()
        expected = undisturbed(Path(temporary) / "undisturbed")
        for k in range(options.moments):
            folder = Path(temporary) / str(k)
            folder.mkdir()
            victim, delay = VICTIMS[k % len(VICTIMS)], rng.uniform(-0.2, 1.6)
            try:
                seen = moment(folder, victim, max(0.0, delay), expected)
            except BaseException:
                print((folder / "output.txt").read_text()[-3000:])
                raise
            word = "hit" if seen.hit else "missed"
            words = f"{word}, {seen.before} of {CELLS} runs were there before the resume, {seen.again} ran twice"
            print(f"{k + 1:3}  {victim:12} after {max(0.0, delay):.2f} s: {words}", flush=True)
    print(f"{options.moments} passed, 0 failed")


if __name__ == "__main__":
    main()
