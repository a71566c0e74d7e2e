"""The figures of growth and of the break-even price: what is drawn, and that nothing unknown is."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mdsbench.report.figures import column
from mdsbench.report.figures.break_even import break_even_figure, crossings, price_figure
from mdsbench.report.figures.break_even_variants import break_even_variants
from mdsbench.report.figures.growth import growth_figure
from mdsbench.report.figures.share import share_that_arrives

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
    assert legend(figure) == [
        "break-even price, 95 % interval",
        "a gradient by formula, measured",
        "automatic: at most about 5",
        "by differences: n",
        "crossing",
    ]
    assert "more than" in words(figure)
    without = legend(drawn(break_even_figure(rows, costs(rows))))
    assert "a gradient by formula, measured" not in without


def test_crossings_by_hand() -> None:
    """From 2 at n = 4 to 8 at n = 16 the price is n / 2: it crosses 5 at n = 10; a bound crosses nothing."""
    rows = pd.DataFrame({"dimension": [4, 16, 64], "price": [2.0, 8.0, 1_000.0], "bound": ["", "", "more than"]})
    assert crossings(rows, {}) == {"automatic": [pytest.approx(10)]}
    steep = rows.assign(price=[2.0, 32.0, 1.0])  # twice n^2 / 16 at both: n is crossed at 8, the formula's 4 at 5.66
    assert crossings(steep, {4: 4.0, 16: 4.0})["differences"] == [pytest.approx(8)]
    assert crossings(steep, {4: 4.0, 16: 4.0})["the formula"] == [pytest.approx(4 * 2**0.5)]


def test_variants_have_a_line_each_and_the_pair_that_they_are_of() -> None:
    plain, noisy = table(search_arrives=16), table(search_arrives=16)
    noisy = noisy.assign(family="sphere(noise=0.1)", problem=noisy["problem"] + "(noise=0.1)")
    rows = pd.concat([plain, noisy], ignore_index=True)
    names = legend(drawn(break_even_variants(rows, costs(rows))))
    assert names[:2] == ["as it is: gd against nelder-mead", "noise 0.1: gd against nelder-mead"]
    assert break_even_variants(plain, costs(plain)) is None


def test_the_share_that_arrives_is_drawn_where_something_arrived() -> None:
    rows = table()
    figure = drawn(share_that_arrives(rows, costs(rows)))
    assert len(legend(figure)) == 2
    assert "budget" in words(figure)
    never = rows.assign(fate="elsewhere")
    assert share_that_arrives(never, costs(never)) is None


@pytest.mark.parametrize("draw", [growth_figure, break_even_figure, share_that_arrives])
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


def test_text_in_an_svg_is_text_of_at_least_seven_points_and_names_are_whole(tmp_path: Path) -> None:
    long = "gd[forward-difference(h=1e-06, relative=true)](step=barzilai-borwein, safeguard=true)"
    rows = table().replace({"solver": {"gd": long}})
    path = tmp_path / "growth.svg"
    column.save(drawn(growth_figure(rows, costs(rows))), path)
    texts = re.findall(
        r'<text style="font-size: ([0-9.]+)px; font-family: ([^;"]+)[^>]*>([^<]*)', path.read_text(encoding="utf-8")
    )
    assert min(float(size) for size, _, _ in texts) >= 7  # an SVG of Matplotlib has a unit of one point
    assert all(fonts.startswith("'DejaVu Sans'") and fonts.endswith("sans-serif") for _, fonts, _ in texts)
    assert long.replace(" ", "") in "".join(text for _, _, text in texts).replace(" ", "")
