"""A page's data are those of the store: every arrival exactly, every position within half a quantum."""

import json
from pathlib import Path

import numpy as np
import pytest

from made_stores import run, store_of, walk
from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import find
from mdsbench.report.figures import geography
from mdsbench.report.page.payload.payload import payload
from mdsbench.report.page.payload.script_text import as_json
from mdsbench.report.page.payload.traces import NAMES
from mdsbench.report.page.payload.unpacked import numbers, positions, strings
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run, lost
from mdsbench.statistics.arrivals import COUNTS, TARGETS, arrivals
from mdsbench.store.frames import traces
from mdsbench.store.store import Store

STARTS = ("uniform(seed=0)", "uniform(seed=1)")
SOLVERS = ("gd", "nelder-mead", "gd[forward-difference]", "l-bfgs")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real runs on two maps and on a function."""
    runs = [
        execute(Cell(problem, solver, start, Limits(calls=300)))
        for problem in ("cities-6", "places-10", "cloud-5", "rosenbrock")
        for solver in SOLVERS
        for start in STARTS
    ]
    path = tmp_path_factory.mktemp("real") / "real.sqlite"
    with store_of(path, runs):
        pass
    return path


def test_arrivals_are_those_of_the_statistics(real: Path) -> None:
    with Store.read(real) as store:
        packed, table = payload(store), arrivals(*traces(store))
    R, T = packed["runs"]["key"], len(TARGETS)
    for r, key in enumerate(strings(R)):
        rows = table[table["key"] == key].sort_values("target", ascending=False)
        for name, count in zip(NAMES, COUNTS, strict=True):
            assert numbers(packed["arrivals"][name])[r * T : (r + 1) * T].tolist() == rows[count].tolist()
        fates = [("arrived", "censored", "elsewhere")[int(k)] for k in numbers(packed["arrivals"]["fate"])[r * T :][:T]]
        assert fates == rows["fate"].tolist()
        first = rows.iloc[0]
        for name, listed in (("solver", "solvers"), ("problem", "problems")):
            assert packed[listed][int(numbers(packed["runs"][name])[r])]["name"] == first[name]
        for name, listed in (("start", "starts"), ("trial", "trials")):
            assert packed[listed][int(numbers(packed["runs"][name])[r])] == first[name]


def test_runs_are_those_of_the_store(real: Path) -> None:
    with Store.read(real) as store:
        packed, runs = payload(store)["runs"], dict(store.items())
    for r, key in enumerate(strings(packed["key"])):
        one = runs[key]
        assert strings(packed["ending"])[r] == one.ending
        assert strings(packed["message"])[r] == one.message
        for name, value in {
            "finalLoss": one.final_loss,
            "startLoss": one.start_loss,
            "dimension": one.dimension,
            "iterations": one.spent.iterations,
            "evaluations": one.spent.evaluations,
            "gradients": one.spent.gradients,
            "pairs": one.spent.terms,
            "seconds": one.spent.seconds,
        }.items():
            assert numbers(packed[name])[r] == value


def test_traces_are_improvements_with_the_first_and_the_last(real: Path) -> None:
    with Store.read(real) as store:
        packed, runs = payload(store), dict(store.items())
    first = numbers(packed["traces"]["first"]).astype(int)
    for r, key in enumerate(strings(packed["runs"]["key"])):
        improvements = runs[key].improvements
        rows = slice(first[r], first[r + 1])
        losses = numbers(packed["traces"]["loss"])[rows].tolist()
        assert len(losses) == min(64, len(improvements)) or 50 < len(losses) <= 64
        assert (losses[0], losses[-1]) == (improvements[0].loss, improvements[-1].loss)
        known = {(m.evaluations, m.gradients, m.loss) for m in improvements}
        shown = (numbers(packed["traces"][name])[rows].tolist() for name in ("evaluations", "gradients"))
        assert known.issuperset(zip(*shown, losses, strict=True))


def test_positions_are_snapshots_turned_by_one_motion_for_all_runs_of_a_trial(real: Path) -> None:
    with Store.read(real) as store:
        packed, runs = payload(store), dict(store.items())
    keys = strings(packed["runs"]["key"])
    assert len(packed["trajectories"]["list"]) == 3 * len(SOLVERS) * len(STARTS)
    begin = 0
    leaders: dict[tuple[str, str], Run] = {}
    for one in runs.values():
        trial = (one.cell.problem, one.cell.start)
        if trial not in leaders or one.final_loss < leaders[trial].final_loss:
            leaders[trial] = one
    for one in packed["trajectories"]["list"]:
        found, map_ = runs[keys[one["run"]]], packed["maps"][one["map"]]
        truth = numbers(map_["truth"]).reshape(-1, 2)
        leader = leaders[found.cell.problem, found.cell.start]
        turn = geography.onto(leader.final_x, truth, map_["unitLength"])
        own = geography.onto(found.final_x, truth, map_["unitLength"])
        iterations = numbers(packed["trajectories"]["iterations"])[begin : begin + one["frames"]]
        evaluations = numbers(packed["trajectories"]["evaluations"])[begin : begin + one["frames"]]
        begin += one["frames"]
        at = {(m.iterations, m.evaluations): x for m, x in found.path}
        snapshots = [at[pair] for pair in zip(iterations, evaluations, strict=True)]
        assert snapshots[0] is found.path[0][1]
        assert snapshots[-1] is found.path[-1][1]
        wanted = np.array([turn.centred(x) for x in snapshots])
        near = one["scale"] / 2 + 1e-3  # the truth is in single precision here
        assert np.abs(positions(one) - wanted).max() < near
        turned = (positions(one) - one["offset"]) @ np.reshape(one["own"], (2, 2)) + one["offset"]
        assert np.abs(turned - [own.centred(x) for x in snapshots]).max() < 1.5 * near


def test_maps_have_the_true_coordinates_and_names(real: Path) -> None:
    with Store.read(real) as store:
        packed = payload(store)
    maps = [one["map"] for one in packed["problems"]]
    assert maps == [0, 1, 2, -1]
    cities, places, cloud = packed["maps"]
    info = find("cities-6").map
    assert info is not None
    assert strings(cities["labels"]) == list(info.labels() or ())
    truth = numbers(cities["truth"]).reshape(-1, 2)
    assert np.abs(truth - geography.true_map(info)).max() < 1e-3
    left, bottom, right, top = cities["bounds"]
    assert ((truth > [left, bottom]) & (truth < [right, top])).all()
    assert (cities["unit"], cities["measured"], cities["land"], places["land"]) == ("km", True, 0, 0)
    assert (cloud["unit"], cloud["measured"], cloud["land"]) == ("", False, -1)
    assert len(packed["lands"]) == 1


def test_facts_and_colours_and_what_solvers_use(real: Path) -> None:
    with Store.read(real) as store:
        packed = payload(store, "made")
    assert packed["command"] == packed["facts"]["Command"] == "mdsbench run made.toml"
    assert packed["title"] == "made"
    assert packed["sampled"] is None
    used = {one["name"]: one["uses"] for one in packed["solvers"]}
    assert used == {"gd": "gradient", "nelder-mead": "values", "gd[forward-difference]": "values", "l-bfgs": "gradient"}
    assert len({one["colour"] for one in packed["solvers"]}) == 4


def test_a_large_campaign_is_sampled_evenly_and_says_so(real: Path) -> None:
    with Store.read(real) as store:
        packed = payload(store, detailed=16)
    assert packed["sampled"] == {"runs": 16, "of": 32, "moving": 12, "onMaps": 24}
    kept = np.diff(numbers(packed["traces"]["first"])) > 0
    assert {strings(packed["runs"]["key"])[r] for r in np.flatnonzero(kept)}
    trial = numbers(packed["runs"]["trial"])[kept]
    assert len(set(trial)) == 1
    assert len(set(zip(*(numbers(packed["runs"][n])[kept] for n in ("problem", "solver")), strict=True))) == 16


def test_positions_are_thinned_until_they_fit(real: Path) -> None:
    with Store.read(real) as store:
        whole = len(as_json(payload(store)))
        assert 0.5 * whole < len(as_json(payload(store, most_bytes=whole - 30_000))) < whole - 15_000
        without = payload(store, most_bytes=1_000)
    assert without["trajectories"]["list"] == []
    assert without["sampled"] == {"runs": 32, "of": 32, "moving": 0, "onMaps": 24}


NASTY = "&</script><script>alert(1)</script>\"'\u2028\u202e\U0001f600" + "x" * 200


def test_hostile_names_stay_names_and_leave_the_script_element_whole(tmp_path: Path) -> None:
    runs = [run(f"/nowhere/{NASTY}.py:f", NASTY, NASTY, walk(4, 3), [3.0, 2.0, 1.0], message=NASTY)]
    with store_of(tmp_path / "s", runs) as store:
        packed = payload(store)
    text = as_json(packed)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == json.loads(json.dumps(packed))
    assert "script><script>alert(1)" in packed["solvers"][0]["name"]
    assert packed["problems"][0]["map"] == -1
    assert "/nowhere" not in text


def test_runs_without_snapshots_and_killed_ones_are_in_the_tables_only(tmp_path: Path) -> None:
    cell = Cell("cities-6", "gd", "published", Limits())
    empty = run("cities-6", "adam", "published", np.empty((0, 12)), [])
    whole = run("cities-6", "nelder-mead", "published", walk(12, 5), [5.0, 4.0, 3.0, 2.0, 1.0])
    with store_of(tmp_path / "s", [lost(cell, Ending.KILLED, "gone"), empty, whole]) as store:
        packed = payload(store)
        assert strings(packed["runs"]["ending"]) == ["killed", "converged", "converged"]
        assert numbers(packed["runs"]["trajectory"]).tolist() == [-1, -1, 0]
        assert numbers(packed["runs"]["dimension"]).tolist() == [12, 12, 12]
        assert numbers(packed["traces"]["first"]).tolist() == [0, 0, 0, 5]
    with store_of(tmp_path / "t", [lost(cell, Ending.KILLED, "gone")]) as store:
        packed = payload(store)
        assert packed["trajectories"]["list"] == packed["maps"] == []
        assert packed["problems"][0]["floor"] is None
        as_json(packed)


def test_positions_and_losses_that_are_not_finite_are_what_they_are(tmp_path: Path) -> None:
    layouts = walk(12, 6)
    layouts[2, 3], layouts[3, :], layouts[4, 0] = np.nan, np.inf, -np.inf
    layouts[5] = 1e200
    losses = [5.0, 4.0, np.nan, np.inf, 3.0, 2.0]
    with store_of(tmp_path / "s", [run("cities-6", "gd", "published", layouts, losses)]) as store:
        packed = payload(store)
    as_json(packed)
    found = positions(packed["trajectories"]["list"][0])
    assert np.isfinite(found[:2]).all()
    assert np.isnan(found[2, 1]).all()
    assert np.isfinite(found[2, 2]).all()
    assert np.isnan(found[3]).all()
    assert numbers(packed["trajectories"]["loss"]).tolist()[:2] == [5.0, 4.0]
    assert np.isnan(numbers(packed["trajectories"]["loss"])[2])
    assert np.isfinite(packed["maps"][0]["bounds"]).all()


def test_points_that_coincide_make_a_map(tmp_path: Path) -> None:
    still = run('distances(file="/nowhere/d.csv")', "gd", "published", np.zeros((3, 8)), [3.0, 2.0, 1.0])
    one = run('coordinates(file="/nowhere/c.csv")', "gd", "published", np.ones((3, 2)), [3.0, 2.0, 1.0])
    with store_of(tmp_path / "s", [still, one]) as store:
        packed = payload(store)
    as_json(packed)
    assert [m["measured"] for m in packed["maps"]] == [False, False]
    assert [t["points"] for t in packed["trajectories"]["list"]] == [4, 1]
    assert all(np.abs(positions(t)).max() == 0 for t in packed["trajectories"]["list"])
    assert all(m["bounds"][0] < m["bounds"][2] for m in packed["maps"])


def test_a_data_file_that_has_changed_does_not_name_the_points(tmp_path: Path) -> None:
    file = tmp_path / "towns.csv"
    rows = [("Äa", 50, 10), ("<b>", 51, 12), ("c", 48, 11), ("d", 47, 9)]
    file.write_text("name,latitude,longitude\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows), encoding="utf-8")
    cell = Cell(f'coordinates(file="{file}")', "gd", "uniform(seed=0)", Limits(calls=20))
    with store_of(tmp_path / "s", [execute(cell)]) as store:
        before = payload(store)
        file.write_text(file.read_text(encoding="utf-8").replace("50", "49"), encoding="utf-8")
        changed = payload(store)
        file.unlink()
        gone = payload(store)
    assert [m["measured"] for one in (before, changed, gone) for m in one["maps"]] == [True, False, False]
    assert strings(before["maps"][0]["labels"])[:2] == ["Äa", "<b>"]
    assert str(tmp_path) not in as_json(before)


def test_versions_of_a_solver_are_told_apart_as_by_the_statistics(tmp_path: Path) -> None:
    layouts, losses = walk(12, 3), [3.0, 2.0, 1.0]
    runs = [run("cities-6", "gd", "published", layouts, losses, versions=(v,)) for v in (1, 2)]
    with store_of(tmp_path / "s", runs) as store:
        packed = payload(store)
    assert [one["name"] for one in packed["solvers"]] == ["gd@1", "gd@2"]
    assert len({one["colour"] for one in packed["solvers"]}) == 2


def test_a_users_problem_is_not_loaded(tmp_path: Path) -> None:
    trap = tmp_path / "trap.py"
    trap.write_text("raise SystemExit('it was loaded')")
    with store_of(tmp_path / "s", [run(f"{trap}:f", f"{trap}:s", "published", walk(4, 3), [3.0, 2.0, 1.0])]) as store:
        packed = payload(store)
    assert packed["problems"][0]["map"] == -1
    assert packed["solvers"][0]["uses"] == "values"


def test_a_store_that_is_being_written_has_its_finished_runs(tmp_path: Path) -> None:
    made = [run("cities-6", "gd", f"uniform(seed={k})", walk(12, 3), [3.0, 2.0, 1.0]) for k in range(3)]
    path = tmp_path / "s"
    with Store.open(path) as writer:
        writer.list_cells("made", "", {one.cell.key: one.cell for one in made}, "{}", 1)
        with Store.read(path) as reader:
            with pytest.raises(Failure, match="has no run yet"):
                payload(reader)
            writer.put(made[0])
            assert payload(reader)["runs"]["seed"]["length"] == 1
            writer.put(made[1])
            assert payload(reader, "made")["runs"]["seed"]["length"] == 2


def test_a_campaign_that_is_not_there_is_said_so(real: Path) -> None:
    with Store.read(real) as store, pytest.raises(UsageError, match="no campaign other; it has: made"):
        payload(store, "other")
