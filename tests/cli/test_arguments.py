"""Arguments that make no sense are refused by argparse, each with its reason."""

import argparse
from pathlib import Path

import pytest

from mdsbench.cli import arguments
from mdsbench.cli.main import main


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("file", "", "takes the name of a file"),
        ("file", ".", "'.' is a folder"),
        ("file", "a\0b", "contains a NUL"),
        ("file", "a" * 5000, "File name too long"),
        ("file", "f/x", "goes through a file"),
        ("folder", "", "takes the name of a folder"),
        ("folder", "f/x", "goes through a file"),
        ("whole_number", "-1", "not a whole number"),
        ("whole_number", "NaN", "not a whole number"),
        ("whole_number", "٣", "not a whole number"),
        ("whole_number", "9" * 4301, "is above"),
        ("whole_number", str(2**63), "is above"),
        ("positive_number", "0", "takes 1 or more"),
        ("workers", "1001", "takes 1 to 1,000"),
        ("workers", "1" + "0" * 30, "is above"),
        ("seconds", "1000000001", "takes 1 to 1,000,000,000"),
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_an_argument_that_makes_no_sense(
    kind: str, text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f").touch()
    with pytest.raises(argparse.ArgumentTypeError, match=words) as caught:
        getattr(arguments, kind)(text)
    assert len(str(caught.value)) < 300


def test_an_argument_that_makes_sense() -> None:
    assert arguments.whole_number("0" * 5000 + "7") == 7
    assert arguments.whole_number(str(2**63 - 1)) == 2**63 - 1
    assert arguments.file("none") == Path("none")


@pytest.mark.parametrize(
    "given", [["check-solver", "\x1b[31m\n"], ["check-solver", "caf\udce9"], ["run", "\n\x07.toml"]]
)
def test_a_mistake_is_one_line_of_text_whatever_it_names(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(given) == 2
    said = capsys.readouterr().err
    assert said.endswith("\n")
    assert said[:-1].isprintable()
