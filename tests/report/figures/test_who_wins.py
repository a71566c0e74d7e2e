"""The map of who wins: drawn where there is noise and both camps, with a boundary where the winner changes."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mdsbench.report.figures import column
from mdsbench.report.figures.who_wins import _interpolated, against_differences, against_gradients
from mdsbench.statistics.arrivals import ARRIVED, CENSORED

SIZES, LEVELS = (2, 8, 32), (0.0, 0.1, 1.0)


def table(solver: str, gradients: float, lost: tuple[tuple[int, float], ...] = ()) -> pd.DataFrame:
    """Runs of one solver and of a search: the first costs 10 (1 + 19 noise), the second 40, each with a spread."""
    rows = []
    for n in SIZES:
        for noise in LEVELS:
            name = f"p-{n}(noise={noise})" if noise else f"p-{n}"
            for who, cost, passes in ((solver, 10 * (1 + 19 * noise), gradients), ("search", 40.0, 0.0)):
                for k in range(6):
                    fate = CENSORED if (n, noise) in lost else ARRIVED
                    rows.append((name, n, "uniform", 0.1, who, str(k), fate, passes, cost * (1 + 0.01 * k)))
    names = ["problem", "dimension", "start", "target", "solver", "trial", "fate", "gradients", "cost"]
    return pd.DataFrame(rows, columns=names).assign(parts=0.0, hessian_vectors=0.0)


def drawn(made: pd.DataFrame) -> Figure:
    figure = against_gradients(made, made["cost"].rename("calls"))
    assert figure is not None
    return figure


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_each_cell_says_how_many_times_dearer_the_other_camp_is() -> None:
    figure = drawn(table("gd", 1.0))
    assert sorted(texts(figure)) == sorted(["4.0×"] * 3 + ["1.4×"] * 3 + ["5.0×"] * 3)
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "8", "32"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "0.1", "1"]
    assert len(ax.collections) >= 1


def test_the_boundary_is_where_the_logarithm_of_the_ratio_is_zero() -> None:
    (line,) = (path for c in drawn(table("gd", 1.0)).axes[0].collections if not c.get_hatch() for path in c.get_paths())
    at = 1 + np.log(40 / 29) / (np.log(40 / 29) - np.log(40 / 200))
    assert np.asarray(line.vertices)[:, 1] == pytest.approx(at, abs=0.05)


def test_a_cell_in_which_nobody_arrives_is_said_to_be_one() -> None:
    figure = drawn(table("gd", 1.0, lost=((32, 1.0), (32, 0.1))))
    assert texts(figure).count("–") == 2
    assert "neither arrives" in " ".join(text.get_text() for text in figure.texts)


def test_words_and_legend_are_within_the_figure() -> None:
    figure = drawn(table("gd", 1.0))
    figure.draw_without_rendering()
    boxes = [part.get_window_extent() for part in (figure.axes[0].xaxis.label, *figure.legends, *figure.texts)]
    assert all(above.y0 > below.y1 - 1 for above, below in pairwise(boxes))
    for box in boxes:
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0
    assert figure.get_figwidth() == column.WIDTH


def test_without_noise_or_without_a_camp_there_is_no_figure() -> None:
    made = table("gd", 1.0)
    costs = made["cost"].rename("calls")
    plain = made[~made["problem"].str.contains("noise")]
    assert against_gradients(plain, costs[plain.index]) is None
    assert against_differences(made, costs) is None
    one = made[made["dimension"] == 2]
    assert against_gradients(one, costs[one.index]) is None
    by_values = table("gd[spsa]", 0.0)
    assert against_differences(by_values, by_values["cost"].rename("calls")) is not None
    assert against_gradients(by_values, by_values["cost"].rename("calls")) is None


def test_interpolation_is_linear_and_exact_at_the_cells() -> None:
    grid = np.array([[0.0, 2.0, 4.0], [1.0, 3.0, np.nan]])
    x, y = np.array([0.0, 0.5, 1.0, 1.5]), np.array([0.0, 0.5, 1.0])
    found = _interpolated(grid, x, y)
    assert found[:, :2].tolist() == [[0.0, 1.0], [0.5, 1.5], [1.0, 2.0]]
    assert np.isnan(found[:, 3]).all()
