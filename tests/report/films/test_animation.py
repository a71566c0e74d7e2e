"""Films: what they show is what the runs did, the files are whole, and failures are told in one line."""

import signal
import stat
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from scipy.spatial.distance import pdist

from mdsbench.campaigns import reproduction
from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import europe
from mdsbench.report import style
from mdsbench.report.figures import geography, labels
from mdsbench.report.figures.atlas import Atlas
from mdsbench.report.films import files, motion, video
from mdsbench.report.films.as_published import as_published
from mdsbench.report.films.moving_map import MovingMap
from mdsbench.report.films.scene import map_axes
from mdsbench.report.films.screen import Box, Screen
from mdsbench.report.films.setting import CLOCKS, USUAL, Setting
from mdsbench.report.films.side_by_side import side_by_side
from mdsbench.report.films.sprites import Label
from mdsbench.report.films.stage import Stage, figure_of
from mdsbench.report.films.words import account
from mdsbench.report.palette import Palette
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.statistics import units
from mdsbench.statistics.cost_model import Currency
from mdsbench.statistics.results import RESTARTED_NELDER_MEAD, map_of

SHORT = Setting(speed=50, fps=30, formats=("mp4", "gif"))  # six frames, beside those that stand
STANDING = USUAL.frames(0.5) + USUAL.frames(4 / 3)
METHODS = [
    reproduction.GRADIENT_DESCENT,
    reproduction.NELDER_MEAD,
    "gd(step=10)",
    "gd(step=0.06)",
    RESTARTED_NELDER_MEAD,
]


def run(solver: str, cities: int = 6, **limits: int) -> Run:
    return execute(Cell(f"cities-{cities}", solver, "published", Limits(**limits)))


@pytest.fixture(scope="module")
def descent() -> Run:
    return run(reproduction.GRADIENT_DESCENT, calls=60)


@pytest.fixture(scope="module")
def simplex() -> Run:
    return run(reproduction.NELDER_MEAD, calls=600)


def probe(path: Path) -> tuple[tuple[int, int], float, int]:
    """Size, frames a second and number of frames of a video."""
    reader = imageio_ffmpeg.read_frames(str(path))
    meta = next(reader)
    reader.close()
    return meta["size"], meta["fps"], imageio_ffmpeg.count_frames_and_secs(str(path))[0]


def test_side_by_side_is_a_whole_video(descent: Run, simplex: Run, tmp_path: Path) -> None:
    told: list[float] = []

    def draw(path: Path) -> None:
        side_by_side([descent, simplex], path, palette=Palette(METHODS), setting=SHORT, progress=told.append)

    made = files.write(draw, tmp_path, "film", SHORT)
    count = STANDING + 6
    assert probe(tmp_path / "film.mp4") == ((1280, 720), 30.0, count)
    assert told == pytest.approx(np.arange(1, count + 1) / count)
    assert b"NETSCAPE2.0\x03\x01\x00\x00" in made[1].read_bytes()  # it plays for ever
    size, _, _ = probe(tmp_path / "film.gif")
    assert size == (640, 360)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.gif", "film.mp4"]


@pytest.mark.slow
def test_as_published_is_a_whole_video(tmp_path: Path) -> None:
    runs = run("gd(step=0.06)", iterations=5), run(RESTARTED_NELDER_MEAD, iterations=5)
    as_published(runs, tmp_path / "film.mp4", palette=Palette(METHODS), setting=SHORT)
    assert probe(tmp_path / "film.mp4") == ((1280, 720), 30.0, 2 * STANDING + 6)


def alone(run: Run) -> motion.Track:
    return motion.track(run, geography.alignment(run.final_x, map_of(run)), USUAL.meter(run))


def test_at_an_iterates_cost_the_film_shows_that_iterate(descent: Run, simplex: Run) -> None:
    for each in (descent, simplex):
        alignment = geography.alignment(each.final_x, map_of(each))
        track = alone(each)
        for moment, x in each.path[1::7]:
            cost = np.array([float(moment.calls)])
            np.testing.assert_allclose(track.at(cost)[0], alignment.centred(x), atol=1e-6)
            np.testing.assert_allclose(track.loss_between(cost), moment.loss)
        np.testing.assert_allclose(track.at(np.array([motion.START]))[0], alignment.centred(each.path[0][1]))
        np.testing.assert_allclose(track.at(np.array([1e9]))[0], alignment.centred(each.final_x), atol=1e-6)
        assert track.costs[-1] == each.spent.evaluations + each.spent.gradients


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_shows_an_iterate_at_its_amount(descent: Run, clock: str) -> None:
    setting = Setting(clock=clock, currency=Currency(4.0))
    meter, moment = setting.meter(descent), descent.path[20][0]
    amounts = {
        "iterations": 20,
        "evaluations": moment.calls,
        "cost": 4 * moment.gradients,
        "seconds": moment.seconds,
    }
    assert meter(moment) == amounts[clock]
    start = motion.start_of([descent], [meter])
    track = motion.track(descent, geography.alignment(descent.final_x, map_of(descent)), meter, start)
    assert (np.diff(track.costs) > 0).all()
    assert track.losses[track.known(np.array([meter(moment)]))[0]] == moment.loss


def test_equal_starts_look_equal_on_both_sides(descent: Run, simplex: Run) -> None:
    atlas = Atlas.of("cities-6")
    best = min(descent, simplex, key=lambda each: each.final_loss)
    turned = motion.turned_alike([descent, simplex], atlas.motion)
    starts = [motion.layouts_km(turn, [each.path[0][1]]) for turn, each in zip(turned, (descent, simplex), strict=True)]
    np.testing.assert_array_equal(starts[0], starts[1])
    np.testing.assert_array_equal(turned[0].turn, atlas.motion(best.final_x).turn)


def test_between_iterates_only_what_is_known_is_told(descent: Run) -> None:
    track = alone(descent)
    assert track.known(np.array([motion.START, 0.99, 1.0, 1.99, 2.0, 1e9])).tolist() == [0, 0, 1, 1, 2, 60]
    atlas = Atlas.of("cities-6")
    texts = [account(descent, track, amount, 60, atlas, USUAL) for amount in (1.0, 1.99)]
    assert texts[0] == texts[1]
    assert texts[0][0] == "1 gradient"
    assert texts[0][1].startswith("typical error ")


def test_an_ended_run_says_how_and_at_what_cost(descent: Run) -> None:
    text, _ = account(descent, alone(descent), 1e5, 60, Atlas.of("cities-6"), USUAL)
    assert text == "stopped: all 60 gradients spent"


def test_a_run_without_a_single_call_has_a_track() -> None:
    track = alone(run(reproduction.NELDER_MEAD, calls=0))
    assert track.costs.tolist() == [motion.START, 1.0]
    assert (track.at(np.array([0.7])) == track.layouts[0]).all()


@pytest.mark.slow
def test_a_diverged_run_can_be_filmed(descent: Run, tmp_path: Path) -> None:
    diverged = run("gd(step=10)", calls=500)
    assert diverged.ending == "diverged"
    side_by_side([descent, diverged], tmp_path / "film.mp4", palette=Palette(METHODS), setting=SHORT)
    assert probe(tmp_path / "film.mp4")[2] == STANDING + 6


def test_the_typical_error_is_the_root_mean_square_of_the_distances_errors(descent: Run) -> None:
    error = pdist(descent.final_x.reshape(-1, 2)) * europe.unit_km(6) - europe.distances_km(6)
    assert units.typical_error(descent.final_loss, map_of(descent)) == pytest.approx(
        np.sqrt((error**2).mean()), rel=1e-4
    )
    assert units.loss_at(units.typical_error(0.25, map_of(descent)), map_of(descent)) == pytest.approx(0.25)


@pytest.mark.parametrize("labels_of", ["some", "large"])
def test_names_on_a_moving_map_never_overlap(labels_of: str) -> None:
    simplex = run(reproduction.NELDER_MEAD, cities=34, calls=5000)
    costs = motion.clock(motion.START, 5000, 60, before=5, after=5)
    layouts = alone(simplex).at(costs)
    screen, atlas = Screen(labels=labels_of), Atlas.of("cities-34")
    ax = map_axes(figure_of(screen), Box(20, 72, 610, 392), atlas, layouts)
    cities = MovingMap(ax, atlas, layouts, "#D55E00", screen)
    for t in range(len(costs)):
        centres, shown = cities.label_centres(t), np.flatnonzero(cities.plan.opacity[t])
        assert len(shown) > 3
        for i, j in combinations(shown, 2):
            assert not labels.overlap(centres[i], cities.sizes[i], centres[j], cities.sizes[j])


def test_a_label_is_painted_where_it_is_planned() -> None:
    stage = Stage(figure_of(Screen()))
    before = stage.pixels.copy()
    word = Label("Kyiv", 13, style.INK)
    stage.labels([word], np.array([[200.3, 500.6]]), np.ones(1))
    rows, columns = np.nonzero((stage.pixels != before).any(axis=-1))
    assert abs(columns.mean() - 200.3) < 2
    assert abs(rows.mean() - (720 - 500.6)) < 2
    assert columns.max() - columns.min() <= word.size[0] + 2
    assert rows.max() - rows.min() <= word.size[1] + 2


def test_different_problems_are_refused(descent: Run, tmp_path: Path) -> None:
    other = run(reproduction.GRADIENT_DESCENT, cities=7, calls=5)
    with pytest.raises(UsageError, match="side by side"):
        side_by_side([descent, other], tmp_path / "film.mp4", palette=Palette(METHODS), setting=USUAL)


def test_a_run_without_kept_positions_is_refused(descent: Run, tmp_path: Path) -> None:
    bare = replace(descent, path=descent.path[:1])
    with pytest.raises(UsageError, match="has kept no positions to film"):
        side_by_side([bare], tmp_path / "film.mp4", palette=Palette(METHODS), setting=USUAL)


def fake_encoder(tmp_path: Path, script: str) -> str:
    program = tmp_path / "encoder"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


FRAME = bytes(64 * 64 * 4)


def film(path: Path, frames: int = 200) -> None:
    with video.Video(path, 64, 64, 30) as target:
        for _ in range(frames):
            target.write(FRAME)


def test_an_encoder_that_cannot_write_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No such file or directory") as caught:
        film(tmp_path / "missing" / "film.mp4")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "script",
    [
        "echo 'first line' >&2; echo 'No space left on device' >&2; exit 1",
        "cat > /dev/null; echo 'No space left on device' >&2; exit 1",
        "head -c 1000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'No space left on device' >&2; exit 1",
    ],
    ids=["at once", "at the end", "after a flood of words"],
)
def test_an_encoder_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = fake_encoder(tmp_path, script)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: program)
    with pytest.raises(Failure, match=r"film.mp4: the video could not be written: No space left on device$"):
        film(tmp_path / "film.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_an_encoder_that_never_finishes_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake_encoder(tmp_path, "cat > /dev/null; exec sleep 600")
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: program)
    monkeypatch.setattr(video, "PATIENCE", 0.2)
    target = video.Video(tmp_path / "film.mp4", 64, 64, 30)
    with pytest.raises(Failure, match="did not finish"), target:
        target.write(FRAME)
    assert target._process.returncode == -signal.SIGKILL


def test_a_missing_encoder_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nothing"))
    with pytest.raises(Failure):
        film(tmp_path / "film.mp4")


def test_an_interrupted_film_leaves_nothing_and_spares_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"the old one")
    with pytest.raises(KeyboardInterrupt), video.Video(tmp_path / "film.mp4", 64, 64, 30) as target:
        target.write(FRAME)
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
    assert (tmp_path / "film.mp4").read_bytes() == b"the old one"


def test_a_gif_of_no_video_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No such file or directory"):
        video.to_gif(tmp_path / "nothing.mp4", tmp_path / "film.gif")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("solver", "title"),
    [
        (reproduction.GRADIENT_DESCENT, "Gradient descent"),
        ("gd(step=100)", "gd(step=100)"),
        ("gd(step=0.005)", "Gradient descent, hand-tuned"),
        ("nelder-mead", "Nelder–Mead"),
        ("nelder-mead(adaptive=true)", "Nelder–Mead, adaptive"),
        ("restarted-nelder-mead", "Nelder–Mead, restarted"),
        ("spiral(turns=3)", "spiral(turns=3)"),
    ],
)
def test_titles(solver: str, title: str) -> None:
    assert style.title(solver) == title
