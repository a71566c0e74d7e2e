"""What a campaign file may say, and what is said of a file that makes no sense."""

from pathlib import Path

import pytest

from mdsbench.campaigns import plan, reproduction
from mdsbench.errors import Failure, UsageError
from mdsbench.runs.cell import Cell

SMALL = 'problems = ["cities-6"]\nsolvers = ["gd"]\n'


def cells(tmp_path: Path, text: str, *overrides: str) -> tuple[Cell, ...]:
    (tmp_path / "c.toml").write_text(text)
    return plan.load(str(tmp_path / "c.toml"), overrides).cells


def test_cells_are_the_product(tmp_path: Path) -> None:
    found = cells(
        tmp_path,
        'problems = ["cities-6", "sphere-2"]\nsolvers = ["gd", "nelder-mead"]\nstarts = ["published", "uniform"]\n'
        "repetitions = 3\ncalls_per_variable = 10\nmegabytes = 100\nseconds = 7",
    )
    assert len(found) == len(set(found)) == 2 * 2 * 2 * 3
    assert {cell.limits.calls for cell in found if cell.problem == "cities-6"} == {120}
    assert {(cell.limits.megabytes, cell.limits.seconds) for cell in found} == {(100, 7.0)}


def test_a_repetition_is_another_start_or_else_another_seed(tmp_path: Path) -> None:
    text = SMALL + 'starts = ["uniform", "uniform(seed=9)"]\nrepetitions = 2\ncalls = 5'
    assert [(cell.start, cell.seed) for cell in cells(tmp_path, text)] == [
        ("uniform(seed=0)", 0),
        ("uniform(seed=1)", 0),
        ("uniform(seed=9)", 0),
        ("uniform(seed=9)", 1),
    ]


def test_variants_are_options_of_the_problem(tmp_path: Path) -> None:
    text = 'problems = ["sphere"]\nvariants = [{}, {n = 5}]\nsolvers = ["gd"]\ncalls = 5'
    assert [cell.problem for cell in cells(tmp_path, text)] == ["sphere-2", "sphere-5"]


def test_blocks_inherit_what_stands_above_them(tmp_path: Path) -> None:
    text = SMALL + "calls = 5\n[[block]]\n[[block]]\ncalls = 6\nsolvers = ['nelder-mead']"
    assert [(cell.solver, cell.limits.calls) for cell in cells(tmp_path, text)] == [("gd", 5), ("nelder-mead", 6)]


def test_an_override_applies_to_every_block(tmp_path: Path) -> None:
    text = SMALL + "calls = 5\n[[block]]\n[[block]]\ncalls = 6"
    found = cells(tmp_path, text, "calls=7", "solvers=nelder-mead", "target_ratio = 1.5")
    assert [(cell.solver, cell.limits.calls) for cell in found] == [("nelder-mead", 7)]
    assert found[0].limits.target is not None
    assert found[0].limits.target > 0


def test_a_campaign_that_sets_no_limits_has_some(tmp_path: Path) -> None:
    (cell,) = cells(tmp_path, SMALL + "calls = 5")
    assert (cell.limits.seconds, cell.limits.megabytes) == (600, 4096)


MISTAKES = {
    SMALL + "calls = ": "at line 3, column 9",
    SMALL + "calls = 5\nrepetition = 3": "there is no key 'repetition'; did you mean 'repetitions'",
    SMALL + "[[block]]\nseconds = 1\n[[block]]\ncals = 5": "block 2: there is no key 'cals'; did you mean 'calls'",
    SMALL.replace("gd", "gdd") + "calls = 5": "there is no solver 'gdd'; did you mean 'gd'",
    SMALL.replace('"gd"', '"gd(stp=1)"') + "calls = 5": "gd has no option 'stp'; did you mean 'step'",
    SMALL.replace("cities", "citys") + "calls = 5": "there is no problem 'citys",
    SMALL + "starts = ['there']\ncalls = 5": "there is no start 'there'",
    SMALL: "no budget; set one of calls",
    SMALL + "calls = 0": "calls takes a whole number from 1 on, not 0",
    SMALL + "calls = 1.5": "calls takes a whole number",
    SMALL + "calls = true": "calls takes a whole number",
    SMALL + "calls = 5\nseconds = -1": "seconds takes a number above 0, not -1",
    SMALL + "calls = 5\nseconds = nan": "seconds takes a number above 0, not nan",
    SMALL + "calls = 5\nseconds = inf": "seconds takes a number above 0, not inf",
    SMALL + "calls = 5\nmegabytes = 0": "megabytes takes a whole number from 1 on",
    SMALL + "calls = 5\nrepetitions = 0": "repetitions takes a whole number from 1 on",
    SMALL + "calls = 5\ncalls_per_variable = 5": "two words for one budget",
    SMALL + "calls = 5\ntarget = 5\ntarget_ratio = 5": "two words for one target",
    SMALL + "calls = 5\ntarget = nan": "target cannot be nan",
    SMALL + "calls = 5\ntarget_ratio = 0.5": "target_ratio is 1 or more",
    SMALL + "calls = 5\nvariants = [1]": "variants takes a list of tables",
    SMALL + "calls = 5\nblock = 3": r"write a block as \[\[block\]\]",
    "problems = 'cities-6'\nsolvers = ['gd']\ncalls = 5": "problems takes a list of one or more names",
    "solvers = ['gd']\ncalls = 5": "problems takes a list of one or more names",
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: text.replace("\n", " ")[-40:])
def test_a_mistake_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=MISTAKES[text]) as error:
        cells(tmp_path, text)
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_bytes(b"name = \xff")
    with pytest.raises(UsageError, match="byte 7 is not UTF-8"):
        plan.load(str(tmp_path / "b.toml"))
    with pytest.raises(UsageError, match="there is no file"):
        plan.load(str(tmp_path / "none.toml"))
    with pytest.raises(Failure, match="cannot read"):
        plan.load(str(tmp_path) + "/")
    with pytest.raises(UsageError, match="there is no campaign 'quik'; did you mean 'quick'"):
        plan.load("quik")
    with pytest.raises(UsageError, match="--set takes KEY=VALUE"):
        plan.load("quick", ["calls"])
    with pytest.raises(UsageError, match="there is no key 'call'; did you mean 'calls'"):
        plan.load("quick", ["call=3"])


@pytest.mark.parametrize("name", plan.ready())
def test_a_ready_campaign_is_in_order(name: str) -> None:
    ready = plan.load(name)
    assert ready.name == name
    assert len(ready.cells) > (0 if name == "large" else 100)
    assert all(cell.limits.seconds and cell.limits.megabytes for cell in ready.cells)


def test_few_large_runs_share_the_cores() -> None:
    assert plan.load("large").jobs == 1
    assert plan.load("quick").jobs is None
    with pytest.raises(UsageError, match="jobs takes a whole number from 1 on, not 0"):
        plan.load("large", ["jobs=0"])


def test_the_reproduction_has_the_cells_of_the_experiment() -> None:
    ready = plan.load("reproduction")
    asked = reproduction.plan((6, 15, 34), 20, 0)
    assert ready.cells == asked.cells
    assert ready.blocks == asked.blocks
    assert len(ready.cells) == 3 * 2 + 3 * 3 + 3 * 3 * 20
