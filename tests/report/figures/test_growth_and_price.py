"""The figures of growth and of the break-even price: what is drawn, and that nothing unknown is."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mdsbench.report.figures.break_even import break_even_figure, price_figure
from mdsbench.report.figures.growth import growth_figure

SIZES = (2, 4, 8, 16)


def table(search_arrives: int = 8, sizes: tuple[int, ...] = SIZES) -> pd.DataFrame:
    """A gradient method that needs about 10 n gradients, and a search that needs about 5 n^2 values up to a size."""
    rows = []
    for n in sizes:
        for trial, factor in zip("abcd", (0.8, 0.9, 1.1, 1.3), strict=True):
            rows.append(("gd", n, trial, "arrived", 0.0, 10.0 * n * factor))
            fate = "arrived" if n <= search_arrives else "censored"
            rows.append(("nelder-mead", n, trial, fate, 5.0 * n**2 * (2.1 - factor), 0.0))
    frame = pd.DataFrame(rows, columns=["solver", "dimension", "trial", "fate", "evaluations", "gradients"])
    problem = "sphere-" + frame["dimension"].astype(str)
    named = frame.assign(family="sphere", problem=problem, start="uniform", target=0.01)
    return named.assign(parts=0.0, hessian_vectors=0.0, floor_known=True)


def costs(rows: pd.DataFrame) -> "pd.Series[float]":
    return (rows["evaluations"] + rows["gradients"]).rename("function values and gradients")


def drawn(figure: Figure | None) -> Figure:
    assert figure
    return figure


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


def test_growth_says_the_exponents_and_what_the_triangles_are() -> None:
    rows = table()
    figure = drawn(growth_figure(rows, costs(rows)))
    assert any("n^1.00 (" in text and "gd" in text for text in legend(figure))
    assert "budget" in words(figure)
    complete = table(search_arrives=16)
    assert "budget" not in words(drawn(growth_figure(complete, costs(complete))))


def test_the_price_has_the_lines_of_what_a_gradient_costs() -> None:
    rows = table()
    figure = drawn(price_figure(rows, "gd", "nelder-mead", {2: 1.1, 4: 1.2}))
    assert len(legend(figure)) == 4
    assert "more than" in words(figure)
    assert len(legend(drawn(break_even_figure(rows, costs(rows))))) == 3  # nothing was measured


@pytest.mark.parametrize("draw", [growth_figure, break_even_figure])
def test_only_finite_numbers_are_drawn(draw: object) -> None:
    assert callable(draw)
    rows = table()
    for line in drawn(draw(rows, costs(rows))).axes[0].lines:
        assert np.isfinite(np.asarray(line.get_xydata(), float)).all()


def test_without_anything_to_show_there_is_no_figure() -> None:
    rows = table(sizes=(4,))
    assert growth_figure(rows, costs(rows)) is None
    empty = rows[:0]
    assert growth_figure(empty, costs(empty)) is None
    assert break_even_figure(empty, costs(empty)) is None
    none = table().assign(fate="elsewhere")
    assert growth_figure(none, costs(none)) is None
    assert break_even_figure(none, costs(none)) is None
    both = table()
    alone = both[both["solver"] == "gd"]
    assert break_even_figure(alone, costs(alone)) is None
