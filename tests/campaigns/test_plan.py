"""What a campaign file may say, and what is said of a file that makes no sense."""

import os
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
    SMALL + "calls = 0": r"calls takes a whole number from 1 to 2\^63 - 1, not 0",
    SMALL + "calls = 1.5": "calls takes a whole number",
    SMALL + "calls = true": "calls takes a whole number",
    SMALL + "calls = 5\nseconds = -1": "seconds takes a number above 0, at most 1,000,000,000, not -1",
    SMALL + "calls = 5\nseconds = nan": "seconds takes a number above 0, at most 1,000,000,000, not nan",
    SMALL + "calls = 5\nseconds = inf": "seconds takes a number above 0, at most 1,000,000,000, not inf",
    SMALL + "calls = 5\nmegabytes = 0": "megabytes takes a whole number from 1 to",
    SMALL + "calls = 5\nrepetitions = 0": "repetitions takes a whole number from 1 to",
    SMALL + "calls = 5\ncalls_per_variable = 5": "two words for one budget",
    SMALL + "calls = 5\ntarget = 5\ntarget_ratio = 5": "two words for one target",
    SMALL + "calls = 5\ntarget = nan": "target takes a number that is finite, not nan",
    SMALL + "calls = 5\ntarget_ratio = 0.5": "target_ratio is 1 or more",
    SMALL + "calls = 5\nvariants = [1]": "variants takes a list of tables",
    SMALL + "calls = 5\nblock = 3": r"write a block as \[\[block\]\]",
    "problems = 'cities-6'\nsolvers = ['gd']\ncalls = 5": "problems takes a list of one or more names",
    SMALL + "calls = 5\nrepetitions = 3000000": "these are 3,000,000 cells.* at most 100,000: ask for less",
    SMALL + "calls = 5\nrepetitions = 0x7FFFFFFFFFFFFFFF": "these are 9,223,372,036,854,775,807 cells",
    SMALL + "calls = 5\nrepetitions = 0x8000000000000000": "repetitions takes a whole number from 1 to",
    SMALL + "calls = 5\nrepetitions = 50001\n[[block]]\n[[block]]\nseconds = 1": "these are 100,002 cells",
    SMALL + "calls = 5\nfirst_seed = 0x7FFFFFFFFFFFFFFF\nrepetitions = 2": "take a lower first_seed",
    SMALL + "calls = " + "9" * 4301: "a number has too many digits",
    SMALL + "calls = 0x" + "F" * 5000: "not a whole number of 20,000 bits",
    SMALL + "calls = [0x" + "F" * 5000 + "]": "not such a list",
    SMALL + "calls = 5\ntarget = 0x" + "F" * 5000: "target takes a number that is finite",
    SMALL + "calls = 5\ntarget = -inf": "target takes a number that is finite, not -inf",
    SMALL + "calls_per_variable = 1e308": "more than",
    SMALL + "calls = 5\ndescription = " + "[" * 100_000: "nested too deeply",
    SMALL + "calls = 5\n" + "a." * 100_000 + "a = 1": "a key has 30 parts or more",
    SMALL + "calls = 5\n" + "'a b' . " * 1000 + "a = 1": "a key has 30 parts or more",
    SMALL + "calls = 5\n" + "k" * 100_000 + " = 1": "there is no key 'kkk",
    SMALL + "calls = 5\nname = 'a/b'": "the name of a campaign is",
    SMALL + "calls = 5\nname = ''": "the name of a campaign is",
    SMALL + 'calls = 5\nname = "\\u001b[0m"': "the name of a campaign is",
    SMALL + "calls = 5\njobs = 1001": "jobs takes a whole number from 1 to 1,000",
    SMALL + "calls = 5\nvariants = [{n = 2020-01-01}]": "variants: n takes true, false, a number or a text",
    SMALL + "calls = 5\nvariants = [{loss = '\"'}]": "variants: loss takes true, false, a number or a text",
    SMALL + "calls = 5\nvariants = [{'n n' = 1}]": "variants: 'n n' is no option",
    SMALL + "calls = 5\nvariants = [{noise = nan}]": "nan is no number",
    "solvers = ['gd']\ncalls = 5": "problems takes a list of one or more names",
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: text.replace("\n", " ")[len(SMALL) :][:40])
def test_a_mistake_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=MISTAKES[text]) as error:
        cells(tmp_path, text)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 1000


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_bytes(b"name = \xff")
    with pytest.raises(UsageError, match="byte 7 is not UTF-8"):
        plan.load(str(tmp_path / "b.toml"))
    with pytest.raises(UsageError, match="there is no file"):
        plan.load(str(tmp_path / "none.toml"))
    with pytest.raises(UsageError, match="is no plain file"):
        plan.load(str(tmp_path) + "/")
    with pytest.raises(UsageError, match="there is no campaign 'quik'; did you mean 'quick'"):
        plan.load("quik")
    with pytest.raises(UsageError, match="--set takes KEY=VALUE"):
        plan.load("quick", ["calls"])
    with pytest.raises(UsageError, match="there is no key 'call'; did you mean 'calls'"):
        plan.load("quick", ["call=3"])
    for value in ("[" * 100_000, "9" * 4301, "a." * 1000 + "a"):
        with pytest.raises(UsageError, match=r"--set: |repetitions takes"):
            plan.load("quick", [f"repetitions={value}"])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("/dev/zero", "is no plain file"),
        ("/dev/full", "is no plain file"),
        ("fifo", "is no plain file"),
        ("folder", "is no plain file"),
        ("sparse", "has 1,073,741,824 bytes: a campaign is a file of at most 262,144"),
        ("utf-16", "is written in UTF-16: save it as UTF-8"),
        ("utf-32", "is written in UTF-32: save it as UTF-8"),
        ("a\0b/", "is no plain file"),
        ("a" * 300 + "/", "cannot read"),
    ],
)
def test_what_is_no_campaign_is_refused_before_it_is_read(tmp_path: Path, kind: str, words: str) -> None:
    path = tmp_path / "c.toml"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(2**30)
    elif kind.startswith("utf"):
        path.write_text(SMALL, encoding=kind)
    else:
        path = Path(kind)
    with pytest.raises((UsageError, Failure), match=words):
        plan.load(str(path) + "/" * (not path.is_absolute()))


def test_a_byte_order_mark_is_no_part_of_a_campaign(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(SMALL + "calls = 5", encoding="utf-8-sig")
    assert len(plan.load(str(path)).cells) == 1
    assert plan.load(str(path)).text == SMALL + "calls = 5"


def test_a_file_whose_name_is_not_utf_8_needs_a_name_in_it(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.toml"
    path.write_text(SMALL + "calls = 5")
    with pytest.raises(UsageError, match=r"all UTF-8, not 'caf.*give name = "):
        plan.load(str(path))
    path.write_text("name = 'coffee'\n" + SMALL + "calls = 5")
    assert plan.load(str(path)).name == "coffee"


@pytest.mark.parametrize("name", plan.ready())
def test_a_ready_campaign_is_in_order(name: str) -> None:
    ready = plan.load(name)
    assert ready.name == name
    assert len(ready.cells) > (0 if name == "large" else 100)
    assert all(cell.limits.seconds and cell.limits.megabytes for cell in ready.cells)


def test_few_large_runs_share_the_cores() -> None:
    assert plan.load("large").jobs == 1
    assert plan.load("quick").jobs is None
    with pytest.raises(UsageError, match="jobs takes a whole number from 1 to 1,000, not 0"):
        plan.load("large", ["jobs=0"])


def test_the_reproduction_has_the_cells_of_the_experiment() -> None:
    ready = plan.load("reproduction")
    asked = reproduction.plan((6, 15, 34), 20, 0)
    assert ready.cells == asked.cells
    assert ready.blocks == asked.blocks
    assert len(ready.cells) == 3 * 2 + 3 * 3 + 3 * 3 * 20
