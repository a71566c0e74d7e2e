"""Maps of many places: stamped dots, alignment, and the command that draws a store."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mdsbench.cli.main import main
from mdsbench.report.figures.atlas import Atlas, caption, picture
from mdsbench.report.figures.dots import stamp
from mdsbench.store.store import Store

TEXT = """
problems = ["places-60"]
solvers = ["l-bfgs"]
starts = ["uniform"]
calls = 40
"""


def white(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 4), 255, np.uint8)


def test_a_dot_covers_its_area_in_its_colour_around_its_centre() -> None:
    pixels = white(40, 60)
    stamp(pixels, np.array([[20.3, 11.8]]), np.array([[0.0, 0.0, 0.0]]), radius=6.0)
    ink = 1 - pixels[..., 0] / 255
    assert ink.sum() == pytest.approx(np.pi * 6**2, rel=0.01)
    down, right = np.mgrid[:40, :60]
    centre = (ink * right).sum() / ink.sum(), (ink * down).sum() / ink.sum()
    assert centre == pytest.approx((20.3, 11.8), abs=0.02)


def test_a_dot_is_drawn_into_a_part_of_a_picture() -> None:
    picture = white(40, 60)
    stamp(picture[10:30, 20:50], np.array([[5.0, 5.0]]), np.array([[1.0, 0.0, 0.0]]), radius=2.0)
    assert picture[15, 25].tolist() == [255, 0, 0, 255]


def test_dots_that_cover_each_other_are_mixed_and_those_outside_are_left_out() -> None:
    pixels = white(20, 20)
    centres = np.array([[10.0, 10.0], [10.0, 10.0], [-3.0, 5.0], [19.9, 5.0], [500.0, 5.0]])
    stamp(pixels, centres, np.array([[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]], float), radius=3.0)
    assert pixels[10, 10].tolist() == [128, 0, 128, 255]
    assert (pixels[5] == 255).all()
    stamp(pixels, np.empty((0, 2)), np.empty((0, 3)), radius=3.0)


def test_a_map_that_was_only_moved_turned_and_reflected_has_no_errors() -> None:
    atlas = Atlas.of("places-50")
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    moved = (atlas.true @ turn + (300.0, -7000.0)) / atlas.map.unit_length
    assert atlas.errors(moved.ravel()).max() < 1e-6
    stretched = atlas.errors(1.1 * moved.ravel())
    away = np.hypot(*(atlas.true - atlas.true.mean(axis=0)).T)
    np.testing.assert_allclose(stretched, 0.1 * away, atol=1e-6)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(TEXT)
    assert main(["run", "small.toml", "--serial"]) == 0
    return tmp_path / "small.sqlite"


@pytest.mark.slow
def test_a_store_is_drawn(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["draw", str(store), "--out", "maps"]) == 0
    picture, film = map(Path, capsys.readouterr().out.splitlines())
    assert picture.match("maps/places-60-l-bfgs-uniform-seed-0-*.png")
    with Image.open(picture) as image:
        assert len(image.convert("RGB").getcolors(2**24) or ()) > 100
    assert film.stat().st_size > 20_000


@pytest.mark.slow
def test_a_run_that_diverged_is_drawn_to_its_end_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(TEXT.replace("l-bfgs", "gd(step=100)").replace("places-60", "cities-6"))
    assert main(["run", "small.toml", "--serial", "--set", "calls=200"]) == 0
    assert main(["draw", "small.sqlite", "--out", "maps"]) == 0
    assert capsys.readouterr().out.endswith(".mp4\n")
    (run,) = Store.read(Path("small.sqlite"))
    assert "diverged: the best map on its way" in caption(run, Atlas.of("cities-6"))


@pytest.mark.slow
def test_a_map_of_a_file_that_has_changed_is_not_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text("latitude,longitude\n35,139\n34,135\n43,141\n33,130\n26,127\n")
    Path("small.toml").write_text(TEXT.replace("places-60", "coordinates(file=mine.csv)"))
    assert main(["run", "small.toml", "--serial"]) == 0
    atlas = Atlas.of("coordinates(file=mine.csv)")
    assert (atlas.map.what, atlas.land, atlas.credit) == ("places", False, "")
    assert atlas.true.mean(axis=0) == pytest.approx([0, 0], abs=20)  # the plane touches the globe amid them
    Path("mine.csv").write_text("latitude,longitude\n36,139\n34,135\n43,141\n33,130\n")
    command = [sys.executable, "-m", "mdsbench", "draw", "small.sqlite", "--out", "maps"]
    later = subprocess.run(command, check=False, capture_output=True, text=True)  # this process has read the file
    assert later.returncode == 2
    assert "coordinates(file=mine.csv) is no longer what it was" in later.stderr


def test_the_names_in_a_file_are_drawn_as_text_and_short_distances_are_in_metres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["$A_1$", "B\U0001f600 [/red] <b>\\", "_C", "D" * 100]
    at = ["48,2", "48.00001,2", "48,2.00001", "48.00002,2.00001"]
    rows = [f'"{name}",{place}' for name, place in zip(names, at, strict=True)]
    Path("towns.csv").write_text("\n".join(["name,latitude,longitude", *rows]), encoding="utf-8")
    text = TEXT.replace("places-60", f"coordinates(file={tmp_path}/towns.csv)").replace("calls = 40", "calls = 5")
    Path("towns.toml").write_text(text, encoding="utf-8")
    assert main(["run", "towns.toml", "--serial"]) == 0
    (run,) = Store.read(Path("towns.sqlite"))
    figure = picture(run, Atlas.of(run.cell.problem))
    drawn = [text._preprocess_math(text.get_text()) for text in figure.axes[0].texts]  # type: ignore[attr-defined]
    assert sorted(drawn) == sorted([(name, False) for name in names[:3]] + [("D" * 23 + "…", False)])
    assert re.search(r"typical error of a distance [0-9.]+ m?m$", figure.texts[1].get_text())
    capsys.readouterr()
    assert main(["draw", "towns.sqlite", "--out", "maps", "--no-animation"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert all(re.match(r"maps/coordinates-file-towns\.csv-l-bfgs-", line) for line in printed.out.splitlines())


def test_what_cannot_be_drawn_is_one_line(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "small.toml", "--serial", "--set", "problems=rosenbrock-4", "--store", "c"]) == 0
    capsys.readouterr()
    assert main(["draw", "c"]) == 2
    assert main(["draw", str(store), "--out", "small.toml"]) == 2
    assert main(["draw", "none"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert [error.split(";")[0] for error in errors] == [
        "mdsbench: rosenbrock-4 has no coordinates to draw",
        "mdsbench: small.toml is a file",
        "mdsbench: there is no store none",
    ]
