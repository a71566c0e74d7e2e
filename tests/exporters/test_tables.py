"""Tables for other programs: where they go, and that a spreadsheet does not execute them."""

import csv
import os
from pathlib import Path

import pytest

from mdsbench.cli.main import main
from mdsbench.errors import UsageError
from mdsbench.exporters.tables import export
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import lost
from mdsbench.store.store import Store

MESSAGES = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "-1.5", "plain", "a=b"]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with Store.open(Path("a.sqlite")) as opened:
        for seed, message in enumerate(MESSAGES):
            opened.put(lost(Cell("cities-6", "gd", "published", Limits(target=-2.5), seed), Ending.ERROR, message))
    return Path("a.sqlite")


def test_texts_that_are_formulas_are_escaped_and_numbers_are_not(store: Path) -> None:
    assert export(store, Path("a.csv"), format="csv", table="runs") == len(MESSAGES)
    with Path("a.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [row["message"] for row in found] == [*(f"'{message}" for message in MESSAGES[:5]), *MESSAGES[5:]]
    assert {row["limit_target"] for row in found} == {"-2.5"}


@pytest.mark.parametrize("name", ["a.sqlite", "./a.sqlite", "soft", "hard", "a.sqlite-wal", "other.sqlite"])
def test_a_store_is_never_overwritten(store: Path, name: str) -> None:
    Path("soft").symlink_to(store)
    Path("hard").hardlink_to(store)
    Path("other.sqlite").write_bytes(store.read_bytes())
    before = store.read_bytes()
    with pytest.raises(UsageError, match="choose another file with --out"):
        export(store, Path(name), format="csv", table="runs")
    assert store.read_bytes() == Path("other.sqlite").read_bytes() == before


@pytest.mark.parametrize("name", ["pipe", "/dev/null", "null", "circle"])
def test_only_plain_files_are_replaced(store: Path, name: str) -> None:
    os.mkfifo("pipe")
    Path("null").symlink_to("/dev/null")
    Path("circle").symlink_to("circle")
    assert main(["export", str(store), "--out", name]) == 2
    assert Path("/dev/null").is_char_device()
    assert Path("null").is_symlink()


def test_a_link_stays_and_its_file_is_replaced(store: Path) -> None:
    Path("real.csv").write_text("old")
    Path("link.csv").symlink_to("real.csv")
    export(store, Path("link.csv"), format="csv", table="runs")
    assert Path("link.csv").is_symlink()
    assert Path("real.csv").read_text().startswith("key,")


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output_has_the_table_alone(store: Path, name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", str(store), "--out", name]) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"key,problem,solver,start,seed,")
    assert out.count(b"\n") == 1 + len(MESSAGES)
    assert err == f"{name}: {len(MESSAGES)} rows\n".encode()
    assert [path.name for path in Path.cwd().iterdir()] == ["a.sqlite"]
