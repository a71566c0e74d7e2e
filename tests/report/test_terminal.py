"""The table in the terminal: in a narrow one the names stay and columns go."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from mdsbench.report import terminal
from mdsbench.statistics.results import Results

if TYPE_CHECKING:
    from tests.conftest import MadeUp


@pytest.mark.parametrize(("width", "columns"), [(40, 2), (60, 4), (80, 5), (200, 5)])
def test_names_stay_and_columns_go(width: int, columns: int, made_up: MadeUp) -> None:
    printed = StringIO()
    results = Results(made_up.published(6, 10, 900, 800))
    Console(file=printed, width=width).print(terminal.table(results, width=width))
    lines = printed.getvalue().splitlines()
    assert sum(heading in lines[1] for heading in ("calls", "to 1 %", "error, km", "ending", "random")) == columns
    assert any("Gradient descent  " in line for line in lines)
    assert any("honest, 6 cities" in line for line in lines)
    assert not any("…" in line for line in lines)
    assert max(map(len, lines)) <= width
