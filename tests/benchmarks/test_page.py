"""A measurement replaces only what is between its markers, and the marks beside ratios are right."""

import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
PAGES = {
    "nested.md": "nested.py",
    "who-reaches.md": "who_reaches.py",
    "ladder.md": "ladder.py",
    "performance.md": "peers/*.py",
}


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    monkeypatch.syspath_prepend(str(BENCHMARKS / "peers"))
    import page
    import speed

    return page, speed


def test_a_table_is_replaced_and_the_prose_stays(tmp_path: Path, scripts: tuple[ModuleType, ModuleType]) -> None:
    page, _ = scripts
    path = tmp_path / "performance.md"
    before = (
        "# P\n\n<!-- table: one -->\n| 1 |\n<!-- end -->\n\nProse.\n\n<!-- table: one more -->\n2\n<!-- end -->\nEnd.\n"
    )
    path.write_text(before, encoding="utf-8")
    page.replace("one", "| first |\n| second |\n", path)
    expected = before.replace("| 1 |", "| first |\n| second |")
    assert path.read_text(encoding="utf-8") == expected
    page.replace("one", "| first |\n| second |", path)
    assert path.read_text(encoding="utf-8") == expected
    page.replace("one more", "two", path)
    assert path.read_text(encoding="utf-8") == expected.replace("\n2\n", "\ntwo\n")


@pytest.mark.parametrize(
    "text",
    [
        "# P\n",
        "<!-- table: one -->\n1\n",
        "<!-- table: one -->\n1\n<!-- end -->\n<!-- table: one -->\n1\n<!-- end -->\n",
    ],
)
def test_a_page_without_exactly_one_pair_of_markers_is_refused_and_left_as_it_is(
    tmp_path: Path, scripts: tuple[ModuleType, ModuleType], text: str
) -> None:
    page, _ = scripts
    path = tmp_path / "performance.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"<!-- table: one -->"):
        page.replace("one", "2", path)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("name", "pattern"), PAGES.items())
def test_every_table_of_a_page_is_named_in_its_script(name: str, pattern: str) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in BENCHMARKS.glob(pattern))
    marked = re.findall(r"^<!-- table: (.*) -->$", (ROOT / "docs" / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert marked
    assert [table for table in marked if f'"{table}"' not in source] == []


def test_a_table_in_markdown_has_its_first_column_on_the_left(scripts: tuple[ModuleType, ModuleType]) -> None:
    page, _ = scripts
    assert page.table(["", "n = 2"], [["a", "1"], ["b", "2"]]) == "|  | n = 2 |\n|---|--:|\n| a | 1 |\n| b | 2 |"


@pytest.mark.parametrize(
    ("others", "floor", "said"),
    [([40.0, 90.0, 80.0], 40, "40 ✓ 40"), ([39.0, 78.0, 78.0], 40, "39 ✗ 40"), ([2.5, 5.0, 5.0], None, "2.50")],
)
def test_a_ratio_is_the_median_of_the_rounds_and_says_whether_it_reaches_its_floor(
    scripts: tuple[ModuleType, ModuleType], others: list[float], floor: int | None, said: str
) -> None:
    _, speed = scripts
    assert speed.ratio(others, [1.0, 2.0, 2.0], floor) == said
