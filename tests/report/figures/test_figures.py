"""The figures of a report: they show what was measured, failures as failures, and always the same bytes."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mdsbench.campaigns.reproduction import ADAPTIVE_NELDER_MEAD as ADAPTIVE
from mdsbench.campaigns.reproduction import GRADIENT_DESCENT as GD
from mdsbench.campaigns.reproduction import NELDER_MEAD as NM
from mdsbench.problems import problem
from mdsbench.registry.decorators import solver as register
from mdsbench.report import style
from mdsbench.report.figures import final_maps
from mdsbench.report.figures.convergence import loss
from mdsbench.report.figures.draw import draw
from mdsbench.report.figures.scaling import scaling
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics import units
from mdsbench.statistics.cost_model import CALLS
from mdsbench.statistics.results import Outcome, Quantile, Results, Size, Tally, arrival

if TYPE_CHECKING:
    from tests.conftest import MadeUp


PALETTE = Palette([GD, NM, ADAPTIVE])


@pytest.fixture(scope="module")
def mixed(made_up: MadeUp) -> list[Outcome]:
    """Two sizes; no start of Nelder-Mead gets there at the larger one."""
    return [
        *made_up.published(6, 72, 1700, 1200),
        *made_up.published(10, 80, None, 9000),
        *made_up.starts(GD, 6, [50, 60, 70, 80]),
        *made_up.starts(GD, 10, [60, 75, None, None]),
        *made_up.starts(NM, 6, [900, 1000, 1100, None]),
        *made_up.starts(NM, 10, [None] * 4, spent=4000, ending="budget"),
        *made_up.starts(ADAPTIVE, 6, [900] * 4),
        *made_up.starts(ADAPTIVE, 10, [None, None, None, 3900], spent=4000, ending="budget"),
    ]


def at(n: int, outcomes: list[Outcome]) -> Size:
    """The runs on the map of n cities."""
    return next(size for size in Results(outcomes).sizes if size.map.points == n)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def end(line: Line2D) -> tuple[float, float]:
    """The last point of a line."""
    x, y = np.asarray(line.get_xydata())[-1]
    return float(x), float(y)


def line_to(ax: Axes, run: Run) -> bool:
    """Whether a curve of the run's colour ends at what the run spent and reached."""
    lines = [line for line in ax.lines if line.get_color() == PALETTE.colour(run.cell.solver)]
    return (run.calls, run.final_loss) in map(end, lines)


@pytest.mark.slow
def test_every_figure_is_drawn_and_drawn_the_same_again(outcomes: list[Outcome], tmp_path: Path) -> None:
    for folder in ("once", "again"):
        (tmp_path / folder).mkdir()
        draw(Results(outcomes), tmp_path / folder)
    names = sorted(path.name for path in (tmp_path / "once").iterdir())
    assert names == ["loss-6.png", "loss-6.svg", "map-6.png", "map-6.svg"]
    for name in names:
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_loss_curves_end_where_the_runs_ended(outcomes: list[Outcome]) -> None:
    published_axes, honest_axes = loss(at(6, outcomes), Palette.of(Results(outcomes))).axes
    honest = [outcome.run for outcome in outcomes if outcome.protocol == "honest"]
    assert len(honest) == 12
    assert all(line_to(honest_axes, run) for run in honest)
    (restarted,) = [outcome for outcome in outcomes if outcome.run.cell.solver == "restarted-nelder-mead"]
    ends = {end(line)[0] for line in published_axes.lines}
    million = 8 * 36 / 1e6
    assert million * restarted.charged_evaluations in ends
    assert million * restarted.run.spent.evaluations in ends


def test_no_published_panel_where_nothing_was_published(mixed: list[Outcome]) -> None:
    assert len(loss(at(10, mixed), PALETTE).axes) == 1


def test_scaling_has_a_panel_each_for_iterations_calls_and_seconds(mixed: list[Outcome]) -> None:
    figure = scaling(Results(mixed))
    assert [ax.get_title() for ax in figure.axes] == ["Iterations", "Calls", "Seconds"]
    for ax in figure.axes:
        figure.draw_without_rendering()
        assert [label.get_text() for label in ax.get_xticklabels()] == ["12", "20"]
    for count in ("4 of 4", "2 of 4", "3 of 4", "0 of 4", "1 of 4"):
        assert count in texts(figure)


def test_a_median_that_is_a_failure_is_open_and_stands_at_what_was_spent(mixed: list[Outcome]) -> None:
    ax = scaling(Results(mixed)).axes[1]
    circles = [line for line in ax.lines if line.get_marker() == "o"]
    shown = {(line.get_color(), end(line)[1]): line.get_markerfacecolor() for line in circles}
    assert shown == {
        (PALETTE.colour(GD), 60.0): PALETTE.colour(GD),
        (PALETTE.colour(GD), 75.0): PALETTE.colour(GD),
        (PALETTE.colour(NM), 1000.0): PALETTE.colour(NM),
        (PALETTE.colour(NM), 4000.0): "white",
        (PALETTE.colour(ADAPTIVE), 900.0): PALETTE.colour(ADAPTIVE),
        (PALETTE.colour(ADAPTIVE), 4000.0): "white",
    }


def test_quantiles_count_failures_as_never(made_up: MadeUp) -> None:
    runs = [outcome.run for outcome in made_up.starts(NM, 6, [300, None, 100, 200], spent=700)]
    tally = Tally(at(6, made_up.starts(NM, 6, [1])).map, NM, runs)
    assert tally.reached == 3
    assert [tally.quantile(share, CALLS.meter(runs[0])) for share in (0, 0.25, 0.5, 0.75, 1)] == [
        Quantile(100, reached=True),
        Quantile(100, reached=True),
        Quantile(200, reached=True),
        Quantile(300, reached=True),
        Quantile(700, reached=False),
    ]
    assert arrival(runs[1]) is None


RIVALS = [
    *("l-bfgs", "bfgs", "adam(step=0.05)", "cma-es", "newuoa", "powell", "cg", "random-search", "momentum", "nesterov"),
    *("rmsprop", "adagrad", "cobyla", "multistart(solver=l-bfgs)", "adam[central-difference](step=0.05)", "smacof"),
    "bfgs[forward-difference]",
]


def with_rivals(number: int, made_up: MadeUp) -> Results:
    """Real names of so many methods on two maps, on the smaller one with the published protocol."""
    restarted = made_up.run("restarted-nelder-mead", 6, "published", [(0, 4.0), (100, 3.0), (900, 1.0)], spent=900)
    descent = made_up.run("gd(step=0.06)", 6, "published", [(0, 4.0), (100, 1.0)], spent=100)
    rivals = [
        made_up.outcome(rival, cities, "published", reached=9) for cities in (6, 10) for rival in RIVALS[: number - 3]
    ]
    both = [Outcome("as-published", run) for run in (restarted, descent)]
    return Results([*made_up.published(6, 72, 1700, 1200), *made_up.published(10, 80, None, 9000), *both, *rivals])


@pytest.mark.parametrize(
    "number", [8, pytest.param(3, marks=pytest.mark.slow), pytest.param(11, marks=pytest.mark.slow), 20]
)
def test_legends_are_inside_of_the_figure_and_clear_of_each_other(number: int, made_up: MadeUp) -> None:
    results = with_rivals(number, made_up)
    with style.drawing(style.RC):
        figures = [loss(size, Palette.of(results)) for size in results.sizes] + [scaling(results)]
        for figure in figures:
            figure.draw_without_rendering()
            legends = [*figure.legends, *(legend for ax in figure.axes if (legend := ax.get_legend()))]
            boxes = [legend.get_window_extent() for legend in legends]
            shown = [text.get_text() for legend in legends for text in legend.get_texts()]
            assert {"Gradient descent", *RIVALS[: number - 3]} <= set(shown)
            for box in boxes:
                assert figure.bbox.containsx(box.x0)
                assert figure.bbox.containsx(box.x1)
                assert figure.bbox.containsy(box.y0)
                assert not any(box.overlaps(ax.get_window_extent()) for ax in figure.axes)
            assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.usefixtures("restored_registries")
def test_markup_in_a_name_is_text(made_up: MadeUp) -> None:
    name = "_$x_1^2$<b>&\\alpha"
    register(name, uses="value", reference="none")(lambda oracle, x, rng: iter(()))  # noqa: ARG005
    results = Results([*made_up.published(6, 72, 1700, 1200), made_up.outcome(name, 6, "published", reached=9)])
    figure = loss(results.sizes[0], Palette.of(results))
    (drawn,) = [legend for ax in figure.axes if (legend := ax.get_legend())]
    (label,) = [text for text in drawn.get_texts() if "alpha" in text.get_text()]
    assert label._preprocess_math(label.get_text()) == (name, False)  # type: ignore[attr-defined]
    figure.draw_without_rendering()


def test_maps_say_how_far_off_each_method_is(outcomes: list[Outcome]) -> None:
    figure = final_maps.final_maps(at(6, outcomes), PALETTE)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "Where the cities are",
        "Gradient descent",
        "Nelder–Mead",
        "Nelder–Mead, adaptive",
    ]
    assert figure.axes[1].get_title(loc="right").startswith("typical error 2.89 km after ")
    assert {"Moscow", "Istanbul", "London", "Saint Petersburg", "Berlin", "Madrid"} <= set(texts(figure))


def test_loss_in_kilometres() -> None:
    """Six cities: if every distance is off by a thousandth of the longest, so is the typical one."""
    n, off = 6, 1e-3
    six = problem.find("cities-6").map
    assert six
    assert units.typical_error(n * (n - 1) * off**2, six) == pytest.approx(3.448, abs=1e-3)
    assert np.isclose(units.typical_error(0.0, six), 0.0)
