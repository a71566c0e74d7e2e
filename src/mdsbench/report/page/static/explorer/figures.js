// The figures of the explorer: from the data and the selection to axes, series and rules.

import { breakEven } from "../statistics/break-even.js";
import { growthOf, rowsOfFamily } from "../statistics/growth.js";
import { ecdf } from "../statistics/incidence.js";
import { BY_DIMENSION, costsOf } from "../statistics/meter.js";
import { dataProfile, performanceProfile, reversedPairs, sharedCases } from "../statistics/profiles.js";
import { kindsOf } from "../statistics/selection.js";
import { pairCanBePriced, pairOf, sharedLargest, timesOfFamily } from "../statistics/verdict.js";
import { digitsOf, fixed, gapInWords, plural } from "../statistics/wording.js";
import { costTitle, runsInScope } from "./selected.js";

const MOST_CURVES = 600;
const LEAST_DRAWN_GAP = 1e-12;
const MOST_COMPARED = 2e5; // pairs and cases that are looked through for a warning
const ALONG_X = 1500; // places that a curve of shares is drawn at, at most
const LAST_CASES = new WeakMap();

/** The figures by name, each with its title for people and what draws it. */
export const FIGURES = {
  convergence: { title: "Convergence", of: convergence },
  profile: { title: "Performance profile", of: profile },
  "data-profile": { title: "Data profile", of: profileOfData },
  ecdf: { title: "ECDF", of: shareOverCost },
  growth: { title: "Growth", of: growthFigure },
  "break-even": { title: "Break-even price", of: prices },
};

function look(data, solver) {
  const { title, colour, dash } = data.solvers[solver];
  return { solver, name: title, colour, dash };
}

function convergence(data, at) {
  const { problem, meter } = at;
  const { floor, dimension } = data.problems[problem];
  const { traces, runs } = data;
  const shown = runsInScope(data, { ...at, scope: "problem" }).filter((r) => traces.first[r + 1] > traces.first[r]);
  const series = shown.slice(0, MOST_CURVES).map((r) => {
    const entries = Int32Array.from({ length: traces.first[r + 1] - traces.first[r] }, (_, k) => traces.first[r] + k);
    const costs = costsOf(traces, entries, meter, dimension);
    const height = runs.startLoss[r] - floor;
    const points = Array.from(entries, (entry, k) => [Math.max(costs[k], 0.5), Math.max((traces.loss[entry] - floor) / height, LEAST_DRAWN_GAP)]);
    if (points.length) points.push([Math.max(costsOf(runs, [r], meter, dimension)[0], points[points.length - 1][0]), points[points.length - 1][1]]);
    return { ...look(data, runs.solver[r]), points, steps: true, faint: shown.length > 12, runs: [r], about: data.trials[runs.trial[r]] };
  });
  return {
    title: `The gap of each run on ${data.problems[problem].title} over its cost`,
    x: { title: costTitle(meter), log: true },
    y: { title: "gap", log: true },
    series,
    rules: [{ at: data.targets[at.target], text: `gap ${gapInWords(data.targets[at.target])}` }],
    note: shown.length > MOST_CURVES ? `The first ${MOST_CURVES} of ${shown.length} runs are drawn.` : "",
    empty: "No run of this problem and start has a trace in the page.",
  };
}

function casesOf(data, at) {
  const shared = keptCases(data, at);
  const left = shared.left.solvers.map((solver) => data.solvers[solver].title);
  const note = `${plural(shared.cases, "run")} of each solver${left.length ? `; not of ${left.join(", ")}, which did not run the same` : ""}.`;
  return { shared, note };
}

/** The cases of a selection, which a price does not change: those asked for last are kept. */
function keptCases(data, at) {
  const name = [at.scope, at.problem, at.start, at.target, ...at.hidden].join(" ");
  if (LAST_CASES.get(data)?.name !== name) {
    LAST_CASES.set(data, { name, shared: sharedCases(data, runsInScope(data, at), [at.target]) });
  }
  return LAST_CASES.get(data).shared;
}

/** The steps of a curve from `from` on, those that are too near to be told apart as one. */
function stepsFrom(from, { at, share }, last) {
  const nearer = (Math.max(last, from) / from) ** (1 / ALONG_X);
  const points = [];
  let place = 0;
  for (let k = 0; k < at.length; k += 1) {
    const value = Math.max(at[k], from);
    if (points.length && value < place * nearer) points[points.length - 1][1] = share[k];
    else points.push([(place = value), share[k]]);
  }
  return points;
}

function shares(data, at, curves, note, title, x) {
  const last = Math.max(...curves.map((curve) => curve.at[curve.at.length - 1]), x.from);
  const series = curves.map((curve) => ({
    ...look(data, curve.solver),
    steps: true,
    points: stepsFrom(x.from, curve, last),
    about: gapInWords(data.targets[at.target]),
  }));
  const end = Math.max(...series.map(({ points }) => points[points.length - 1]?.[0] ?? 1), 1);
  for (const { points } of series) if (points.length) points.push([end, points[points.length - 1][1]]);
  const y = { title: `share of runs within gap ${gapInWords(data.targets[at.target])}`, domain: [0, 1] };
  return { title, x, y, series, note, empty: "No case was run by every solver." };
}

function profile(data, at) {
  const { shared, note } = casesOf(data, at);
  const curves = performanceProfile(data, shared, at.meter);
  const x = { title: "cost over the least cost of any solver", log: true, from: 1 };
  return shares(data, at, curves, note, "The share of runs that each solver solves within a multiple of the least cost", x);
}

/** Whether pairs of solvers rank otherwise among themselves than in the profile of all (Gould & Scott 2016), in words. */
export function reversalInWords(data, at) {
  const shared = keptCases(data, at);
  if (shared.solvers.length ** 2 * shared.cases > MOST_COMPARED) return "";
  const [first, ...others] = reversedPairs(data, shared, at.meter);
  if (!first) return "";
  const [solver, other] = [first.solver, first.other].map((which) => data.solvers[which].title);
  const more = others.length > 1 ? `; ${others.length} more such pairs` : others.length ? "; one more such pair" : "";
  const lead = `${solver} is above ${other} at ${digitsOf(first.factor, 2)} by ${digitsOf(100 * first.alone, 2)} %`;
  return ` Pairs may rank otherwise (Gould & Scott 2016): of the two alone, ${lead}${more}.`;
}

function profileOfData(data, at) {
  const { shared, note } = casesOf(data, at);
  const curves = dataProfile(data, shared, at.meter);
  const x = { title: `${costTitle(at.meter)} / (n + 1)`, log: true, from: 0.1 };
  return shares(data, at, curves, note, "The share of runs that each solver solves within a cost for each variable", x);
}

function shareOverCost(data, at) {
  const { shared, note } = casesOf(data, at);
  const curves = ecdf(data, shared, at.meter);
  const x = { title: `${costTitle(at.meter)} / n`, log: true, from: 0.1 };
  return shares(data, at, curves, note, "The share of runs that arrive within a cost, if no budget ended a run", x);
}

function growthFigure(data, at) {
  const times = timesOfFamily(data, at.meter, at, at.hidden);
  const series = [...new Set(times.map((row) => row.solver))].map((solver) => {
    const rows = times.filter((row) => row.solver === solver && row.arrived > 0).sort((a, b) => a.dimension - b.dimension);
    return {
      ...look(data, solver),
      marks: true,
      points: rows.map((row) => [row.dimension, row.ert]),
      intervals: rows.map((row) => [row.dimension, row.ertLow, row.ertHigh]).filter((row) => row[1] > 0 && row[2] < Infinity),
      runsAt: rows.map((row) => Array.from(row.side.runs)),
      about: gapInWords(data.targets[at.target]),
    };
  });
  return {
    title: `The expected cost until a run arrives, against the number of variables (${at.family})`,
    x: { title: "variables n", log: true },
    y: { title: costTitle(at.meter), log: true },
    series: series.filter(({ points }) => points.length),
    note: "Vertical lines: 95 % intervals. The power of n is fitted to the runs, those that a budget ended included.",
    empty: "No run arrives.",
  };
}

/** The fitted power of n of each solver in words, by solver: it takes longer than the figure. */
export function powersInWords(data, at) {
  return data.solvers.map((_, solver) => {
    if (at.hidden.has(solver)) return "";
    const { exponent, low, high } = growthOf(rowsOfFamily(data, at.meter, at, solver), data.level);
    if (!Number.isFinite(exponent)) return "";
    const ends = Number.isFinite(low) && Number.isFinite(high) ? ` (${fixed(low, 2)} to ${fixed(high, 2)})` : "";
    return `n^${fixed(exponent, 2)}${ends}`;
  });
}

function prices(data, at) {
  const calls = { cost: "calls", price: at.meter.cost === "calls" ? at.meter.price : 1 };
  const times = timesOfFamily(data, calls, at, at.hidden);
  const uses = kindsOf(data).map((kind, solver) => (at.hidden.has(solver) ? undefined : kind));
  const shared = sharedLargest(times, uses);
  const axes = { x: { title: "variables n", log: true }, y: { title: "price of a gradient, in function values", log: true } };
  const nothing = { ...axes, title: "The break-even price of a gradient", series: [], empty: "It needs a solver with gradients and one without on the same problem." };
  if (!shared.length) return nothing;
  const [gradient, free] = pairOf(shared, uses);
  const found = [...new Set(times.map((row) => row.problem))].flatMap((problem) => {
    const setting = { problem, start: at.start, target: at.target };
    const row = pairCanBePriced(data, setting, gradient, free) ? breakEven(data, gradient, free, setting) : null;
    return row && row.price > 0 && row.price < Infinity ? [{ n: data.problems[problem].dimension, ...row }] : [];
  }).sort((a, b) => a.n - b.n);
  if (!found.length) return nothing;
  const [first, last] = [found[0].n, found[found.length - 1].n];
  const names = [gradient, free].map((solver) => data.solvers[solver].title);
  return {
    ...axes,
    title: `The price of a gradient at which ${names[0]} and ${names[1]} cost the same`,
    series: [
      {
        ...look(data, gradient), marks: true, about: `against ${names[1]}`,
        points: found.map((row) => [row.n, row.price]),
        intervals: found.map((row) => [row.n, row.low, row.high]).filter((row) => row[1] > 0 && row[2] < Infinity),
      },
      { name: "n, what differences cost", colour: "#808080", dash: "2 3", points: [[first, first], [last, last]] },
    ],
    rules: [{ at: calls.price === BY_DIMENSION ? NaN : calls.price, text: "the chosen price" }],
    note: `Below the line ${names[0]} is cheaper, above it ${names[1]}. Vertical lines: 95 % intervals. The price does not depend on the slider, the pair of solvers does.`,
    empty: "",
  };
}
