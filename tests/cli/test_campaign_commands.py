"""run, status, export and merge, as a person types them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mdsbench.cli.main import main
from mdsbench.registry.registry import SOLVERS
from mdsbench.store.frames import frames
from mdsbench.store.store import Store
from said import without_waiting

ZOO = Path(__file__).parents[1] / "zoo"
TEXT = """
problems = ["cities-6"]
solvers = ["gd", "nelder-mead"]
starts = ["uniform"]
repetitions = 3
calls = 50
seconds = 5
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new folder with a campaign in it."""
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(TEXT)
    return tmp_path


def run(*arguments: str) -> int:
    return main(["run", "small.toml", "--serial", *arguments])


def test_a_campaign_runs_once_and_says_how_it_went(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert run() == 0
        out, err = capsys.readouterr()
        count, *table = out.splitlines()
        assert (count, without_waiting(err)) == (
            "small: 6 done (6 budget), 0 failed, 0 running, 0 left (small.sqlite)",
            "",
        )
        assert table[3] == "cities-6, uniform, gap 0.01"
        assert table[-1] == "more, and what it says: mdsbench results small.sqlite"
    with Store.read(Path("small.sqlite")) as store:
        (environment,) = store.environments().values()
    assert environment["executor"] == "serial"
    assert environment["packages"]["numpy"]


def test_processes_give_the_same_store_as_this_process(here: Path) -> None:
    assert run("--store", "a") == 0
    assert main(["run", "small.toml", "--store", "b", "--jobs", "2"]) == 0
    assert main(["merge", "a", "b"]) == 0  # says so where a cell differs


def test_a_changed_file_runs_what_is_new(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--set", "repetitions=1", "--set", "solvers=gd") == 0
    assert capsys.readouterr().out.startswith("small: 1 done (1 budget), 0 failed, 0 running, 0 left")
    assert run("--dry-run") == 0
    assert "small: 5 of 6 cells to run" in capsys.readouterr().out
    assert run() == 0
    assert capsys.readouterr().out.startswith("small: 6 done (6 budget), 0 failed, 0 running, 0 left")


def test_a_dry_run_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--dry-run") == 0
    *cells, summary, basis = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1:4] for line in cells[:1]] == [["cities-6", "gd", "uniform(seed=0)"]]
    assert len(cells) == 6
    assert summary.startswith("small: 6 of 6 cells to run, at most ")
    assert "0 of them by earlier runs" in basis
    assert [path.name for path in here.iterdir()] == ["small.toml"]


def test_what_failed_is_named_and_can_be_run_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = f"solvers=['gd', '{ZOO}/solvers.py:raises']"
    assert run("--set", bad, "--set", "repetitions=2") == 0
    out = capsys.readouterr().out
    assert out.startswith("small: 2 done (2 budget), 2 failed (2 error), 0 running, 0 left")
    assert f"  failed: {ZOO}/solvers.py:raises: 2 x error: ZeroDivisionError: out of luck" in out
    found = frames("small.sqlite").runs
    (message,) = set(found[found["failed"]]["message"].str.strip().str.split("\n").str[-1])
    assert message == "ZeroDivisionError: out of luck"
    before = found.set_index("key")["seconds"]
    assert run("--set", bad, "--set", "repetitions=2", "--rerun", "failed") == 0
    after = frames("small.sqlite").runs.set_index("key")
    assert set(after.index[after["seconds"] != before[after.index]]) == set(after.index[after["failed"]])


def test_a_part_of_a_campaign_leaves_the_whole_in_its_list(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    capsys.readouterr()
    assert run("--set", "repetitions=1", "--set", "calls=20") == 0
    assert capsys.readouterr().out.startswith("small: 2 done (2 budget), 0 failed, 0 running, 0 left")
    assert main(["status", "small.sqlite"]) == 0
    assert capsys.readouterr().out.startswith("small: 8 done (8 budget), 0 failed, 0 running, 0 left")


def test_cells_that_are_left_are_a_failure(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOLVERS, "gd", replace(SOLVERS["gd"], needs=("no_such_library", "no_such_package")))
    assert run() == 1
    out, err = capsys.readouterr()
    assert out.startswith("small: 3 done (3 budget), 0 failed, 0 running, 3 left")
    first, last = err.splitlines()
    assert first.startswith("gd: the library no_such_package is not installed, and 3 cells wait for it: python -m pip")
    assert last.endswith(
        "3 of 6 cells are left, because the library no_such_package is missing; the same command runs them"
    )


def test_runs_with_any_ending_can_be_run_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert run("--rerun", "timeout", "--dry-run") == 0
    assert "0 of 6 cells to run" in capsys.readouterr().out
    assert run("--rerun", "budget", "--dry-run") == 0
    assert "6 of 6 cells to run" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        run("--rerun", "bugdet")


def test_what_steers_a_terminal_is_text(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("odd.py").write_text("def solve(fun, x0):\n    raise ValueError('\\x1b[2J \\udce9 [/red]')\n")
    assert run("--set", "solvers=odd.py:solve", "--set", "repetitions=1") == 0
    out = capsys.readouterr().out
    assert "x error: ValueError: \\x1b[2J \\udce9 [/red]" in out
    assert "\x1b" not in out


def test_status_tells_each_campaign(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--set", "name=one", "--store", "s", "--set", "repetitions=1")
    run("--set", "name=two", "--store", "s")
    capsys.readouterr()
    assert main(["status", "s"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "one: 2 done (2 budget), 0 failed, 0 running, 0 left (s)",
        "two: 6 done (6 budget), 0 failed, 0 running, 0 left (s)",
    ]


def test_an_export_is_a_table(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run()
    capsys.readouterr()
    for table in ("runs", "improvements", "path"):
        assert main(["export", "small.sqlite", "--table", table]) == 0
        assert len(pd.read_csv(f"small-{table}.csv")) == len(getattr(frames("small.sqlite"), table))
    assert "small-runs.csv: 6 rows" in capsys.readouterr().out
    pytest.importorskip("pyarrow")
    assert main(["export", "small.sqlite", "--format", "parquet", "--out", "there.parquet"]) == 0
    pd.testing.assert_frame_equal(pd.read_parquet("there.parquet"), frames("small.sqlite").runs)
    assert main(["export", "small.sqlite", "--out", "/proc/x.csv"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "none.toml"], 2, "there is no file none.toml"),
        (["run", "quik"], 2, "there is no campaign 'quik'; did you mean 'quick'"),
        (["run", "small.toml", "--set", "solvers=gdd"], 2, "there is no solver 'gdd'; did you mean 'gd'"),
        (["run", "small.toml", "--set", "solvers=mine.py:gd"], 2, "there is no file mine.py"),
        (["run", "small.toml", "--store", "/proc/a"], 1, "cannot write to /proc/a"),
        (["run", "small.toml", "--store", "small.toml"], 1, "is damaged (or no store"),
        (["run", "small.toml", "--store", ":memory:"], 2, "':memory:' is no name of a file"),
        (["run", "small.toml", "--store", "/dev/null"], 2, "/dev/null is a device or a pipe"),
        (["status", "/dev/null"], 2, "/dev/null is a device or a pipe"),
        (["status", "none"], 2, "there is no store none"),
        (["export", "none"], 2, "there is no store none"),
        (["merge", "none", "none"], 2, "there is no store none"),
    ],
)
def test_a_mistake_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert words in err
    assert (out, err.count("\n")) == ("", 1)
    assert Path("small.toml").read_text() == TEXT


@pytest.mark.parametrize("arguments", [["run", "small.toml", "--store", "."], ["export", "."], ["status", "."]])
def test_a_folder_in_the_place_of_a_file_is_a_mistake(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    out, err = capsys.readouterr()
    assert err.count("'.' is a folder; give the name of a file (see mdsbench ") == 1
    assert (out, err.count("\n")) == ("", 1)


def test_ctrl_c_stops_amid_the_campaign_and_says_how_to_go_on(here: Path) -> None:
    command = [sys.executable, "-m", "mdsbench", "run", "small.toml", "--jobs", "1"]
    slow = ["--set", f"solvers={ZOO}/counted.py:counted(wait=0.2)", "--set", "repetitions=50"]
    environment = {**os.environ, "RUN_LOG": str(here / "log")}
    process = subprocess.Popen([*command, *slow], stderr=subprocess.PIPE, text=True, env=environment)
    while not (here / "log").exists() or len((here / "log").read_text().splitlines()) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    with Store.read(Path("small.sqlite")) as store:
        kept = len(store.keys())
    assert 2 <= kept < 50
    assert (
        without_waiting(err)
        == f"mdsbench: interrupted; {kept} of 50 runs are kept in small.sqlite, and the same command goes on\n"
    )


@pytest.fixture
def tiny(here: Path) -> Iterator[Path]:
    """A disk of 400 kB with the folder's campaign at hand."""
    disk = here / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_then_one_that_cannot_be_written(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--set", "repetitions=30", "--store", str(tiny / "s")]
    assert run(*more) == 1
    assert "is full; every finished run is kept" in capsys.readouterr().err
    with Store.read(tiny / "s") as store:
        kept = set(store.keys())
    assert 0 < len(kept) < 60
    subprocess.run(["mount", "-o", "remount,size=20m", str(tiny)], check=True)
    assert run(*more) == 0
    with Store.read(tiny / "s") as store:
        assert kept < set(store.keys())
    subprocess.run(["mount", "-o", "remount,ro", str(tiny)], check=True)
    capsys.readouterr()
    assert run(*more) == 1
    assert "Read-only file system; choose another place with --store" in capsys.readouterr().err
    assert main(["status", str(tiny / "s")]) == 0
    assert main(["export", str(tiny / "s")]) == 1
    assert main(["export", str(tiny / "s"), "--out", "runs.csv"]) == 0
