"""A user's coordinates and distances: what is right becomes a problem, what is wrong one line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mdsbench
from mdsbench.errors import Failure, UsageError
from mdsbench.mds import stress
from mdsbench.mds.distances import GreatCircles
from mdsbench.problems import europe, problem, starts
from mdsbench.problems.problem import Problem
from mdsbench.system import memory

FOUR = "name,latitude,longitude\nA,1,2\nB,3,4\nC,5,6\nD,7,9\n"
LATITUDE, LONGITUDE = np.random.default_rng(1).uniform(30, 70, size=(2, 20))
TABLE = GreatCircles(LATITUDE, LONGITUDE, unit_km=1.0).rows(np.arange(20))


def of_file(folder: Path, text: str, options: str = "") -> Problem:
    (folder / "my towns.csv").write_text(text, encoding="utf-8")
    return problem.find(f'coordinates(file="{folder}/my towns.csv"{options})')


def test_the_coordinates_of_places_give_their_map_in_another_unit() -> None:
    n, x = 50, np.random.default_rng(0).uniform(size=100)
    theirs = problem.find(f"places-{n}")
    assert theirs.targets is not None
    ours = mdsbench.problem_from_coordinates(*np.array([place[2:4] for place in europe.places(n)]).T)
    unit = theirs.targets.condensed().max()
    assert ours.targets is not None
    assert ours.targets.condensed().max() == pytest.approx(1)
    assert unit**2 * ours.value(x / unit) == pytest.approx(theirs.value(x))
    assert np.isnan(ours.best_known)


def test_a_table_of_distances_square_or_condensed_is_their_stress() -> None:
    D = TABLE[np.triu_indices(20, 1)]
    square, condensed = mdsbench.problem_from_distances(TABLE), mdsbench.problem_from_distances(D)
    x = np.random.default_rng(0).uniform(size=40)
    assert square.name == condensed.name
    assert square.value(x) == condensed.value(x) == pytest.approx(stress.value(x, D / D.max()))
    result = mdsbench.minimize("l-bfgs-b", square, starts.torgerson(square), budget=300)
    assert result.fun < square.value(starts.torgerson(square))


@pytest.mark.parametrize(
    "same",
    [TABLE.tolist(), np.asfortranarray(TABLE), np.repeat(np.repeat(TABLE, 2, 0), 3, 1)[::2, ::3], TABLE.astype(object)],
    ids=["lists", "Fortran", "strided", "objects"],
)
def test_any_array_of_the_right_numbers_is_taken(same: Any) -> None:
    assert mdsbench.problem_from_distances(same).name == mdsbench.problem_from_distances(TABLE).name


def test_what_was_given_stays_as_it_was_and_can_be_changed_afterwards() -> None:
    latitude, table = LATITUDE.copy(), TABLE.copy()
    x = np.random.default_rng(0).uniform(size=40)
    for task in (mdsbench.problem_from_coordinates(latitude, LONGITUDE), mdsbench.problem_from_distances(table)):
        before = task.value(x)
        latitude[:], table[:] = 0, 0
        assert task.value(x) == before
        latitude[:], table[:] = LATITUDE, TABLE


def test_a_file_is_its_content(tmp_path: Path) -> None:
    first = of_file(tmp_path, FOUR)
    assert re.fullmatch(r"coordinates-4\(data=sha256-[0-9a-f]{8}\)", first.name)
    (tmp_path / "elsewhere").mkdir()
    assert of_file(tmp_path / "elsewhere", FOUR).name == first.name
    assert of_file(tmp_path, "\ufeff" + FOUR.replace("A,", '"Aachen, Bad",')).name == first.name
    assert of_file(tmp_path, FOUR.replace("9", "9.5")).name != first.name
    assert mdsbench.problem_from_coordinates([1, 3, 5, 7], [2, 4, 6, 9]).name == first.name


def test_the_names_of_a_file_are_those_of_the_points_that_are_taken(tmp_path: Path) -> None:
    def names(text: str, options: str = "") -> Any:
        map_ = of_file(tmp_path, text, options).map
        assert map_ is not None
        return map_.labels()

    text = FOUR + "$x$,1,2\nF,8,1\n"
    assert names(text, ", duplicates=keep") == ["A", "B", "C", "D", "$x$", "F"]
    assert names(text, ", duplicates=merge") == ["A", "B", "C", "D", "F"]
    assert names(text, ", duplicates=keep, n=4") == ["A", "B", "C", "D"]
    assert names(FOUR.replace("name", "id")) is None


def test_a_file_in_latin_1_is_read_and_a_device_is_not(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(FOUR.replace("A", "Köln").encode("latin-1"))
    latin = problem.find(f"coordinates(file={tmp_path}/latin.csv)")
    assert latin.map is not None
    assert (latin.map.labels() or [])[0] == "Köln"
    with pytest.raises(UsageError, match="is a device or a pipe"):
        problem.find("coordinates(file=/dev/zero)")


def test_the_first_of_a_file_are_part_of_the_map_of_all(tmp_path: Path) -> None:
    text = FOUR + "E,60,70\n"
    part, whole = of_file(tmp_path, text, ", n=4").targets, of_file(tmp_path, text).targets
    assert part is not None
    assert whole is not None
    assert np.array_equal(part.rows(np.arange(4)), whole.rows(np.arange(4))[:, :4])


def test_duplicates_are_refused_until_one_says_what_to_do_with_them(tmp_path: Path) -> None:
    text = FOUR + "E,1,2\nF,8,1\nG,3.0,4.0\n"
    with pytest.raises(UsageError, match=r"^2 of 7 places are where .* line 6 \(E\): say duplicates=keep or .*=merge$"):
        of_file(tmp_path, text)
    kept, merged = (of_file(tmp_path, text, f", duplicates={choice}") for choice in ("keep", "merge"))
    assert (kept.dimension, merged.dimension) == (14, 10)
    assert kept.provenance.endswith("coordinates of an earlier one: 2, kept")
    assert merged.provenance.endswith("coordinates of an earlier one: 2, merged")
    assert merged.name == of_file(tmp_path, FOUR + "F,8,1\n").name
    value, gradient = kept.value_and_gradient(np.zeros(14))
    assert np.isfinite(value)
    assert not gradient.any()


FILES = {
    "E,,3": "line 6 (E): latitude is missing",
    "E,1": "line 6 (E): longitude is missing",
    ",1, ": "line 6: longitude is missing",
    "E,1;5,3": "line 6 (E): latitude '1;5' is no number",
    "E,nan,3": "line 6 (E): latitude 'nan' is no number",
    "E,1,inf": "line 6 (E): longitude 'inf' is no number",
    "E,90.5,3": "line 6 (E): latitude 90.5 is not between -90 and 90",
    "E,1,-200": "line 6 (E): longitude -200 is not between -180 and 180",
    '"E,1,2': "after line 5: unexpected end of data",
}


@pytest.mark.parametrize("row", FILES)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(UsageError, match=re.escape("my towns.csv, " + FILES[row]) + "$"):
        of_file(tmp_path, FOUR + row)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("", "", "has no column latitude; its columns are: none"),
        (FOUR.replace("longitude", "lon"), "", "has no column longitude; its columns are: name, latitude, lon"),
        (FOUR.replace("D,7,9\n", ""), "", "a map takes 4 different places or more, not 3"),
        (FOUR, ", n=3", "n=3: the number of places goes from 4 to 4, or is 0 for all"),
        (FOUR, ", n=5", "n=5: the number of places goes from 4 to 4, or is 0 for all"),
        (FOUR, ", duplicates=kep", "duplicates=kep: there is no such choice; did you mean 'keep'?"),
        (FOUR, ", precision=half", "precision=half: there is no such choice"),
        (FOUR, ", distances=none", "distances=none: there is no such choice"),
    ],
)
def test_a_file_that_is_no_map_is_refused_in_one_line(tmp_path: Path, text: str, options: str, expected: str) -> None:
    with pytest.raises(UsageError, match=re.escape(expected)) as error:
        of_file(tmp_path, text, options)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        problem.find(f"coordinates(file={tmp_path}/none.csv)")
    with pytest.raises(Failure, match="cannot read"):
        problem.find(f"coordinates(file={tmp_path})")
    (tmp_path / "bytes.csv").write_bytes(b"latitude,longitude\n\x81")
    with pytest.raises(UsageError, match=r"bytes\.csv is no text in UTF-8"):
        problem.find(f"coordinates(file={tmp_path}/bytes.csv)")
    with pytest.raises(UsageError, match="coordinates needs its option file"):
        problem.find("coordinates")


BAD_COORDINATES: list[tuple[Any, Any, str]] = [
    ([1, 2], [3], "there are 2 latitudes and 1 longitudes"),
    ([1, 2, 3], [1, 2, 3], "a map takes 4 different places or more, not 3"),
    ([1] * 5, [2] * 5, "a map takes 4 different places or more, not 1"),
    ([1, 2, None, 4], [1, 2, 3, 4], "point 2: latitude is missing"),
    ([1, 2, 3, 4], ["1", "2", "3", "4"], "longitude[0] is '1', which is no real number"),
    ([1, 2, 3, 4j], [1, 2, 3, 4], "latitude[3] is 4j, which is no real number"),
    ([True] * 4, [1, 2, 3, 4], "latitude[0] is True, which is no real number"),
    (5, 6, "latitude has shape (): give one number per place, shape (n,)"),
    (np.ones((2, 2)), np.ones((2, 2)), "latitude has shape (2, 2): give one number per place"),
    ([[1, 2], [3]], [1, 2], "latitude is no array: its rows have different lengths"),
    ([1, 2, 3, np.nan], [1, 2, 3, 4], "point 3: latitude is missing"),
    (np.ma.masked_less([1.0, 2.0, 3.0, 4.0], 2), [1, 2, 3, 4], "point 0: latitude is missing"),
    ([1, 2, 3, 4], [1, 181, 3, np.inf], "point 1: longitude 181 is not between -180 and 180"),
    ([1, 2, 3, 4, 1], [1, 2, 3, 4, 1], "1 of 5 places are where an earlier one is, the first of them point 4: say"),
]


@pytest.mark.parametrize(("latitude", "longitude", "expected"), BAD_COORDINATES)
def test_bad_coordinates_are_refused_in_one_line(latitude: Any, longitude: Any, expected: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(expected)}") as error:
        mdsbench.problem_from_coordinates(latitude, longitude)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: mdsbench.problem_from_coordinates(LATITUDE, LONGITUDE),
        lambda: mdsbench.problem_from_distances(TABLE),
        lambda: mdsbench.problem_from_distances(TABLE[np.triu_indices(20, 1)]),
    ],
)
def test_what_does_not_fit_into_memory_is_said_before_any_work(
    make: Callable[[], Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1000)
    with pytest.raises(UsageError, match=r"GB of memory, and 0\.0 GB are left: "):
        make()
