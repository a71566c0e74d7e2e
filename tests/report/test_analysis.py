"""The figures of an analysis: which are drawn, that nothing is hidden, and that they are the same each time."""

from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mdsbench.errors import Failure, UsageError
from mdsbench.report import analysis
from mdsbench.report.analysis import FIGURES, write_figures
from mdsbench.report.figures import column
from mdsbench.report.figures.anytime import anytime
from mdsbench.report.figures.data_profile import data_profile
from mdsbench.report.figures.ecdf import ecdf
from mdsbench.report.figures.performance_profile import performance_profile
from mdsbench.statistics.arrivals import arrivals, cost

MINE = ["performance-profile", "data-profile", "ecdf"]
Traces = tuple[pd.DataFrame, pd.DataFrame]


def traces(solvers: dict[str, float], starts: int = 6, ending: str = "budget", known: bool = True) -> Traces:
    """Runs on two problems: the loss of each solver falls by its factor with every gradient."""
    rows, moments = [], []
    for problem, dimension in (("sphere-2", 2), ("sphere-10", 10)):
        for solver, factor in solvers.items():
            for seed in range(starts):
                key, spent = f"{problem} {solver} {seed}", np.arange(1, 30 + 3 * seed)
                losses = 4.0 * factor ** (spent - 1.0)
                rows.append((key, problem, dimension, solver, f"uniform(seed={seed})", len(spent), losses[-1]))
                moments.append(pd.DataFrame({"key": key, "gradients": spent, "loss": losses}))
    names = ["key", "problem", "dimension", "solver", "start", "gradients", "final_loss"]
    zeros = {"iterations": 0, "evaluations": 0, "hessian_vectors": 0, "seconds": 0.0}
    runs = pd.DataFrame(rows, columns=names).assign(
        version=lambda frame: frame["solver"], problem_version=lambda frame: frame["problem"], seed=0, ending=ending,
        terms=lambda frame: frame["gradients"], terms_per_pass=1, start_loss=4.0, best_known=0.0 if known else np.nan,
        **zeros,
    )  # fmt: skip
    return runs, pd.concat(moments, ignore_index=True).assign(terms=lambda frame: frame["gradients"], **zeros)


def words(figure: Figure) -> str:
    """Everything that is written below the axes of a figure."""
    return " ".join([text.get_text() for text in figure.texts])


@pytest.fixture(scope="module")
def drawn() -> dict[str, Figure]:
    """Every figure of four solvers, one of which never arrives and one of which has a long name."""
    solvers = {**GD_AND_ADAM, "mine.py:a_solver_with_a_long_name(option=1,another=22)": 0.9}
    return {name: figure for name, figure in figures(*traces(solvers, 2)).items() if figure}


def figures(runs: pd.DataFrame, improvements: pd.DataFrame) -> dict[str, Figure | None]:
    table = arrivals(runs, improvements)
    costs = cost(table)
    return {
        "performance-profile": performance_profile(table, costs),
        "data-profile": data_profile(table, costs),
        "ecdf": ecdf(table, costs),
        "anytime": anytime(runs, improvements, cost),
    }


GD_AND_ADAM = {"gd": 0.3, "adam": 0.6, "gd(step=0.001)": 1.0}


@pytest.mark.slow
def test_every_figure_is_written_in_every_format_with_the_same_bytes(tmp_path: Path) -> None:
    runs, improvements = traces({"gd": 0.3, "adam": 0.6}, starts=2)
    written = [
        write_figures(runs, improvements, tmp_path / one / "deep", formats=("svg", "pdf", "png")) for one in "ab"
    ]
    for path, again in zip(*written, strict=True):
        assert path.read_bytes() == again.read_bytes()
    names = {path.name for path in written[0]}
    assert names >= {f"{name}.{kind}" for name in [*MINE, "anytime"] for kind in ("svg", "pdf", "png")}


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_a_figure_that_is_drawn_twice_is_the_same(tmp_path: Path, kind: str) -> None:
    table = arrivals(*traces({"gd": 0.3, "adam": 0.6}, 1))
    for name in "ab":
        figure = ecdf(table, cost(table))
        assert figure is not None
        column.save(figure, tmp_path / f"{name}.{kind}")
    assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_the_list_has_each_figure_once() -> None:
    assert list(FIGURES)[:3] == MINE
    assert "anytime" not in FIGURES  # it needs the improvements


@pytest.mark.parametrize("name", [*MINE, "anytime"])
def test_the_legend_and_the_notes_are_outside_of_the_axes_and_inside_the_figure(
    name: str, drawn: dict[str, Figure]
) -> None:
    figure = drawn[name]
    figure.draw_without_rendering()
    boxes = [part.get_window_extent() for part in (figure.axes[0].xaxis.label, *figure.legends, *figure.texts)]
    assert all(above.y0 > below.y1 - 1 for above, below in pairwise(boxes))
    frame = figure.bbox
    for box in [*boxes, figure.axes[0].yaxis.label.get_window_extent()]:
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert frame.y0 <= box.y0
        assert box.y1 <= frame.y1
    assert figure.get_figwidth() == column.WIDTH
    assert not plt.get_fignums()


def test_nothing_drawn_is_missing_or_infinite(drawn: dict[str, Figure]) -> None:
    assert len(drawn) == 4
    for figure in drawn.values():
        for line in figure.axes[0].lines:
            assert np.isfinite(line.get_xydata()).all()


def test_where_nothing_can_be_shown_there_is_no_figure(tmp_path: Path) -> None:
    runs, improvements = traces({"gd": 0.3, "adam": 0.6}, starts=1)
    assert write_figures(runs.head(0), improvements.head(0), tmp_path) == []
    assert write_figures(runs.assign(ending="error"), improvements.head(0), tmp_path) == []
    never = figures(*traces({"gd": 1.0, "adam": 1.0}, starts=2))
    assert set(never.values()) == {None}


def test_one_solver_has_no_performance_profile_and_one_run_has_the_others() -> None:
    drawn = figures(*traces({"gd": 0.3}, starts=1))
    assert [name for name, figure in drawn.items() if figure is None] == ["performance-profile"]


def test_a_figure_says_that_best_known_values_are_missing() -> None:
    for known in (False, True):
        table = arrivals(*traces({"gd": 0.3, "adam": 0.6}, 2, known=known))
        figure = ecdf(table, cost(table))
        assert figure is not None
        assert ("no f* is known on 2 of 2 problems" in words(figure)) != known


def test_a_figure_says_what_it_leaves_out() -> None:
    runs, improvements = traces({"gd": 0.3, "adam": 0.6, "rare": 0.5}, 4)
    few = runs[(runs["solver"] != "rare") | (runs["key"] == "sphere-2 rare 0")].reset_index(drop=True)
    table = arrivals(few, improvements)
    for figure in (ecdf(table, cost(table)), anytime(few, improvements, cost)):
        assert figure is not None
        assert "2 of 3 solvers, 8 of 8 starts" in words(figure)


def test_versions_of_a_solver_with_options_are_drawn_apart() -> None:
    runs, improvements = traces({"mine.py:s(step=0.1)": 0.3, "mine.py:s(step=0.2)": 0.5}, 2)
    runs["solver"] = "mine.py:s(step=0.1)"
    runs["version"] = np.where(runs["version"] == "mine.py:s(step=0.1)", "mine.py:s@1a2b", "mine.py:s@3c4d")
    table = arrivals(runs, improvements)
    figure = ecdf(table, cost(table))
    assert figure is not None
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["mine.py:s(step=0.1)@1a2b", "mine.py:s(step=0.1)@3c4d"]


def test_a_profile_that_ranks_a_pair_otherwise_says_so() -> None:
    # As in the profile by hand: of b and c alone, c is the better one, but b is the best of all in the third case.
    table = pd.DataFrame(
        {"problem": "p", "dimension": 4, "trial": np.repeat(["t", "u", "v"], 3), "target": 0.1,
         "solver": ["a", "b", "c"] * 3, "fate": "arrived", "floor_known": True}
    )  # fmt: skip
    costs = pd.Series([1.0, 5.0, 4.0, 1.0, 5.0, 4.0, 9.0, 3.0, 6.0], name="function values")
    figure = performance_profile(table, costs)
    assert figure is not None
    assert "Gould & Scott 2016" in words(figure)
    assert "c is above b at 1 by 33 %" in words(figure)
    two = performance_profile(table[table["solver"] != "a"], costs)
    assert two is not None
    assert "Gould" not in words(two)


@pytest.mark.parametrize(
    ("gradient", "unit"), [(1.0, "values and gradients"), (4, "gradient is 4"), ("dimension", "n")]
)
def test_the_axis_says_what_a_gradient_costs(
    tmp_path: Path, gradient: float | str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels: list[str] = []
    monkeypatch.setattr(analysis, "FIGURES", {"ecdf": ecdf})
    monkeypatch.setattr(column, "save", lambda figure, _: labels.append(figure.axes[0].get_xlabel()))
    write_figures(*traces({"gd": 0.3, "adam": 0.6}, 2), tmp_path, gradient=gradient, formats=["svg"])
    assert len(labels) == 2
    assert all(label.endswith(unit) for label in labels)


def test_another_cost_has_its_unit_on_the_axes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels: list[str] = []
    monkeypatch.setattr(analysis, "FIGURES", {"ecdf": ecdf})
    monkeypatch.setattr(column, "save", lambda figure, _: labels.append(figure.axes[0].get_xlabel()))
    runs, improvements = traces({"gd": 0.3, "adam": 0.6}, 2)
    write_figures(runs, improvements, tmp_path, formats=["svg"], price=lambda table: table["pairs"].rename("pairs"))
    assert len(labels) == 2
    assert all(label.endswith(": pairs") for label in labels)


def test_a_format_that_is_not_known_and_a_folder_that_cannot_be_are_refused(tmp_path: Path) -> None:
    runs, improvements = traces({"gd": 0.3}, 1)
    with pytest.raises(UsageError, match="svg, pdf or png, not 'tiff'"):
        write_figures(runs, improvements, tmp_path, formats=("svg", "tiff"))
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match="cannot write to"):
        write_figures(runs, improvements, tmp_path / "file")
