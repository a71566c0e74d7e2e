"""Tables of distances in files: names or none, any separator, and each fault one line."""

import re
from pathlib import Path
from typing import Any

import pytest

from mdsbench.errors import UsageError
from mdsbench.problems import problem
from mdsbench.problems.problem import Problem
from mdsbench.system import memory

FULL = ";A;B;C;D\nA;0;3,5;4;5\nB;3,5;0;5;4\nC;4;5;0;3\nD;5;4;3;0\n"
BARE = "0,3.5,4,5\n3.5,0,5,4\n4,5,0,3\n5,4,3,0\n"
COMMAS = FULL.replace(",", ".").replace(";", ",")


def of_file(folder: Path, content: str | bytes, options: str = "") -> Problem:
    raw = content.encode() if isinstance(content, str) else content
    (folder / "my towns.csv").write_bytes(raw)
    return problem.find(f'distances(file="{folder}/my towns.csv"{options})')


def names(task: Problem) -> Any:
    assert task.map is not None
    return task.map.labels()


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        COMMAS,
        COMMAS.replace(",", "\t"),
        FULL.replace(";", "\t"),
        "\ufeff" + FULL,
        FULL.replace("\n", ";\r\n"),
        FULL.replace("\n", "\n\n"),
        FULL.replace(";A;", "A;"),
        "\n".join(line.partition(";")[2] for line in FULL.splitlines()),
        FULL.partition("\n")[2],
        ";A;B;C;D\nA;\nB;3,5\nC;4;5\nD;5;4;3\n",
        ";A;B;C;D\nA;-;3,5;4;5\nB;;;5;4\nC;;;;3\nD;;;;\n",
    ],
    ids=[
        *("semicolons", "commas", "tabs", "tabs and decimal commas", "byte-order mark", "trailing separators"),
        *("blank lines", "short header", "header only", "names only", "lower triangle", "upper triangle"),
    ],
)
def test_one_table_in_many_forms_is_one_problem(tmp_path: Path, text: str) -> None:
    task = of_file(tmp_path, text)
    assert names(task) == ["A", "B", "C", "D"]
    assert re.fullmatch(r"distances-4\(data=sha256-[0-9a-f]{8}\)", task.name)
    assert task.name == of_file(tmp_path, BARE).name


COUNTED = ",0,1,2,3\n" + "".join(f"{k},{line}\n" for k, line in enumerate(BARE.splitlines()))


@pytest.mark.parametrize("text", [BARE, BARE.replace(",", " "), BARE.replace(",", "  "), COUNTED])
def test_numbers_alone_have_no_names(tmp_path: Path, text: str) -> None:
    task = of_file(tmp_path, text)
    assert names(task) is None
    assert task.name == of_file(tmp_path, FULL).name


def test_names_are_kept_as_they_are_in_utf_8_and_latin_1(tmp_path: Path) -> None:
    text = FULL.replace("A", "Köln").replace("B", '"$a; _b\\ [/red] <b>"')
    assert names(of_file(tmp_path, text)) == ["Köln", "$a; _b\\ [/red] <b>", "C", "D"]
    assert names(of_file(tmp_path, text.encode("latin-1")))[0] == "Köln"


def test_a_changed_file_is_another_problem(tmp_path: Path) -> None:
    assert of_file(tmp_path, FULL).name != of_file(tmp_path, FULL.replace("3,5", "3,25")).name


def test_missing_distances_are_left_out_if_one_says_so(tmp_path: Path) -> None:
    text = FULL.replace("3,5", "NA")
    with pytest.raises(UsageError, match=r"my towns\.csv: .* the first is A to B; say missing=leave-out"):
        of_file(tmp_path, text)
    assert "missing=leave-out" in of_file(tmp_path, text, ", missing=leave-out").name


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "is empty: give a table of distances"),
        (",\n", "is empty: give a table of distances"),
        (BARE.replace("0,3.5", "0,3.5x"), "my towns.csv: point 1 to point 2 is '3.5x', which is no number"),
        ("0,0\n" * 2000 + "0" + "," * 20_000, "has 2,001 lines and 20,000 columns of distances: give a square table"),
        (FULL.replace("C;4;", "C;4,5;"), "A to C is 4 and "),
        (FULL.replace("C;4;", "C;-4;"), "C to A is -4: no distance is negative"),
        (FULL.replace("C;4;", "C;inf;"), "C to A is inf: every distance is a finite number"),
        (FULL.replace("C;4;", "C;far;"), "C to A is 'far', which is no number"),
        (FULL.replace("C;4;", "C;1.000,5;"), "C to A is '1.000,5', which is no number"),
        (FULL.replace("3,5", "1,000"), "A to B is 1,000, which may be thousands or a decimal"),
        (FULL.replace("C;4", "X;4"), "row 2 is named 'X' and column 2 'C'"),
        (FULL.rpartition("D")[0], "has 3 lines and 4 columns of distances: give a square table"),
        (BARE.replace("3,0", '"3,0'), "unexpected end of data"),
        (FULL.encode("utf-16"), "is no text in UTF-8: save it as CSV in UTF-8"),
        ("0,1,1\n1,0,1\n1,1,0\n", "a map takes 4 points or more, not 3"),
    ],
)
def test_a_fault_is_one_line_that_names_the_file(tmp_path: Path, content: str | bytes, expected: str) -> None:
    with pytest.raises(UsageError, match=re.escape(expected)) as error:
        of_file(tmp_path, content)
    assert "\n" not in str(error.value)


def test_the_size_is_held_against_memory_before_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for available in (10, 1000):
        monkeypatch.setattr(memory, "available", lambda available=available: available)
        with pytest.raises(UsageError, match=r"reading my towns\.csv takes .* GB of memory"):
            of_file(tmp_path, FULL)
    with pytest.raises(UsageError, match="is a device or a pipe"):
        problem.find("distances(file=/dev/zero)")
    with pytest.raises(UsageError, match="there is no file"):
        problem.find(f"distances(file={tmp_path}/none.csv)")
