"""Who is in a film: the lecturer's choice, and one line for a choice that cannot be filmed."""

from pathlib import Path

import pytest

from mdsbench.cli.main import main
from mdsbench.errors import UsageError
from mdsbench.report.films.choice import Choice, runs_of
from mdsbench.store.store import Store

BLOCKS = """
calls = 30
[[block]]
name = "a"
problems = ["cities-6", "cities-7"]
solvers = ["gd", "nelder-mead"]
starts = ["uniform"]
repetitions = 2
[[block]]
name = "b"
problems = ["cities-8"]
solvers = ["gd", "newuoa"]
starts = ["published"]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    (folder / "c.toml").write_text(BLOCKS)
    assert main(["run", str(folder / "c.toml"), "--serial", "--store", str(folder / "c.sqlite")]) == 0
    return folder / "c.sqlite"


def cells(store: Path, choice: Choice) -> list[tuple[str, str, str]]:
    with Store.read(store) as opened:
        return [(run.cell.problem, run.cell.solver, run.cell.start) for run in runs_of(opened, choice)]


def test_the_largest_problem_and_the_first_start_that_all_share_are_filmed(store: Path) -> None:
    assert cells(store, Choice.parse(["nelder-mead", "gd"])) == [
        ("cities-7", "nelder-mead", "uniform(seed=0)"),
        ("cities-7", "gd", "uniform(seed=0)"),
    ]
    assert cells(store, Choice.parse(["gd"])) == [("cities-8", "gd", "published")]
    chosen = Choice.parse(["gd"], "cities-6", "uniform( seed = 1 )")
    assert cells(store, chosen) == [("cities-6", "gd", "uniform(seed=1)")]
    assert cells(store, Choice.parse(["gd"], "cities-6", "uniform")) == [("cities-6", "gd", "uniform(seed=0)")]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice.parse(["gd", "nelder-med"]), "has no solver nelder-med; nearest: nelder-mead"),
        (Choice.parse(["gd"], "cities-9"), "has no problem cities-9; nearest: cities-"),
        (Choice.parse(["gd"], None, "uniform(seed=7)"), "has no start uniform"),
        (
            Choice.parse(["nelder-mead", "newuoa"]),
            "have no problem and start in common: nelder-mead ran on cities-6 from",
        ),
        (Choice.parse(["newuoa"], "cities-6"), "newuoa ran on no such problem"),
    ],
)
def test_who_cannot_be_filmed_is_one_line(store: Path, choice: Choice, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        cells(store, choice)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("solvers", [[], ["gd"] * 5])
def test_a_film_has_room_for_four(solvers: list[str]) -> None:
    with pytest.raises(UsageError, match="one to 4 solvers"):
        Choice.parse(solvers)


@pytest.mark.parametrize(
    "options",
    [
        ["--fps", "0"],
        ["--fps", "61"],
        ["--size", "1281x720"],
        ["--size", "huge"],
        ["--speed", "nan"],
        ["--speed", "0"],
        ["--labels", "tiny"],
        ["--format", "avi"],
        ["--clock", "sun"],
        ["--clock", "cost", "--gradient-cost", "measured"],
        ["--no-animation"],
    ],
)
def test_options_that_make_no_sense_are_one_line(
    store: Path, options: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    try:
        code = main(["draw", str(store), "--out", str(tmp_path / "maps"), "--film", "gd", *options])
    except SystemExit as end:  # argparse's own way out
        code = int(end.code or 0)
    assert code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "maps").exists()


@pytest.mark.slow
def test_the_chosen_film_is_made_in_each_format(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    asked = [
        "--film",
        "gd",
        "nelder-mead",
        "--format",
        "mp4",
        "gif",
        "--speed",
        "10",
        "--fps",
        "10",
        "--size",
        "640x360",
    ]
    assert main(["draw", str(store), "--out", str(tmp_path), *asked]) == 0
    names = [f"film-cities-7-gd-nelder-mead-uniform-seed-0.{kind}" for kind in ("mp4", "gif")]
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / name) for name in names]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert (tmp_path / names[0]).read_bytes().find(b"moov") < 100  # it plays while it loads
