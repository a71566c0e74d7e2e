"""Kill -9 `mdsbench reproduce` at random moments, resume it, and compare its summary with that of a run without a kill.

    python tests/kill_reproduce.py --moments 20

The summaries must be equal but for seconds.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COMMAND = ["-m", "mdsbench", "reproduce", "--cities", "6", "15", "--starts", "3", "--no-animation"]


def start(out: Path) -> "subprocess.Popen[bytes]":
    """Start the command in a process group of its own."""
    with out.with_suffix(".log").open("ab") as log:
        command = [sys.executable, *COMMAND, "--out", str(out)]
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def summary(out: Path) -> list[dict[str, Any]]:
    """The records of a finished reproduction without their seconds."""
    records = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return [{key: value for key, value in record.items() if key != "seconds"} for record in records]


def undisturbed(folder: Path) -> tuple[list[dict[str, Any]], float]:
    """The summary of a reproduction that is not killed, and how many seconds it took."""
    began = time.monotonic()
    assert start(folder / "undisturbed").wait(300) == 0, (folder / "undisturbed.log").read_text()
    return summary(folder / "undisturbed"), time.monotonic() - began


def moment(out: Path, delay: float, expected: list[dict[str, Any]]) -> str:
    """Kill the driver after so many seconds, resume, and check the summary; returns what was seen."""
    driver = start(out)
    time.sleep(delay)
    hit = driver.poll() is None
    if hit:
        os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    left = "a page" if (out / "index.html").exists() else "no page"
    assert start(out).wait(300) == 0, out.with_suffix(".log").read_text()
    assert summary(out) == expected
    return f"{'killed' if hit else 'finished'} after {delay:.2f} s with {left}; resumed to the same summary"


def main() -> None:
    """Try so many moments and print each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        expected, seconds = undisturbed(Path(folder))
        for k in range(options.moments):
            print(f"{k + 1:3}: {moment(Path(folder) / f'moment-{k}', rng.uniform(0.3, seconds), expected)}", flush=True)


if __name__ == "__main__":
    main()
