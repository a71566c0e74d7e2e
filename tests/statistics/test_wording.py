"""Numbers and names as they stand in a sentence."""

import tempfile
from pathlib import Path

import pytest

from mdsbench.statistics.wording import length, without_folders


@pytest.mark.parametrize(
    ("km", "words"),
    [(1234.4, "1,234 km"), (12.34, "12.3 km"), (0.0286, "28.6 m"), (2e-6, "2.00 mm"), (5e-13, "less than 0.01 mm")],
)
def test_a_length_is_in_the_unit_of_its_size(km: float, words: str) -> None:
    assert length(km) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/home/me/x/mine.py:s", "mine.py:s"),
        ("../a/b/mine.py:s(step=0.1)", "mine.py:s(step=0.1)"),
        ("multistart(solver=/x/y/mine.py:s)", "multistart(solver=mine.py:s)"),
        ("C:\\Users\\me\\mine.py:s", "mine.py:s"),
        ("No such file: '/home/me/data.csv'", "No such file: 'data.csv'"),
        ('coordinates(file="/home/me/my data/towns.csv", n=4)', 'coordinates(file="towns.csv", n=4)'),
        ("coordinates(file=data/towns.csv)", "coordinates(file=towns.csv)"),
        (f"in {Path.home()}", "in …"),
        (f"{tempfile.gettempdir()}/my x.txt", "my x.txt"),
        (f"{Path.cwd()}/my folder.txt", "my folder.txt"),
        ("24 calls/variable, a / b, https://fmin.xyz/a/b", "24 calls/variable, a / b, https://fmin.xyz/a/b"),
    ],
)
def test_a_file_has_its_name_only(text: str, words: str) -> None:
    assert without_folders(text) == words
