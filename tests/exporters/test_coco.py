"""Runs in COCO's data format: both counts, gaps, and what stands for what. `tests/referees` has cocopp read them."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mdsbench.cli.main import main
from mdsbench.errors import UsageError
from mdsbench.exporters.coco import at_counts, at_gaps, export_coco, write_coco
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import lost
from mdsbench.store.store import Store

ROWS = [
    ("a", "gd", "uniform(seed=10)", 0, 9, 0, 9.0),
    ("b", "gd", "uniform(seed=2)", 0, 4, 3, 9.5),  # two terms a pass: 9.5 passes, of which 7 were whole calls
    ("c", "x[y=1]", "uniform(seed=2)", 12, 0, 0, 12.0),
]
MOMENTS = [("a", 0, 1, 5.0), ("a", 0, 6, 1.5), ("b", 0, 1, 6.0), ("c", 3, 0, 0.5), ("c", 12, 0, 1.04)]


def by_hand() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three runs from losses of 5 to a best known value of 1."""
    columns = ["key", "solver", "start", "evaluations", "gradients", "hessian_vectors", "passes"]
    runs = pd.DataFrame(ROWS, columns=columns).assign(
        problem="ring-4", problem_version="ring-4", version=lambda frame: frame["solver"], seed=0, dimension=4,
        ending="budget", iterations=0, seconds=0.0, terms_per_pass=2, terms=lambda frame: 2 * frame["passes"],
        start_loss=5.0, final_loss=1.5, best_known=1.0,
    )  # fmt: skip
    improvements = pd.DataFrame(MOMENTS, columns=["key", "evaluations", "gradients", "loss"]).assign(
        iterations=0,
        hessian_vectors=0,
        seconds=0.0,
        terms=lambda frame: 2 * (frame["evaluations"] + frame["gradients"]),
    )
    return runs, improvements


def numbers(file: Path) -> list[list[list[float]]]:
    """The first four columns of the lines of each run."""
    runs = file.read_text().split("%")[1:]
    return [[[float(word) for word in line.split()[:4]] for line in run.splitlines()[1:]] for run in runs]


def test_values_are_the_first_count_and_all_else_the_second(tmp_path: Path) -> None:
    write_coco(*by_hand(), tmp_path)
    first, second = numbers(tmp_path / "gd/data_f1/mdsbench_f1_DIM4.tdat")
    assert first == [[0, 1, 1.0, 5.0], [0, 6, 0.125, 1.5], [0, 9, 0.125, 1.5]]  # (1.5 - 1) / (5 - 1)
    assert second == [[0, 1, 1.25, 6.0], [0, 9.5, 1.25, 6.0]]


def test_a_gap_is_not_below_zero(tmp_path: Path) -> None:
    write_coco(*by_hand(), tmp_path)
    (run,) = numbers(tmp_path / "x-y-1/data_f1/mdsbench_f1_DIM4.dat")
    assert run[0] == [3, 0, 0.0, 0.5]


def test_an_index_has_the_instances_with_their_counts_and_gaps(tmp_path: Path) -> None:
    write_coco(*by_hand(), tmp_path)
    header, comment, entry = (tmp_path / "gd/mdsbench_f1.info").read_text().splitlines()
    assert header.startswith("suite = 'bbob-constrained', funcId = 1, DIM = 4, Precision = 1.000e-08, algId = 'gd',")
    assert comment.startswith("% ")
    assert entry == "data_f1/mdsbench_f1_DIM4.dat, 2:0|1.2e-01, 1:0|1.2e+00"  # seed 10 comes after seed 2


def test_names_say_what_stands_for_what(tmp_path: Path) -> None:
    write_coco(*by_hand(), tmp_path)
    with (tmp_path / "names.csv").open(newline="", encoding="utf-8") as file:
        assert [tuple(row.values()) for row in csv.DictReader(file)] == [
            ("algorithm", "gd", "gd"),
            ("algorithm", "x-y-1", "x[y=1]"),
            ("function", "1", "ring from uniform"),
            ("instance", "1:1", "uniform(seed=2) 0"),
            ("instance", "1:2", "uniform(seed=10) 0"),
        ]


def test_solvers_and_problems_whose_names_become_the_same_stay_apart(tmp_path: Path) -> None:
    runs, improvements = by_hand()
    runs["solver"] = runs["version"] = ["x[y=1]", "x(y=1)", "X(y)=1"]
    runs["problem"] = runs["problem_version"] = ["ring-4", "ring-5", "ring-4"]  # both have four variables
    write_coco(runs, improvements, tmp_path)
    assert sorted(file.parent.name + file.name for file in tmp_path.glob("*/*.info")) == [
        "X-y-1mdsbench_f1.info", "x-y-1-2mdsbench_f2.info", "x-y-1-3mdsbench_f1.info",
    ]  # fmt: skip


def test_a_run_that_found_no_value_stands_at_a_gap_of_one(tmp_path: Path) -> None:
    runs, _ = by_hand()
    runs.loc[0, ["start_loss", "dimension"]] = [np.nan, 0]
    write_coco(runs, by_hand()[1].iloc[2:], tmp_path)
    assert numbers(tmp_path / "gd/data_f1/mdsbench_f1_DIM4.dat")[0] == [[0, 9, 1.0, 1.0]]


def test_lines_are_thinned_without_a_loss_of_hits() -> None:
    rng = np.random.default_rng(0)
    gaps = np.append(10 ** np.sort(rng.uniform(-9, 1, 2000))[::-1], [0.0, 0.0]).tolist()
    lines = [(float(count), 1.0, gap, gap) for count, gap in enumerate(gaps, 1)]
    kept = at_gaps(lines)
    assert len(kept) < 60
    assert kept[-1] == lines[-1]
    for target in 10.0 ** (np.arange(-40, 6) / 5):
        first, also = (next(count for count, _, gap, _ in table if gap <= target) for table in (lines, kept))
        assert first == also
    thinned = at_counts(lines)
    assert len(thinned) < 80
    assert (thinned[0], thinned[-1]) == (lines[0], lines[-1])


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with Store.open(Path("a.sqlite")) as opened:
        opened.put(lost(Cell("cities-6", "gd", "published", Limits(calls=9), 0), Ending.ERROR, "it failed"))
    return Path("a.sqlite")


def test_the_command_writes_a_folder_and_says_where(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "a.sqlite", "--format", "coco"]) == 0
    assert capsys.readouterr().out == "a-coco: 1 runs; a-coco/names.csv says what stands for what\n"
    assert sorted(path.name for path in Path("a-coco").iterdir()) == ["gd", "names.csv"]
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["a-coco", "a.sqlite"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--out", "full"], 2, "full is not empty: COCO's format takes a new folder with --out"),
        (["--out", "a.sqlite"], 2, "a.sqlite is a file: COCO's format takes a new folder with --out"),
        (["--out", "-"], 2, "COCO's format is a folder: give its name with --out"),
        (["--table", "runs"], 2, "COCO's format is runs with their improvements: leave out --table"),
        (["--out", "/proc/x/y"], 1, "cannot write /proc/x/y: "),
    ],
)
def test_what_cannot_be_is_said(
    store: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    Path("full").mkdir()
    Path("full/kept").touch()
    assert main(["export", "a.sqlite", "--format", "coco", *arguments]) == code
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["a.sqlite", "full"]


def test_a_store_without_runs_is_no_data(tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty"):
        pass
    with pytest.raises(UsageError, match="has no runs yet"):
        export_coco(tmp_path / "empty", tmp_path / "out")
