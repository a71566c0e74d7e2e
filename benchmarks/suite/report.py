"""What the report of a small reproduction costs once its runs are done: 5 and 6 cities, two random starts, no films."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.reproduction import Outcome
from mdsbench.report.figures import figures
from mdsbench.report.page import page


class Report:
    timeout = 120

    def setup_cache(self) -> list[Outcome]:
        return reproduction.run(reproduction.trials((5, 6), starts=2, seed=0), jobs=1)

    def time_page(self, outcomes: Sequence[Outcome]) -> None:
        """The HTML alone."""
        page.render(outcomes, provenance={}, films=())

    def time_figures(self, outcomes: Sequence[Outcome]) -> None:
        """All figures, as SVG and PNG."""
        with tempfile.TemporaryDirectory() as folder:
            figures.draw(outcomes, Path(folder))
