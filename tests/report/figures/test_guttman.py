"""The figure of the Guttman step shows each count and each prediction, and names what it shows."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mdsbench.report.figures.guttman import guttman


@pytest.fixture(scope="module")
def figure() -> Figure:
    rows = [
        ("places", 6, "uniform", 30, 40, 35.0, 33.0),
        ("places", 6, "torgerson", 34, 34, 34.0, 33.0),
        ("places", 3000, "torgerson", 70, 70, 70.0, np.nan),
        ("cloud(shape=strip)", 10, "uniform", 20, 50, 45.0, 48.0),
        ("cloud(shape=strip)", 100, "uniform", 48, 50, 49.0, 49.0),
    ]
    columns = ["family", "points", "start", "counted_low", "counted_high", "counted", "predicted"]
    return guttman(pd.DataFrame(rows, columns=columns))


def test_every_count_is_a_marker_and_every_prediction_is_on_a_line(figure: Figure) -> None:
    drawn = [(line.get_xydata(), line.get_marker()) for line in figure.axes[0].lines]
    markers = {(x, y) for points, marker in drawn if marker != "None" for x, y in np.asarray(points)}
    assert markers == {(6, 35), (6, 34), (3000, 70), (10, 45), (100, 49)}
    lines = {(x, y) for points, marker in drawn if marker == "None" for x, y in np.asarray(points)}
    assert lines == {(6, 33), (10, 48), (100, 49)}


def test_the_legend_names_families_starts_and_kinds_of_number(figure: Figure) -> None:
    [legend] = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["strip 4:1", "places", "predicted", "counted, uniform", "counted, torgerson"]


def test_the_axes_have_units(figure: Figure) -> None:
    ax = figure.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("points of the map", "iterations to 1/100 of the gap")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
