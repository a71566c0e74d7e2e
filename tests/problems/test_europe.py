"""The places of Europe: any number of them on one map, whether their distances are kept or computed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pyproj import Geod
from scipy.optimize import minimize

from mdsbench.campaigns import plan
from mdsbench.cli import list as catalogue
from mdsbench.errors import UsageError
from mdsbench.mds import stress
from mdsbench.mds.distances import EARTH_RADIUS_KM, GreatCircles, Stored
from mdsbench.oracle.account import Limits
from mdsbench.problems import europe, problem, starts
from mdsbench.problems.problem import Array, Problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.system import memory

BEST_KNOWN = Path(__file__).parents[2] / "src" / "mdsbench" / "data" / "best_known_places.json"
LOSSES = json.loads(BEST_KNOWN.read_text())["losses"]


def distances(task: Problem) -> Array:
    assert task.targets is not None
    return task.targets.condensed()


def position(n: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).uniform(size=2 * n)


@settings(deadline=None, max_examples=30)
@given(st.integers(4, 400), st.integers(4, 400))
def test_a_smaller_map_is_part_of_a_larger_one(n: int, m: int) -> None:
    n, m = sorted((n, m))
    small, large = problem.find(f"places-{n}"), problem.find(f"places-{m}")
    assert small.targets is not None
    assert large.targets is not None
    points = np.arange(n)
    assert np.array_equal(small.targets.rows(points), large.targets.rows(points)[:, :n])


def test_the_unit_is_the_longest_distance_of_all() -> None:
    moscow, london = europe.places(2)
    km = Geod(a=EARTH_RADIUS_KM, f=0).inv(moscow.longitude, moscow.latitude, london.longitude, london.latitude)[2]
    assert distances(problem.find("places-4"))[0] == pytest.approx(km / europe.all_places()["longest_km"])


@pytest.mark.parametrize("n", [4, 34, 400])
@pytest.mark.parametrize("kept", ["stored", "computed"])
def test_kept_or_computed_it_is_the_stress_of_the_great_circles(n: int, kept: str) -> None:
    task = problem.find(f"places-{n}(distances={kept})")
    assert isinstance(task.targets, Stored if kept == "stored" else GreatCircles)
    assert task.hessian_vector is not None
    assert task.batch_gradient is not None
    assert task.guttman is not None
    D, x, v = distances(task), position(n), position(n, seed=1)
    value, gradient = stress.value_and_gradient(x, D)
    assert task.smoothness == 4 * n
    assert task.value(x) == pytest.approx(value, rel=1e-12)
    assert_allclose(task.value_and_gradient(x)[1], gradient, rtol=1e-10, atol=1e-10)
    assert_allclose(task.hessian_vector(x, v), stress.hessian_vector(x, v, D), rtol=1e-10, atol=1e-10)
    assert_allclose(task.batch_gradient(x, np.arange(task.terms)), gradient, rtol=1e-10, atol=1e-10)
    centred = (x.reshape(-1, 2) - x.reshape(-1, 2).mean(axis=0)).ravel()
    assert_allclose(task.guttman(x)[1], centred - gradient / (4 * n), atol=1e-12)


def test_single_precision_is_nearly_the_same() -> None:
    x = position(400)
    value = problem.find("places-400").value(x)
    for kept in ("stored", "computed"):
        single = problem.find(f"places-400(precision=single, distances={kept})").value(x)
        assert value != single == pytest.approx(value, rel=1e-5)


def test_a_small_problem_has_residuals_and_a_form_for_torch_and_a_large_one_has_not() -> None:
    small, large = problem.find("places-30"), problem.find("places-3000")
    assert small.residuals is not None
    assert small.jacobian is not None
    x = position(30)
    assert small.residuals(x) @ small.residuals(x) == pytest.approx(small.value(x))
    assert_allclose(2 * small.residuals(x) @ small.jacobian(x), small.value_and_gradient(x)[1], atol=1e-10)
    assert (large.residuals, large.jacobian, large.torch_value) == (None, None, None)
    assert problem.find("places-30(distances=computed)").residuals is None


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("places-34", "places-34"),
        ("places(n=34)", "places-34"),
        ("places-34(distances=auto, precision=double)", "places-34"),
        ("places-34(distances=stored)", "places-34"),
        ("places-34(distances=computed)", "places-34(distances=computed)"),
        ("places-11585(distances=stored)", "places-11585"),
        ("places-11586(distances=computed)", "places-11586"),
        ("places-11586(distances=stored)", "places-11586(distances=stored)"),
        ("places-34(precision=single)", "places-34(precision=single)"),
    ],
)
def test_a_name_says_what_is_not_the_default(name: str, canonical: str) -> None:
    assert problem.find(name).name == problem.find(canonical).name == canonical


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("places", "places needs its option n: places(n=...)"),
        ("places-3", "places-3: the number of places goes from 4 to 89,115"),
        ("places-89116", "places-89116: the number of places goes from 4 to 89,115"),
        ("places-34(precision=half)", "precision=half: there is no such choice; there are: double, single"),
        ("places-34(distances=sored)", "distances=sored: there is no such choice; did you mean 'stored'?"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_line(name: str, expected: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(expected)}$"):
        problem.find(name)


def test_distances_that_do_not_fit_into_memory_are_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 8_000_000_000)
    words = (
        r"^keeping the distances of 50,250 points takes 10.1 GB of memory, and 8.0 GB are left: .*distances=computed"
    )
    with pytest.raises(UsageError, match=words):
        problem.find("places-50250(distances=stored)")
    assert problem.find("places-50250").terms == 50_250 * 50_249 // 2


def test_finding_a_problem_computes_no_distances() -> None:
    europe.places_problem.cache_clear()
    task = problem.find("places-11585")
    assert "D" not in vars(task.targets)


@pytest.mark.parametrize("n", [6, 34, 200])
def test_a_best_known_loss_is_found_again_and_not_beaten(n: int) -> None:
    task = problem.find(f"places-{n}")
    assert task.best_known == LOSSES[str(n)]["loss"]
    start = starts.landmarks(task, number=20)
    options = {"ftol": 0.0, "gtol": 1e-9}
    found = minimize(task.value_and_gradient, start, method="L-BFGS-B", jac=True, options=options).fun
    assert task.best_known * (1 - 1e-9) <= found == pytest.approx(task.best_known, rel=1e-6)


def test_best_known_losses_are_stationary_and_grow_with_the_pairs() -> None:
    assert list(LOSSES)[-1] == str(int(europe.all_places()["places"]))
    a_pair = [known["loss"] / (int(n) * (int(n) - 1)) for n, known in LOSSES.items()]
    assert 3e-8 < min(a_pair) < max(a_pair) < 5e-7  # one map, one kind of error: a good two kilometres a distance
    for known in LOSSES.values():
        assert 1 <= known["reached"] <= known["starts"]
        assert known["gradient_norm"] < 1e-4 * known["loss"] ** 0.5


def test_where_nobody_has_looked_for_the_best_loss_it_is_no_number_and_a_target_needs_one(tmp_path: Path) -> None:
    task = problem.find("places-35")
    assert np.isnan(task.best_known)
    (tmp_path / "c.toml").write_text('problems = ["places-35"]\nsolvers = ["gd"]\ncalls = 5\ntarget_ratio = 1.5')
    with pytest.raises(UsageError, match=r"target_ratio: no best loss is known for places-35; give a loss as target$"):
        plan.load(str(tmp_path / "c.toml"))
    with pytest.raises(UsageError, match="polyak: no best value is known for this problem; take another step rule"):
        execute(Cell("places-35", "gd(step=polyak)", "landmarks", Limits(calls=5)))
    assert np.isnan(execute(Cell("places-35", "gd", "landmarks", Limits(calls=5))).gap)


def test_landmarks_lose_little_against_torgersons_map() -> None:
    task = problem.find("places-2000")
    best, all_points = LOSSES["2000"]["loss"], task.value(starts.torgerson(task))
    for seed in range(3):
        assert best < task.value(starts.landmarks(task, seed=seed)) < 1.05 * all_points
    assert task.value(starts.landmarks(task, number=50)) < 10 * all_points < task.value(starts.uniform(task)) / 1000


def test_landmarks_do_where_no_distances_are_kept_and_other_starts_say_so() -> None:
    task, kept = problem.find("places-200(distances=computed)"), problem.find("places-200")
    assert np.array_equal(starts.landmarks(task, number=50), starts.landmarks(kept, number=50))
    assert np.array_equal(starts.subsample(task, share=0.1), starts.subsample(kept, share=0.1))
    for start in (starts.torgerson, starts.near, starts.far):
        with pytest.raises(UsageError, match=r"keeps none in memory: take landmarks$"):
            start(task)


def test_listing_the_problems_reads_no_file_of_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(europe, "data_file", lambda _: pytest.fail("a data file was read"))
    assert {"places", "coordinates"} <= {row["name"] for row in catalogue.rows("problems")}


def test_numba_and_pandas_stay_out_until_they_are_needed() -> None:
    loaded = "print(sorted({'numba', 'pandas'} & set(sys.modules)))"
    code = f"import sys, mdsbench.cli.list, mdsbench.runs.execute; {loaded}"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
