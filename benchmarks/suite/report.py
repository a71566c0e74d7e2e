"""What the report of a small reproduction costs once its runs are done: 5 and 6 cities, two random starts, no films."""

import tempfile
from pathlib import Path

from mdsbench.campaigns import reproduction
from mdsbench.report.build import page_of
from mdsbench.report.figures.draw import draw
from mdsbench.runs.execute import execute
from mdsbench.statistics.results import Outcome, Results
from mdsbench.store.store import Store


class Report:
    timeout = 120

    def setup_cache(self) -> Path:
        plan = reproduction.plan((5, 6), starts=2, seed=0)
        path = Path(tempfile.mkdtemp()) / "small.sqlite"
        cells = {cell.key: cell for cell in plan.cells}
        with Store.open(path) as store:
            store.list_cells(reproduction.NAME, "", cells, "{}", 1, dict(zip(cells, plan.blocks, strict=True)))
            for cell in plan.cells:
                store.put(execute(cell))
        return path

    def time_page(self, store: Path) -> None:
        """The HTML alone."""
        page_of(store, None, None)

    def time_figures(self, store: Path) -> None:
        """All figures, as SVG and PNG."""
        with Store.read(store) as opened:
            outcomes = [Outcome(*found) for found in opened.blocks(reproduction.NAME)]
        with tempfile.TemporaryDirectory() as folder:
            draw(Results(outcomes), Path(folder))
