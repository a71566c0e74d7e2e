"""The statistics that a page computes in the browser: equal to Python's, at any price of a gradient."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Route
from scipy import special, stats
from tests.report.page.plain_data import COUNTS, plain_data

import mdsbench.report.page
from mdsbench.statistics import (
    arrivals,
    break_even,
    cost,
    ecdf,
    growth,
    performance_profile,
    reversals,
    running_time,
)
from mdsbench.statistics.profiles import data_profile, largest_block
from mdsbench.statistics.verdict import verdict
from mdsbench.statistics.wording import amount, gap_in_words, rounded

STATIC = Path(mdsbench.report.page.__file__).parent / "static"
CLOSE = 1e-9
PRICES: list[float | str] = [0.0, 1.0, *np.random.default_rng(3).uniform(0, 12, 48).round(6).tolist(), "dimension"]


def serve(route: Route) -> None:
    """A file of the page's modules, or an empty page."""
    path = STATIC / route.request.url.removeprefix("http://page.test/")
    if path.suffix == ".js":
        route.fulfill(body=path.read_text(encoding="utf-8"), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>Test</title>", content_type="text/html")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.route("http://page.test/**", serve)
    page.goto("http://page.test/")
    yield page
    context.close()


def made_up_runs() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs of five solvers at three sizes from four trials each, some of which are censored or end elsewhere."""
    rng = np.random.default_rng(7)
    runs, improvements = [], []
    for dimension in (4, 8, 16):
        for solver, gradients, values in (
            *(("gd", 1, 0), ("bfgs", 1, 1), ("sgd", 2, 0)),
            *(("search", 0, 1), ("nelder-mead", 0, 1)),
        ):
            for seed in range(5):
                key = f"{solver}-{dimension}-{seed}"
                length = int(rng.integers(6, 12))
                steps = np.sort(rng.integers(1, 20 * dimension, length))
                loss = np.sort(rng.uniform(size=length) ** 6)[::-1]
                spent = values * steps * (1 if gradients else 6)
                account: dict[str, Any] = {"gradients": gradients * steps, "evaluations": spent}
                trace = {"key": key, "iterations": steps, **account, "hessian_vectors": 0, "terms": 3 * steps}
                improvements.append(pd.DataFrame({**trace, "seconds": steps / 1e3, "loss": loss}))
                last = {str(column): value for column, value in improvements[-1].iloc[-1].items()}
                ending = str(rng.choice(["converged", "budget", "budget"]))
                cell = {"problem": f"bowl-{dimension}", "solver": solver, "start": f"uniform(seed={seed})", "seed": 0}
                versions = {"version": solver, "problem_version": f"bowl-{dimension}", "dimension": dimension}
                known = {"terms_per_pass": 1, "start_loss": 1.0, "final_loss": loss[-1], "best_known": 0.0}
                runs.append({**last, **cell, **versions, **known, "ending": ending})
    return pd.DataFrame(runs).drop(columns="loss"), pd.concat(improvements, ignore_index=True)


@pytest.fixture(scope="module")
def table(page: Page) -> pd.DataFrame:
    """The arrivals of the made-up runs, which the page has as `data`."""
    runs, improvements = made_up_runs()
    found = arrivals(runs, improvements, [0.1, 0.01, 1e-4])
    give(page, found, runs)
    return found


def give(page: Page, table: pd.DataFrame, runs: pd.DataFrame) -> None:
    page.evaluate("plain => { window.data = plain; }", plain_data(table, runs))


def called(page: Page, module: str, body: str, *arguments: Any) -> Any:
    """What a function body returns that has the module as `m`, its arguments as `a`, and no numbers but finite ones."""
    script = """async ([module, body, a]) => {
      const m = await import(`http://page.test/statistics/${module}.js`);
      const { meterOf } = await import("http://page.test/statistics/meter.js");
      const found = await new Function("m", "a", "meterOf", "data", body)(m, a, meterOf, window.data);
      return JSON.parse(JSON.stringify(found, (name, value) =>
        ArrayBuffer.isView(value) ? [...value].map(String)
        : typeof value === "number" && !Number.isFinite(value) ? String(value) : value));
    }"""
    return page.evaluate(script, [module, body, list(arguments)])


def number(value: Any) -> float:
    return float({"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}.get(value, value))


def test_quantiles_and_tails_equal_scipys(page: Page) -> None:
    levels = [0.5, 0.9, 0.95, 0.975, 0.999]
    normal = called(page, "normal", "return a[0].map(m.normalQuantile)", levels)
    assert normal == pytest.approx([special.ndtri((1 + level) / 2) for level in levels], rel=1e-12)
    x = [-60.0, -9.0, -3.0, -2.8, -0.5, 0.0, 1.0, 4.0]
    assert called(page, "normal", "return a[0].map(m.logNormalCdf)", x) == pytest.approx(special.log_ndtr(x), rel=1e-12)
    for freedom in (1, 2, 3, 9, 30, 199, 401, 5000):
        quantiles = called(page, "student", "return a[0].map(l => m.studentQuantile(l, a[1]))", levels, freedom)
        expected = [special.stdtrit(freedom, (1 + level) / 2) for level in levels]
        assert quantiles == pytest.approx(expected, rel=1e-11), freedom
        t = [0.01, 0.5, 1.3, 1.5, 3.0, 12.0, 40.0]
        tails = called(page, "student", "return a[0].map(t => m.studentTail(t, a[1]))", t, freedom)
        assert tails == pytest.approx([stats.t.sf(each, freedom) for each in t], rel=1e-10, abs=1e-300), freedom


def test_fishers_test_equals_scipys(page: Page) -> None:
    cases = [(0, 5, 5, 5), (0, 20, 7, 20), (3, 10, 0, 10), (0, 4, 0, 4), (0, 1, 1, 1), (10, 10, 0, 10)]
    found = called(page, "fisher", "return a[0].map(each => m.fisherExact(...each))", cases)
    expected = [stats.fisher_exact([[a, n - a], [b, k - b]]).pvalue for a, n, b, k in cases]
    assert found == pytest.approx(expected, rel=1e-10)


def test_numbers_in_words_equal_pythons(page: Page) -> None:
    numbers = [0.0, 0.125, 0.045, 0.5, 1.5, 2.5, 4.25, 9.949, 9.95, 10.25, 99.95, 1255.0, 1234.5, 9999999.5]
    for words, name in ((amount, "amount"), (rounded, "rounded")):
        assert called(page, "wording", f"return a[0].map(m.{name})", numbers) == [words(each) for each in numbers]
    gaps = [0.1, 0.01, 1e-4, 1e-6, 0.025, 1e-8]
    assert called(page, "wording", "return a[0].map(m.gapInWords)", gaps) == [gap_in_words(each) for each in gaps]
    large = [1.225e7, 1.235e7, 3.3333e9]
    assert called(page, "wording", "return a[0].map(m.amount)", large) == [amount(each) for each in large]


def check_running_times(page: Page, table: pd.DataFrame, prices: list[float | str]) -> None:
    """ERT, its interval, the rank, the multiple and what is tied, at every price."""
    body = """const {settings} = await import('http://page.test/statistics/selection.js');
      return a[0].map(price => settings(data).flatMap(s => data.targets.flatMap((_, target) =>
        m.runningTimes(data, meterOf('calls', price), {...s, target}).map(r => [data.problems[r.problem].name,
        data.starts[r.start], data.targets[r.target], data.solvers[r.solver].name, r.arrived, r.censored, r.elsewhere,
        r.shareLow, r.shareHigh, r.ert, r.ertLow, r.ertHigh, r.multiple, r.tied ? 1 : 0]))))"""
    body = body.replace("return a[0]", "return (await Promise.resolve(a[0]))")
    found = called(page, "running-time", f"return (async () => {{ {body} }})()", prices)
    names = ["problem", "start", "target", "solver"]
    columns = [*("arrived", "censored", "elsewhere", "share_low", "share_high", "ert", "ert_low", "ert_high")]
    columns += ["multiple", "tied"]
    for price, rows in zip(prices, found, strict=True):
        times = running_time(table, cost(table, price)).set_index(names)[columns].astype(float)
        assert len(times) == len(rows)
        ours = pd.DataFrame([[number(v) for v in row[4:]] for row in rows], columns=columns)
        ours.index = pd.MultiIndex.from_tuples([tuple(row[:4]) for row in rows])
        theirs = times.loc[[tuple(row[:4]) for row in rows]]
        np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=CLOSE, err_msg=str(price))


@pytest.mark.slow
def test_running_times_equal_pythons_at_fifty_prices(page: Page, table: pd.DataFrame) -> None:
    check_running_times(page, table, PRICES)


def test_break_even_prices_equal_pythons(page: Page, table: pd.DataFrame) -> None:
    body = """return (async () => { const {settings} = await import('http://page.test/statistics/selection.js');
      const of = name => data.solvers.findIndex(s => s.name === name);
      return settings(data).flatMap(s => data.targets.map((g, target) => ({
       name: data.problems[s.problem].name, target: g,
        ...m.breakEven(data, of(a[0]), of(a[1]), {...s, target})}))); })()"""
    for gradient in ("gd", "bfgs", "sgd"):
        for free in ("search", "nelder-mead"):
            found = called(page, "break-even", body, gradient, free)
            expected = break_even(table, gradient, free).set_index(["problem", "target"])
            assert len(found) == len(expected) == 9
            for row in found:
                theirs = expected.loc[(row["name"], row["target"])]
                assert (row["bound"], row["note"]) == (theirs["bound"], theirs["note"])
                ours = [number(row[name]) for name in ("price", "low", "high")]
                assert ours == pytest.approx(theirs[["price", "low", "high"]].to_list(), rel=CLOSE, nan_ok=True)


@pytest.mark.parametrize("name", ["performanceProfile", "dataProfile", "ecdf"])
def test_profiles_equal_pythons(page: Page, table: pd.DataFrame, name: str) -> None:
    price = 3.7
    costs = cost(table, price)
    block = largest_block(table)
    expected, column = {
        "performanceProfile": (performance_profile(block, costs), "factor"),
        "dataProfile": (data_profile(block, costs), "simplex_gradients"),
        "ecdf": (ecdf(block, costs / table["dimension"]), "cost"),
    }[name]
    body = f"""return (async () => {{ const p = await import('http://page.test/statistics/profiles.js');
      const shared = p.sharedCases(data, [...data.runs.solver.keys()], [...data.targets.keys()]);
      return m.{name}(data, shared, meterOf('calls', {price})); }})()"""
    found = called(page, "incidence" if name == "ecdf" else "profiles", body)
    assert len(found) == 5
    for curve in found:
        solver = plain_data_names(table)[curve["solver"]]
        theirs = expected[expected["solver"] == solver]
        assert curve["at"] == pytest.approx(theirs[column].to_list(), rel=CLOSE)
        assert curve["share"] == pytest.approx(theirs["share"].to_list(), rel=CLOSE, abs=1e-12)


def test_pairs_that_rank_otherwise_are_pythons(page: Page) -> None:
    rng = np.random.default_rng(5)
    names, cases = ["gd", "adam", "search", "powell"], 9
    rows = {"key": [f"{name}{k}" for k in range(cases) for name in names], "solver": names * cases, "problem": "p"}
    trials = {"trial": np.repeat(np.arange(cases).astype(str), len(names)), "start": "s", "target": 0.1}
    account = {"evaluations": rng.integers(1, 40, len(names) * cases).astype(float), "fate": "arrived"}
    table = pd.DataFrame(
        {**rows, **trials, **account, "dimension": 3, "family": "p", "floor": 0.0, "floor_known": True}
    )
    table = table.assign(**dict.fromkeys([name for name in COUNTS if name not in table], 0.0))
    runs = pd.DataFrame({"start_loss": 1.0, "final_loss": 0.0, "ending": "budget"}, index=table.index)
    body = """return (async () => { const shared = m.sharedCases(a[0], [...a[0].runs.solver.keys()], [0]);
      return m.reversedPairs(a[0], shared, meterOf('calls', 1)); })()"""
    found = called(page, "profiles", body, plain_data(table, runs))
    expected = reversals(table, cost(table))
    assert len(found) == len(expected) > 0
    assert found[0]["factor"] == pytest.approx(expected.iloc[0]["factor"], rel=CLOSE)
    for ours, theirs in zip(found, expected.to_dict("records"), strict=True):
        told = [ours["alone"], ours["together"]]
        assert sorted(told) == pytest.approx(sorted([theirs["alone"], theirs["together"]]), rel=CLOSE)


def plain_data_names(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["solver"]))


def test_exponents_equal_pythons(page: Page, table: pd.DataFrame) -> None:
    price = 2.5
    body = f"""return (async () => data.solvers.flatMap((s, k) => data.targets.map((g, target) => [s.name, g,
      m.growthOf(
      m.rowsOfFamily(data, meterOf('calls', {price}), {{family: 'bowl', start: 0, target}}, k), 0.95)])))()"""
    expected = growth(table, cost(table, price)).set_index(["solver", "target"])
    for solver, target, fit in called(page, "growth", body):
        theirs = expected.loc[(solver, target)]
        assert fit["note"] == theirs["note"]
        ours = [number(fit[name]) for name in ("factor", "exponent", "low", "high")]
        assert ours == pytest.approx(theirs[["factor", "exponent", "low", "high"]].to_list(), rel=3e-6, nan_ok=True)


@pytest.mark.parametrize("price", [1.0, 0.4, 8.25, "dimension"])
def test_the_verdict_has_pythons_words(page: Page, table: pd.DataFrame, price: float | str) -> None:
    costs = cost(table, price)
    times = running_time(table, costs).assign(family="bowl")
    expected = [finding for finding in verdict(table, costs, times, unit="function values") if finding.about]
    body = """return data.targets.map((_, target) => m.verdictOf(data, meterOf('calls', a[0]),
      {family: 'bowl', start: 0, target}))"""
    found = called(page, "verdict", body, price)
    assert [sentence for sentences in found for sentence in sentences] == [finding.sentence for finding in expected]
