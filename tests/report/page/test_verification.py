"""A page is compared with its store: everything is equal, or what depends on a changed run differs."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mdsbench.cli.main import main
from mdsbench.errors import Failure
from mdsbench.report.page.written import parsed, read
from mdsbench.report.verification import verify
from mdsbench.store.store import Store


@pytest.fixture
def pair(small_page: Path, small_reproduction: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A page, and a copy of its store."""
    page, store = tmp_path / "index.html", tmp_path / small_reproduction.name
    shutil.copyfile(small_reproduction, store)
    shutil.copyfile(small_page, page)
    return page, store


@pytest.mark.slow
def test_a_page_is_equal_to_its_store(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", *map(str, pair)]) == 0
    numbers, _, said = capsys.readouterr().out.partition(" numbers ")
    assert int(numbers.replace(",", "")) > 1_000
    assert said == "compared: all equal\n"


@pytest.mark.slow
def test_a_changed_run_and_what_depends_on_it_differ(pair: tuple[Path, Path]) -> None:
    page, path = pair
    with Store.open(path) as store:
        run = next(run for run in store if run.cell.start == "published" and run.cell.solver == "nelder-mead")
        spent = run.spent._replace(evaluations=run.spent.evaluations + 7)
        store.put(replace(run, spent=spent))
    found = verify(page, path)
    assert list(found.runs) == [run.cell.key]
    assert "evaluations" in found.runs[run.cell.key]
    changed = [json.loads(query) for query in found.texts]
    assert {
        "of": "run",
        "problem": "cities-6",
        "protocol": "honest",
        "solver": "nelder-mead",
        "start": "published",
    } in changed
    assert all(query.get("solver", "nelder-mead") == "nelder-mead" for query in changed)


@pytest.mark.slow
def test_a_number_changed_in_the_page_is_found(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    page, path = pair
    text = page.read_text(encoding="utf-8")
    headline = read(page).texts['{"of": "headline"}'][0]
    page.write_text(text.replace(headline, headline.replace("3 random starts", "4 random starts"), 1), encoding="utf-8")
    assert main(["verify", str(page), str(path)]) == 1
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert said.out.startswith("headline (): page: ")
    assert said.err.endswith("1 text\n")


@pytest.mark.slow
def test_a_run_that_is_missing_from_the_store_is_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    page, path = pair
    with Store.read(path) as store:
        runs, blocks = list(store), store.listed("reproduction")
    other = tmp_path / "other.sqlite"
    with Store.open(other) as store:
        store.list_cells("reproduction", "", {run.cell.key: run.cell for run in runs[1:]}, "{}", 1, blocks)
        for run in runs[1:]:
            store.put(run)
    assert verify(page, other).runs == {runs[0].cell.key: ["missing from the store"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<p>no data</p>",
        '<script id="mdsbench-data">{"format": 2}</script>',
        "<script id='mdsbench-data'>{</script>",
    ],
)
def test_what_is_no_page_is_refused_in_one_line(text: str, small_reproduction: Path, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(Failure, match="no page that mdsbench report has made"):
        verify(page, small_reproduction)


def test_texts_are_read_with_their_queries() -> None:
    html = (
        '<p data-query="a">one <b data-query="b">two</b><br> three</p><p data-query="a">&lt;four</p>'
        '<script id="mdsbench-data">{"format": 1, "made": {}}</script>'
    )
    assert parsed(html).texts == {"a": ["one two three", "<four"], "b": ["two"]}
