"""What the report of a small reproduction costs once its runs are done: 5 and 6 cities, two random starts, no films."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mdsbench.campaigns import reproduction
from mdsbench.report.figures.draw import draw
from mdsbench.report.page import page
from mdsbench.runs.execute import execute
from mdsbench.statistics.results import Outcome, Results


class Report:
    timeout = 120

    def setup_cache(self) -> list[Outcome]:
        plan = reproduction.plan((5, 6), starts=2, seed=0)
        return [Outcome(block, execute(cell)) for cell, block in zip(plan.cells, plan.blocks, strict=True)]

    def time_page(self, outcomes: Sequence[Outcome]) -> None:
        """The HTML alone."""
        page.render(Results(outcomes), provenance={}, films=())

    def time_figures(self, outcomes: Sequence[Outcome]) -> None:
        """All figures, as SVG and PNG."""
        with tempfile.TemporaryDirectory() as folder:
            draw(Results(outcomes), Path(folder))
