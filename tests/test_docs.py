"""What the documentation shows exists and runs."""

import re
from pathlib import Path

import pytest

from mdsbench.problems import problem
from mdsbench.registry.registry import SOLVERS, SOURCES
from mdsbench.registry.spec import parse
from mdsbench.runs.execute import execute  # noqa: F401 - it registers everything

ROOT = Path(__file__).parents[1]
SOLVERS_PAGE = (ROOT / "docs" / "solvers.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SOLVERS_PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("name", blocks("text")[0].split("\n")[:-1])
def test_every_name_on_the_page_is_a_solver_and_written_as_it_is_printed(name: str) -> None:
    spec = parse(name)
    assert str(spec) == name
    SOLVERS.bind(spec)
    if spec.source:
        SOURCES.bind(spec.source)


@pytest.mark.parametrize("name", re.findall(r"^\| `(cities-[^`]+)`", SOLVERS_PAGE, flags=re.MULTILINE))
def test_every_problem_on_the_page_exists(name: str) -> None:
    assert problem.find(name).name == name


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), ROOT / "data/README.md"]:
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", prose):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
