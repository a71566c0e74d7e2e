"""`mdsbench results`, and the table at the end of `mdsbench run`."""

import json
from pathlib import Path

import pytest

from mdsbench.cli.main import main
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.report import results_of_store
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import lost
from mdsbench.store.store import Store

CELLS = [
    Cell(problem, solver, f"uniform(seed={seed})", Limits(calls=150))
    for problem in ("cities-6", "sphere-3")
    for solver in ("gd", "nelder-mead")
    for seed in range(3)
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a campaign of twelve runs."""
    path = tmp_path_factory.mktemp("made") / "s.sqlite"
    with Store.open(path) as store:
        store.list_cells("test", "", {cell.key: cell for cell in CELLS}, "{}", 2)
        for cell in CELLS:
            store.put(execute(cell))
    return path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `mdsbench results` prints; it must end well and complain about nothing."""
    assert main(["results", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "nan" not in out.split("calls are")[0]
    return out


def test_the_table_comes_first_and_the_verdict_below(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, str(made))
    assert out.index("cities-6, uniform, gap 0.01") < out.index("ERT: expected calls") < out.index("is the cheapest")


def test_a_selection_has_only_what_was_asked(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, str(made), "--problem", "cit*", "--solver", "gd", "--target", "0.1", "--cost", "pairs")
    assert "sphere" not in out
    assert "nelder" not in out
    assert "ERT: expected pairs" in out
    assert "cities-6, uniform, gap 0.1\n" in out


@pytest.mark.parametrize("price", ["measured", "dimension", "2.5"])
def test_a_gradient_has_a_price(made: Path, capsys: pytest.CaptureFixture[str], price: str) -> None:
    out = said(capsys, str(made), "--gradient-cost", price, "--problem", "sphere-3")
    assert "ERT: expected function values" in out
    assert ("A gradient takes as long as" in out) == (price == "measured")


def test_programs_get_json_or_csv(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read = json.loads(said(capsys, str(made), "--json", "--target", "0.1", "0.01"))
    assert len(read["times"]) == 8
    assert said(capsys, str(made), "--csv").count("\n") == 9


@pytest.mark.slow
def test_figures_are_drawn_into_a_folder(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, str(made), "--figures", str(tmp_path / "f"))
    drawn = sorted(str(path) for path in (tmp_path / "f").iterdir())
    assert drawn
    assert sorted(line for line in out.splitlines() if line.startswith(str(tmp_path))) == drawn


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["none.sqlite"], 2, "there is no store none.sqlite"),
        (["--target", "1"], 2, "a target is a relative gap between 0 and 1"),
        (["--problem", "rosen*"], 2, "no problem of these runs matches 'rosen*': there are cities-6 and sphere-3"),
        (["--solver", "adam"], 2, "no solver of these runs matches 'adam': there are gd and nelder-mead"),
        (["--gradient-cost", "0"], 2, "a gradient cannot cost '0'"),
        (["--figures", "f", "--cost", "pairs"], 2, "figures count calls: leave out --cost pairs"),
        (["--figures", "f", "--gradient-cost", "measured"], 2, "figures take one price of a gradient"),
        (["--gradient-cost", "4", "--cost", "seconds"], 2, "means nothing with --cost seconds"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_line(
    made: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, message: str
) -> None:
    assert main(["results", *([] if "none.sqlite" in words else [str(made)]), *words]) == code
    out, err = capsys.readouterr()
    assert message in err
    assert (out, err.count("\n")) == ("", 1)


def test_a_store_without_runs_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(tmp_path / "s"):
        pass
    assert main(["results", str(tmp_path / "s")]) == 1
    assert capsys.readouterr().err == f"mdsbench: {tmp_path / 's'} has no run yet: mdsbench run makes some\n"


def test_a_store_that_is_being_written_has_the_results_so_far(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(tmp_path / "s") as store:
        store.list_cells("test", "", {cell.key: cell for cell in CELLS}, "{}", 2)
        store.put(execute(CELLS[0]))
        out = said(capsys, str(tmp_path / "s"))
    assert "gd" in out
    assert "11 cells of the campaign test have no run yet." in out
    assert "is being written: these are the runs that are finished." in " ".join(out.split())
    assert "There is one run of each solver and problem" in out


def test_runs_that_all_failed_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(tmp_path / "s") as store:
        for cell in CELLS[:4]:
            store.put(lost(cell, Ending.ERROR, "too long"))
    out = " ".join(said(capsys, str(tmp_path / "s")).split())
    assert "cities-6, uniform, gap 0.01: no run arrives" in out
    assert "gd: 3 of 3 runs failed (3 error); they count as runs that never arrive." in out


def test_a_campaign_ends_with_its_own_runs(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.read(made) as store:
        short = results_of_store.of_campaign(store, {cell.key for cell in CELLS if cell.problem == "sphere-3"})
        assert "sphere-3, uniform, gap 0.01" in short
        assert "cities" not in short
        assert short.endswith(f"more, and what it says: mdsbench results {made}")
        assert results_of_store.of_campaign(store, ["z"]) == ""
        monkeypatch.setattr(results_of_store, "MOST", 5)
        assert results_of_store.of_campaign(store, [CELLS[0].key]) == (
            f"who arrives, and at which cost: mdsbench results {made}"
        )


def test_a_campaign_that_failed_has_no_table(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s") as store:
        store.put(lost(CELLS[0], Ending.ERROR, "too long"))
        assert results_of_store.of_campaign(store, [CELLS[0].key]) == ""
