"""The scores of the models of a store on what they were not trained on."""

from pathlib import Path

import pandas as pd
import pytest

from mdsbench.cli.main import main
from mdsbench.oracle.account import Limits
from mdsbench.problems.problem import find
from mdsbench.report.held_out_table import rendered
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.store.held_out import COLUMNS, held_out
from mdsbench.store.store import Store

SMALL = "logistic-regression(classes=2, pixels=4)"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "models.sqlite"
    cells = [
        Cell(SMALL, "l-bfgs", "glorot", Limits(calls=20)),
        Cell("linear-regression-3", "gd", "zeros", Limits(calls=20)),
        Cell("sphere-2", "gd", "zeros", Limits(calls=3)),
    ]
    with Store.open(path) as store:
        store.list_cells("models", "", {cell.key: cell for cell in cells}, "{}", 1)
        for cell in cells:
            store.put(execute(cell))
    return path


def test_scores_are_those_of_the_final_position_and_only_of_models(path: Path) -> None:
    with Store.read(path) as store:
        scores = held_out(store)
        (run,) = [run for run in store if run.cell.problem == SMALL]
    assert list(scores["problem"]) == [SMALL, "linear-regression-3"]
    model = find(SMALL).held_out
    assert model
    first = scores.iloc[0]
    assert {name: first[name] for name in ("test loss", "test error")} == model(run.final_x)
    assert pd.isna(scores.iloc[1]["test error"])


def test_the_table_has_the_median_and_the_range() -> None:
    rows = [("k", "p-2", 2, solver, "s", "budget", loss) for solver, loss in [("a", 3.0), ("b", 1.0), ("b", 2.0)]]
    scores = pd.DataFrame(rows, columns=COLUMNS).assign(**{"test error": [0.5, 0.1, 0.3]})
    lines = rendered(scores).splitlines()
    assert lines[0].split() == ["runs", "loss", "test", "error"]
    assert lines[2] == "p-2, 2 parameters"
    assert lines[3].split() == ["b", "2", "1.5", "(1–2)", "0.2", "(0.1–0.3)"]
    assert lines[4].split() == ["a", "1", "3", "0.5"]


def test_the_command_prints_the_table_or_says_that_there_is_none(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", str(path), "--held-out"]) == 0
    printed = capsys.readouterr().out
    assert f"{SMALL}, 10 parameters" in printed
    assert "sphere" not in printed
    with Store.open(tmp_path / "none.sqlite"):
        pass
    assert main(["results", str(tmp_path / "none.sqlite"), "--held-out"]) == 1
    assert "has no run of a model with a test" in capsys.readouterr().err


def test_the_scores_are_a_table_for_other_programs(path: Path, tmp_path: Path) -> None:
    assert main(["export", str(path), "--table", "held-out", "--out", str(tmp_path / "test.csv")]) == 0
    assert list(pd.read_csv(tmp_path / "test.csv").columns) == [*COLUMNS, "test loss", "test error"]
