"""The command as a person meets it: what it writes, and one line for whatever goes wrong."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mdsbench.cli import main
from mdsbench.store.store import Store
from mdsbench.version import __version__
from said import without_waiting

QUICK = ["--cities", "6", "--starts", "1", "--jobs", "1", "--no-animation"]


def mdsbench(*arguments: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mdsbench", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def one_line(result: subprocess.CompletedProcess[str], code: int) -> str:
    """Standard error, which must be a single line without a traceback, after the exit code."""
    assert result.returncode == code, result.stderr
    said: str = without_waiting(result.stderr)
    assert said.count("\n") == 1
    assert "Traceback" not in said
    return said


def test_reproduce_writes_page_figures_and_tables(tmp_path: Path) -> None:
    result = mdsbench(*QUICK, cwd=tmp_path)
    out = tmp_path / "reports" / "reproduction"
    assert (result.returncode, without_waiting(result.stderr)) == (0, "")
    assert "honest, 6 cities" in result.stdout
    assert "reports/reproduction/index.html" in result.stdout
    assert sorted(path.name for path in out.iterdir()) == [
        "figures",
        "index.html",
        "reproduction.sqlite",
        "runs.csv",
        "summary.json",
    ]
    records = json.loads((out / "summary.json").read_text())
    promised = "protocol cities dimension solver start iterations evaluations gradients charged_evaluations"
    promised += " start_loss final_loss best_known gap ending seconds"
    assert all(set(promised.split()) <= set(record) for record in records)
    assert len((out / "runs.csv").read_text().splitlines()) == len(records) + 1 == 2 + 2 * 3 + 1
    assert {path.suffix for path in (out / "figures").iterdir()} == {".svg", ".png"}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_summary_but_for_the_clock(tmp_path: Path) -> None:
    summaries = []
    for jobs, cost in (("1", "1"), ("2", "measured")):
        how = ["--jobs", jobs, "--gradient-cost", cost]
        assert mdsbench(*QUICK, "--out", jobs, *how, "--seed", "3", cwd=tmp_path).returncode == 0
        page = (tmp_path / jobs / "index.html").read_text()
        assert re.search(r"a gradient costs as much time as \d+\.\d function values at 6 cities", page)
        assert ("(measured)" in page) == (cost == "measured")
        records = json.loads((tmp_path / jobs / "summary.json").read_text())
        summaries.append([{k: v for k, v in record.items() if not k.startswith("seconds")} for record in records])
    assert summaries[0] == summaries[1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--wrong"], "unrecognized arguments: --wrong"),
        (["reproduce", "--cities", "three"], "'three' is not a whole number"),
        (["--cities", "35"], "cities-35: the number of cities goes from 4 to 34"),
        (["--cities", "6", "3"], "cities-3: the number of cities goes from 4 to 34"),
        (["--starts", "-1"], "-1"),
        (["--jobs", "0"], "takes 1 or more"),
        (["--gradient-cost", "twelve"], "cannot cost 'twelve': take a positive number, dimension or measured"),
        (["--gradient-cost", "-1"], "take a positive number"),
        (["paint"], "paint"),
    ],
)
def test_a_request_that_makes_no_sense_is_one_line_and_two(arguments: list[str], expected: str, tmp_path: Path) -> None:
    assert expected in one_line(mdsbench(*arguments, cwd=tmp_path), 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_an_output_folder_that_is_a_file_is_said_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    assert "out is a file" in one_line(mdsbench("--out", "out", cwd=tmp_path), 2)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "mine"


def test_an_output_folder_that_cannot_be_written_is_one_line_and_one(tmp_path: Path) -> None:
    assert "cannot write to /proc/nowhere" in one_line(mdsbench("--out", "/proc/nowhere", cwd=tmp_path), 1)


def report_files(out: Path) -> dict[str, bytes]:
    """The files of a report by name, without the store."""
    files = (path for path in out.rglob("*") if path.is_file() and not path.name.startswith("reproduction.sqlite"))
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


@pytest.mark.slow
def test_a_disk_that_fills_up_half_way_leaves_the_good_page(tmp_path: Path) -> None:
    assert mdsbench(*QUICK, "--out", "out", cwd=tmp_path).returncode == 0
    before = report_files(tmp_path / "out")

    def files_stay_small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    result = mdsbench(*QUICK, "--out", "out", cwd=tmp_path, preexec_fn=files_stay_small)
    assert "too large" in one_line(result, 1)
    after = report_files(tmp_path / "out")
    assert after == before


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounts a small disk, which takes root")
@pytest.mark.slow
def test_a_disk_that_is_really_full_is_one_line(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        said = one_line(mdsbench(*QUICK, "--out", str(disk), cwd=tmp_path), 1)
        assert "is full; every finished run is kept: make room" in said
        assert report_files(disk) == {}
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_interrupting_keeps_the_runs_and_leaves_no_page_that_is_half_done(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "mdsbench", "--out", "out"], cwd=tmp_path, stderr=subprocess.PIPE)
    kept = tmp_path / "out" / "reproduction.sqlite"
    while not kept.exists():
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(2)
    process.send_signal(2)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    said = "mdsbench: interrupted; the finished runs are kept in out, and the same command continues\n"
    assert without_waiting(errors.decode()).endswith(said)
    assert report_files(tmp_path / "out") == {}
    with Store.read(tmp_path / "out" / "reproduction.sqlite") as store:
        assert store.count("reproduction").left > 0


@pytest.mark.slow
def test_the_page_of_a_store_is_that_of_the_command_that_made_it(tmp_path: Path) -> None:
    assert mdsbench(*QUICK, "--out", "out", cwd=tmp_path).returncode == 0
    command = ("report", "out/reproduction.sqlite", "--out", "again", "--no-animation")
    assert mdsbench(*command, cwd=tmp_path).returncode == 0
    first, second = report_files(tmp_path / "out"), report_files(tmp_path / "again")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.slow
def test_a_store_without_a_reproduction_has_a_page_too(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text('problems = ["sphere-2"]\nsolvers = ["gd"]\ncalls = 9\n')
    assert mdsbench("run", "small.toml", "--serial", cwd=tmp_path).returncode == 0
    said = one_line(mdsbench("report", "small.sqlite", "--campaign", "other", "--out", "out", cwd=tmp_path), 2)
    assert "small.sqlite has no campaign other; it has: small" in said
    assert not (tmp_path / "out").exists()
    assert mdsbench("report", "small.sqlite", "--out", "out", cwd=tmp_path).stdout == "the page: out/index.html\n"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["index.html"]


def test_version_and_help(tmp_path: Path) -> None:
    assert mdsbench("--version", cwd=tmp_path).stdout == f"mdsbench {__version__}\n"
    for arguments in (["--help"], ["reproduce", "--help"]):
        assert "examples:" in mdsbench(*arguments, cwd=tmp_path).stdout


def test_every_file_with_a_parser_is_a_command_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    files = [path.stem for path in Path(main.__file__).parent.glob("*.py") if "def add_parser" in path.read_text()]
    assert len(files) >= 9
    for name in files:
        with pytest.raises(SystemExit) as ended:
            main.main([name.replace("_", "-"), "--help"])
        assert ended.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: mdsbench {name.replace('_', '-')} ")
    assert [command.__name__.rpartition(".")[2] for command in main.commands()][:3] == ["reproduce", "report", "verify"]


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv[1:] = ['--help']; import mdsbench.cli.main as c\ntry: c.main()\nexcept SystemExit: pass\n"
    )
    code += "print([name for name in ('numpy', 'scipy', 'pandas', 'matplotlib', 'rich') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"
