"""docs/performance.md is written section by section, and what is said of a floor is true."""

from pathlib import Path
from types import ModuleType

import pytest

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    monkeypatch.syspath_prepend(str(PEERS))
    import page
    import speed

    return page, speed


def test_a_section_takes_the_place_of_the_one_before_and_leaves_the_others(
    tmp_path: Path, scripts: tuple[ModuleType, ModuleType]
) -> None:
    page, _ = scripts
    path = tmp_path / "performance.md"
    path.write_text("# Performance\n\nIntroduction.\n\n## One\n\n1\n\n## Two\n\n2\n", encoding="utf-8")
    page.write("## One", "first\n", path)
    page.write("## Three", "3\n", path)
    page.write("## Two", "second\n", path)
    expected = "# Performance\n\nIntroduction.\n\n## One\n\nfirst\n\n## Two\n\nsecond\n\n## Three\n\n3\n"
    assert path.read_text(encoding="utf-8") == expected
    page.write("## Three", "3\n", path)
    assert path.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    ("others", "floor", "said"),
    [([40.0, 90.0, 80.0], 40, "40 ✓ 40"), ([39.0, 78.0, 78.0], 40, "39 ✗ 40"), ([2.5, 5.0, 5.0], None, "2.50")],
)
def test_a_ratio_is_the_median_of_the_rounds_and_says_whether_it_reaches_its_floor(
    scripts: tuple[ModuleType, ModuleType], others: list[float], floor: int | None, said: str
) -> None:
    _, speed = scripts
    assert speed.ratio(others, [1.0, 2.0, 2.0], floor) == said
