"""The compiled formulas against those in NumPy, and against what no rounding may change."""

import os
import pickle
import platform
import re
import subprocess
import sys
from functools import partial
from itertools import pairwise
from math import comb
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.distance import cdist, pdist

from mdsbench.errors import UsageError
from mdsbench.mds import compiled, kernels, stress
from mdsbench.mds.compiled import Stress
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.mds.stress import Array
from mdsbench.system import compiling

MANY = compiled.THREADS_PAY_FROM + 13
with_time_to_compile = settings(deadline=None)


def stored(n: int, seed: int) -> Stored:
    """Distances that no layout attains."""
    return Stored(np.random.default_rng(seed).uniform(0.1, 1.5, size=comb(n, 2)))


def circles(n: int, seed: int) -> GreatCircles:
    """Places anywhere on the globe, in units of 10,000 km."""
    rng = np.random.default_rng(seed)
    return GreatCircles(np.degrees(np.arcsin(rng.uniform(-1, 1, n))), rng.uniform(-180, 180, n), 10_000.0)


def layout(n: int, seed: int) -> Array:
    return np.random.default_rng([seed, 1]).uniform(size=2 * n)


KINDS = [(stored, "double", 1e-12), (circles, "single", 2e-5), (stored, "single", 2e-5), (circles, "double", 1e-12)]
each_kind = pytest.mark.parametrize(("targets", "precision", "tolerance"), KINDS)
# Those that share work among threads take seconds to compile: two kinds of them stand for the others.
each_kind_alone_and_shared = pytest.mark.parametrize(
    ("n", "targets", "precision", "tolerance"),
    [
        *((9, *kind) for kind in KINDS),
        *((MANY, *kind) for kind in KINDS[:2]),
        *(pytest.param(MANY, *kind, marks=pytest.mark.slow) for kind in KINDS[2:]),
    ],
)


def assert_same_formulas(targets: Stored | GreatCircles, x: Array, precision: str, tolerance: float) -> None:
    """Each method gives what stress.py gives, to the tolerance times the largest entry."""

    def same(got: Array | float, expected: Array | float) -> None:
        assert_allclose(got, expected, rtol=tolerance, atol=tolerance * float(np.abs(expected).max()) + rounded_away)

    compiled_stress, D = Stress(targets, precision), targets.condensed()
    rounded_away = 1e-4 * tolerance * float(D @ D)  # a pair that almost fits has lost most of its digits
    v = np.random.default_rng(5).normal(size=x.size)
    pairs = np.random.default_rng(6).integers(len(D), size=40)
    same(compiled_stress.value(x), stress.value(x, D))
    for got, expected in (
        (compiled_stress.value_and_gradient(x), stress.value_and_gradient(x, D)),
        (compiled_stress.guttman(x), stress.value_and_guttman(x, D)),
    ):
        same(got[0], expected[0])
        same(got[1], expected[1])
    same(compiled_stress.hessian_vector(x, v), stress.hessian_vector(x, v, D))
    same(compiled_stress.batch_gradient(x, pairs), stress.batch_gradient(x, pairs, D))


@each_kind
@with_time_to_compile
@given(n=st.integers(2, 40), seed=st.integers(0, 10**6))
@example(n=2, seed=130)
@example(n=2 * kernels.LONG, seed=0)  # long rows go in twos, and one is left over or none
@example(n=2 * kernels.LONG + 1, seed=0)
def test_compiled_and_numpy_agree(targets, precision, tolerance, n, seed) -> None:  # type: ignore[no-untyped-def]
    x = layout(n, seed)
    if precision == "single":  # the curvature of a pair is the reciprocal of its distance, which is rounded
        tolerance *= 1 + 0.01 / pdist(x.reshape(-1, 2)).min()
    assert_same_formulas(targets(n, seed), x, precision, tolerance)


@each_kind_alone_and_shared
def test_coincident_points_pull_nothing_and_keep_their_smooth_curvature(  # type: ignore[no-untyped-def]
    n, targets, precision, tolerance
) -> None:
    x = layout(n, 1)
    x[2:4] = x[0:2]
    assert_same_formulas(targets(n, 1), x, precision, tolerance if n < MANY else 50 * tolerance)
    assert_same_formulas(targets(n, 1), np.zeros(2 * n), precision, tolerance)


@each_kind_alone_and_shared
@pytest.mark.parametrize("stray", [np.nan, np.inf, -np.inf, 1e200])
def test_a_map_that_has_diverged_has_no_finite_stress(  # type: ignore[no-untyped-def]
    stray, n, targets, precision, tolerance
) -> None:
    diverged = Stress(targets(n, 2), precision)
    for k in (0, n, 2 * n - 1):
        x = layout(n, 2)
        x[k] = stray
        assert not np.isfinite(diverged.value(x))
        assert not np.isfinite(diverged.value_and_gradient(x)[0])
        assert not np.isfinite(diverged.guttman(x)[0])
        if not np.isfinite(stray):
            assert not np.isfinite(diverged.value_and_gradient(x)[1]).all()
            assert not np.isfinite(diverged.hessian_vector(x, np.ones(2 * n))).all()


@pytest.mark.parametrize(("targets", "precision", "tolerance"), KINDS[:2])
def test_where_tiles_meet_each_point_feels_all_others(targets, precision, tolerance) -> None:  # type: ignore[no-untyped-def]
    n = kernels.COLUMNS + 2 * kernels.ROWS + 1  # two tiles wide, and rows that are no multiple of a tile's
    points = np.array([0, 1, kernels.ROWS - 1, kernels.ROWS, kernels.COLUMNS, kernels.COLUMNS + 1, n - 2, n - 1])
    x, v, where = layout(n, 0), layout(n, 1), targets(n, 0)
    X, V = x.reshape(n, 2), v.reshape(n, 2)
    d = cdist(X[points], X)
    d[np.arange(len(points)), points] = np.inf  # none pulls at itself
    ratio, x_mn, v_mn = where.rows(points) / d, X[points, None] - X, V[points, None] - V
    along = np.einsum("mn,mnk,mnl,mnl->mk", ratio / d**2, x_mn, x_mn, v_mn)
    large = Stress(where, precision)
    gradient = large.value_and_gradient(x)[1].reshape(n, 2)[points]
    product = large.hessian_vector(x, v).reshape(n, 2)[points]
    assert_allclose(gradient, 4 * np.einsum("mn,mnk->mk", 1 - ratio, x_mn), atol=n * tolerance)
    assert_allclose(product, 4 * (np.einsum("mn,mnk->mk", 1 - ratio, v_mn) + along), atol=n * tolerance)


def test_with_one_thread_nothing_is_shared_and_the_result_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, targets = layout(MANY, 0), stored(MANY, 0)
    value, gradient = Stress(targets).value_and_gradient(x)
    monkeypatch.setattr("numba.get_num_threads", lambda: 1)
    alone = Stress(targets)
    assert alone.value_and_gradient(x)[0] == pytest.approx(value, rel=1e-13)
    assert_allclose(alone.value_and_gradient(x)[1], gradient, rtol=1e-12, atol=1e-9)
    assert alone._kernels is not None
    assert alone._kernels.value_and_gradient.func is kernels.value_and_gradient  # type: ignore[attr-defined]


@given(tasks=st.integers(1, 64), n=st.integers(2, 100_000))
def test_the_tasks_share_all_rows_evenly(tasks: int, n: int) -> None:
    bounds = [kernels._share.py_func(n, task, tasks) for task in range(tasks)]
    assert bounds[0][0] == 0
    assert bounds[-1][1] == n
    assert all(end == begin for (_, end), (begin, _) in pairwise(bounds))
    pairs = [comb(n - begin, 2) - comb(n - end, 2) for begin, end in bounds]
    assert max(pairs) <= comb(n, 2) / tasks + 2 * n


def test_two_calls_agree_to_the_last_bit() -> None:
    x, shared = layout(MANY, 0), Stress(stored(MANY, 0))
    value, gradient = shared.value_and_gradient(x)
    for _ in range(5):
        again = shared.value_and_gradient(x)
        assert again[0] == value
        assert np.array_equal(again[1], gradient)


@pytest.mark.parametrize("precision", ["double", "single"])
@with_time_to_compile
@given(
    ends=st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=20),
    offset=st.floats(-16, 1).map(lambda power: 10.0**power),
)
def test_arcs_are_right_from_neighbours_to_antipodes(precision, ends, offset) -> None:  # type: ignore[no-untyped-def]
    latitude, longitude = np.array(ends).T
    globe = GreatCircles(
        np.concatenate([latitude, latitude + offset, offset - latitude]),
        np.concatenate([longitude, longitude - offset, longitude + 180.0 - offset]),
        unit_km=6000.0,
    )
    real = compiled.PRECISIONS[precision]
    V = (globe.radius * globe.directions).astype(real)
    n = V.shape[1]
    row, rows = np.empty(n, real), []
    for i in range(n - 1):
        kernels._locate(V, i, i + 1, n - i - 1, n, row)
        rows.append(row[: n - i - 1].copy())
    arcs = np.concatenate(rows)
    m, k = np.triu_indices(n, 1)
    chord, across = (np.linalg.norm(V.astype(float)[:, m] + sign * V.astype(float)[:, k], axis=0) for sign in (-1, 1))
    kahan = 2 * globe.radius * np.arctan2(chord, across)  # to the last digits at both ends
    assert_allclose(arcs, kahan, rtol=8 * float(np.finfo(real).eps), atol=1e-18)  # atol: some picometres


@pytest.mark.parametrize("n", [2, 3, 34, 46_342, 90_000])
def test_the_index_of_a_pair_leads_to_its_points(n: int) -> None:
    last = comb(n, 2) - 1
    starts = [last - comb(n - i, 2) + 1 for i in (0, 1, n // 3, n - 2)]
    drawn = np.random.default_rng(0).integers(last + 1, size=200).tolist()
    for pair in {p for p in (*drawn, *starts, *(s - 1 for s in starts), last) if 0 <= p <= last}:
        i, j = kernels._ends(pair, n)
        assert 0 <= i < j < n
        assert pair == last + 1 - comb(n - i, 2) + j - i - 1


def test_any_array_of_numbers_will_do_and_none_is_compiled_for() -> None:
    for targets, precision in ((stored(5, 3), "double"), (circles(5, 3), "single")):
        plain, x = Stress(targets, precision), np.arange(10.0) ** 2
        expected = plain.value(x)
        frozen, strided = x.copy(), np.repeat(x, 2)[::2]
        frozen.flags.writeable = False
        for other in (frozen, strided, x.astype(int), x.astype(np.float32), x.astype(">f8"), list(x)):
            assert plain.value(other) == expected  # type: ignore[arg-type]
            assert plain.value_and_gradient(other)[0] == expected  # type: ignore[arg-type]
            plain.hessian_vector(other, other)  # type: ignore[arg-type]
            plain.guttman(other)  # type: ignore[arg-type]
            plain.batch_gradient(other, np.array([0, 3], np.uint8))  # type: ignore[arg-type]
    for kernel in (kernels.value, kernels.value_and_gradient, kernels.hessian_vector, kernels.batch_gradient):
        assert len(kernel.signatures) <= 4  # two kinds of targets, two precisions
    assert len(kernels.guttman.signatures) == 1


def test_what_does_not_fit_is_refused() -> None:
    for targets in (stored(5, 0), circles(5, 0)):
        five = Stress(targets)
        for x in (np.zeros(9), np.zeros(8), np.zeros(12)):
            with pytest.raises(ValueError, match="x "):
                five.value(x)
            with pytest.raises(ValueError, match="x "):
                five.value_and_gradient(x)
            with pytest.raises(ValueError, match="x "):
                five.hessian_vector(np.zeros(10), x)
            with pytest.raises(ValueError, match="x "):
                five.batch_gradient(x, np.array([0]))
        for pair in (-1, 10):
            with pytest.raises(IndexError):
                five.batch_gradient(np.zeros(10), np.array([pair]))
    with pytest.raises(UsageError, match="'half'; there are: double, single"):
        Stress(stored(5, 0), "half")
    with pytest.raises(UsageError, match="missing"):
        Stress(Stored(np.array([1.0, np.nan, 1.0])))


def test_it_travels_to_another_process_with_what_is_bound_to_it() -> None:
    x = layout(6, 0)
    for targets in (stored(6, 0), circles(6, 0)):
        here = Stress(targets, "single")
        there = pickle.loads(pickle.dumps((here, here.value, partial(here.hessian_vector, v=x))))
        expected = here.value(x)
        again = pickle.loads(pickle.dumps(here.value))  # after compiled functions have come into it
        assert there[0].value(x) == there[1](x) == again(x) == expected
        assert np.array_equal(there[2](x), here.hessian_vector(x, x))


def test_numba_is_imported_by_the_first_call_only() -> None:
    code = (
        "import sys, numpy as np; from mdsbench.mds.compiled import Stress; from mdsbench.mds.distances import Stored\n"
        "stress = Stress(Stored(np.ones(3))); assert 'numba' not in sys.modules; stress.prepare()\n"
        "assert 'numba' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("layer", ["workqueue", pytest.param("default", marks=pytest.mark.slow)])
@pytest.mark.slow
def test_eight_threads_load_and_call_the_kernels_of_their_maps_at_the_same_time(layer: str) -> None:
    code = (
        "import numpy as np; from threading import Barrier; from concurrent.futures import ThreadPoolExecutor\n"
        "from mdsbench.mds.compiled import Stress; from mdsbench.mds.distances import Stored\n"
        "def map_of(k):\n"
        f"    n, rng = {MANY} if k % 2 else 9, np.random.default_rng(k)\n"
        "    return Stress(Stored(rng.uniform(0.1, 1.5, n * (n - 1) // 2))), rng.uniform(size=2 * n)\n"
        "def results(k):\n"
        "    (stress, x), together = maps[k], barrier.wait()\n"
        "    return [(f, *g) for f, g in (stress.value_and_gradient(x) for _ in range(50))] + [stress.value(x)]\n"
        "maps, barrier = [map_of(k) for k in range(8)], Barrier(8)\n"
        "with ThreadPoolExecutor(8) as pool: found = list(pool.map(results, range(8)))\n"
        "maps, barrier = [map_of(k) for k in range(8)], Barrier(1)\n"
        "assert found == [results(k) for k in range(8)]"
    )
    environment = os.environ | {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_a_long_silence_is_explained_and_a_short_one_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with compiling.a_word_if_it_takes_long():
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(compiling, "PATIENCE", 0.01)
    said = ""
    with compiling.a_word_if_it_takes_long():
        for _ in range(1000):  # a busy machine takes its time
            said += capsys.readouterr().err
            if said:
                break
            sleep(0.01)
    assert said == "loading the kernels, which the first time are compiled ...\n"


def test_without_a_folder_for_the_cache_it_compiles_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(function: object, cache: bool = False, **options: object) -> object:
        if cache:
            raise RuntimeError("cannot cache function: no locator available for file")
        return function, options

    monkeypatch.setattr("numba.njit", nowhere)
    function, options = compiling.jit(sum)
    assert function is sum
    assert options["nogil"]


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="looks for instructions of x86-64")
@pytest.mark.parametrize("processor", ["", "x86-64-v3"])
@pytest.mark.parametrize(("targets", "real"), [("np.ones(3)", "float64"), ("np.eye(3)", "float32")])
def test_the_inner_loops_are_vector_instructions(targets: str, real: str, processor: str, tmp_path: Path) -> None:
    code = (
        "import numpy as np; from mdsbench.mds import kernels; from mdsbench.system.compiling import ready\n"
        f"x, targets = np.zeros(6), {targets}.astype('{real}')\n"
        "formulas = (kernels.value, ()), (kernels.value_and_gradient, (x,)), (kernels.hessian_vector, (x, x))\n"
        "for kernel, out in formulas:\n"
        "    ready(kernel, (targets,), x, *out); print(kernel.inspect_asm(kernel.signatures[0]), '-----')"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_CPU_NAME": processor}
    compiled_anew = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    root = "vsqrtpd" if real == "float64" else "vsqrtps"
    for assembly in compiled_anew.stdout.decode().split("-----")[:3]:
        assert re.search(rf"{root}\s.*%[yz]mm", assembly)
