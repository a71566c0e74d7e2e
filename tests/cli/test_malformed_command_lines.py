"""Command lines that make no sense: one line, an exit code, no traceback, at once."""

import random
from pathlib import Path

import pytest

import nasty
from mdsbench.cli.main import main

COUNT = 300
CAMPAIGN = 'problems = ["cities-6"]\nsolvers = ["gd"]\ncalls = 5\nseconds = 2\n'

# Valid command lines, each with the argument that is made nasty most of the time.
COMMANDS = (
    ("run", "c.toml", "--serial"),
    ("run", "c.toml", "--serial", "--store", "s.sqlite"),
    ("run", "c.toml", "--serial", "--set", "calls=3"),
    ("run", "c.toml", "--serial", "--rerun", "failed"),
    ("run", "c.toml", "--serial", "--jobs", "1"),
    ("run", "none.toml", "--dask", "foo://x"),
    ("status", "good.sqlite"),
    ("results", "good.sqlite", "--target", "0.1", "--problem", "cities*", "--gradient-cost", "4"),
    ("results", "good.sqlite", "--cost", "pairs", "--solver", "gd", "--csv"),
    ("export", "good.sqlite", "--table", "path", "--format", "csv", "--out", "out.csv"),
    ("merge", "copy.sqlite", "good.sqlite"),
    ("draw", "good.sqlite", "--no-animation", "--out", "maps"),
    ("report", "good.sqlite", "--out", "page", "--gradient-cost", "4"),
    ("reproduce", "--cities", "3", "--starts", "1", "--seed", "1", "--jobs", "1", "--gradient-cost", "1", "--out", "r"),
    ("list", "solvers"),
    ("list", "starts", "--json"),
    ("check-solver", "none", "--seconds", "3"),
    ("check-problem", "none", "--seconds", "3"),
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a campaign and its store."""
    monkeypatch.chdir(tmp_path)
    Path("c.toml").write_text(CAMPAIGN)
    assert main(["run", "c.toml", "--serial", "--store", "good.sqlite"]) == 0
    Path("copy.sqlite").write_bytes(Path("good.sqlite").read_bytes())
    return tmp_path


def malformed(rng: random.Random) -> list[str]:
    """A command line with one argument or two that are nasty, gone or twice there."""
    given = list(rng.choice(COMMANDS))
    kept = ["reproduce", "--cities", "3"] if given[0] == "reproduce" else given[:1]  # never the whole experiment
    rest = given[len(kept) :]
    for _ in range(rng.randint(0, 2)):
        place = rng.randrange(len(rest)) if rest else 0
        token = rng.choice(nasty.TOKENS) if rng.random() < 0.7 or not rest else nasty.mutated(rest[place], rng)
        rest[place : place + rng.randint(0, 1)] = rng.choice([[token], [token], [token, token], []])
    return kept + rest if rng.random() < 0.95 else [rng.choice(nasty.TOKENS), "--cities", "3"]


@pytest.mark.slow
def test_a_command_line_is_obeyed_or_refused_in_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(0)
    codes = []
    for _ in range(COUNT):
        given = malformed(rng)
        capsys.readouterr()
        with nasty.no_hang(repr(given)):
            codes.append(exit_code(given))
        said = capsys.readouterr().err
        lines = [line for line in said.splitlines() if not line.startswith("loading the kernels")]
        assert codes[-1] in (0, 1, 2), given
        assert codes[-1] == 0 or len(lines) == 1, (given, said)
        assert all(line.isprintable() for line in lines), given
    assert {0, 2} <= set(codes)


def exit_code(given: list[str]) -> int:
    try:
        return main(given)
    except SystemExit as ended:  # argparse
        return int(ended.code or 0)
