"""What a page of the reproduction is made from."""

from pathlib import Path

import pytest

from mdsbench.oracle.account import Limits
from mdsbench.report.build import report
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.store.store import Store


@pytest.mark.parametrize(
    ("problem", "solvers", "block"),
    [
        ("cities-6", ["gd", "nelder-mead"], "honest"),
        ("cities-6", ["gd", "nelder-mead", "nelder-mead(adaptive=true)"], "mine"),
        ("sphere-6", ["gd", "nelder-mead", "nelder-mead(adaptive=true)"], "honest"),
    ],
)
def test_another_campaign_of_that_name_has_the_page_of_any_campaign(
    tmp_path: Path, problem: str, solvers: list[str], block: str
) -> None:
    cells = {cell.key: cell for cell in (Cell(problem, solver, "published", Limits(calls=9)) for solver in solvers)}
    with Store.open(tmp_path / "a.sqlite") as store:
        store.list_cells("reproduction", "", cells, "{}", 1, dict.fromkeys(cells, block))
        for cell in cells.values():
            store.put(execute(cell))
    assert report(tmp_path / "a.sqlite", tmp_path / "out", animated=False, progress=lambda *_: None) is None
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["index.html"]
    html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<h1><bdi>reproduction</bdi></h1>" in html
    assert "The task" not in html
