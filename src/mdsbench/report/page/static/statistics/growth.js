// How the cost of reaching a target grows with the number of variables n: cost = factor n^exponent.
import { costsOf } from "./meter.js";
import { mean, sum } from "./numbers.js";
import { ARRIVED, ELSEWHERE, entriesAt, settings } from "./selection.js";
import { tobitLine, tobitSlopeInterval } from "./tobit.js";

const ON_ONE_LINE = 1e-18; // numbers with a smaller mean square around their line lie on it
const NO_EXPONENT = { factor: NaN, exponent: NaN, low: NaN, high: NaN };

/** The runs of a solver at all sizes of a family, as rows {problem, dimension, trial, run, entry, cost, fate}. */
export function rowsOfFamily(data, meter, { family, start, target }, solver) {
  const rows = [];
  for (const setting of settings(data)) {
    const { problem, dimension, groups } = setting;
    const group = groups.find((each) => each.solver === solver);
    if (setting.start !== start || data.problems[problem].family !== family || !group) continue;
    const entries = entriesAt(data, group.runs, target);
    const costs = costsOf(data.arrivals, entries, meter, dimension);
    group.runs.forEach((run, k) => {
      const fate = data.arrivals.fate[entries[k]];
      rows.push({ problem, dimension, run, trial: data.runs.trial[run], cost: costs[k], entry: entries[k], fate });
    });
  }
  return rows;
}

/** The exponent of the cost of a solver in rows of a family, as {factor, exponent, low, high, note}. */
export function growthOf(rows, level) {
  const kept = rows.filter((row) => row.fate !== ELSEWHERE);
  return exponentOf(
    ...[kept.map((row) => row.dimension), kept.map((row) => row.cost), kept.map((row) => (row.fate === ARRIVED ? 1 : 0)), level],
  );
}

/** Factor, exponent, its interval and a note, from the dimensions and costs of runs that arrived (1) or are censored (0). */
export function exponentOf(dimensions, allCosts, fates, level) {
  const counted = allCosts.map((cost) => cost > 0);
  const [n, costs, arrived] = [dimensions, allCosts, fates].map((column) => column.filter((_, k) => counted[k]));
  const left = allCosts.length - costs.length;
  const free = left ? `${left} ${left === 1 ? "run" : "runs"} without cost left out` : "";
  const why = tooFewToGrow(n, arrived);
  if (why) return { ...NO_EXPONENT, note: why };
  const [logs, y] = [n.map(Math.log), costs.map(Math.log)];
  const middle = mean(logs);
  const x = logs.map((each) => each - middle);
  let { slope, intercept } = leastSquares(x, y, arrived);
  const beyond = y.map((each, k) => each - intercept - slope * x[k]);
  const events = sum(arrived);
  const square = sum(beyond.map((each, k) => (arrived[k] ? each * each : 0))) / events;
  let [low, high] = [slope, slope];
  if (square < ON_ONE_LINE && beyond.every((each, k) => arrived[k] || each < 0)) {
    if (events < 3) [low, high] = [-Infinity, Infinity];
  } else if (events < 3) {
    return { ...NO_EXPONENT, note: "fewer than three runs arrived" };
  } else {
    const line = tobitLine(x, y, arrived);
    ({ slope, intercept } = line);
    [low, high] = tobitSlopeInterval(x, y, arrived, line, level);
  }
  const bounded = Number.isFinite(low) && Number.isFinite(high);
  const note = [bounded ? "" : "too few arrivals to bound the exponent", free].filter(Boolean).join("; ");
  return { factor: Math.exp(intercept - slope * middle), exponent: slope, low, high, note };
}

function tooFewToGrow(n, arrived) {
  if (!arrived.some(Boolean)) return "no run arrived";
  if (new Set(n).size < 2) return "one number of variables only: a growth needs two";
  if (new Set(n.filter((_, k) => arrived[k])).size < 2) {
    return "runs arrived at one number of variables only: a growth needs two";
  }
  return "";
}

function leastSquares(x, y, weight) {
  const total = sum(weight);
  const [mx, my] = [x, y].map((values) => sum(values.map((each, k) => each * weight[k])) / total);
  const slope =
    sum(x.map((each, k) => weight[k] * (each - mx) * (y[k] - my))) / sum(x.map((each, k) => weight[k] * (each - mx) ** 2));
  return { slope, intercept: my - slope * mx };
}

/** The exponent of the ratio of two solvers' costs, theirs over ours, from rows of a family; null without a pair. */
export function growthOfRatio(ours, theirs, level) {
  const byTrial = new Map();
  for (const row of theirs) {
    const name = `${row.problem} ${row.trial}`;
    byTrial.set(name, [...(byTrial.get(name) || []), row]);
  }
  const pairs = ours.flatMap((row) => (byTrial.get(`${row.problem} ${row.trial}`) || []).map((other) => [row, other]));
  if (!pairs.length) return null;
  const kept = pairs.filter((pair) => pair.every((row) => row.fate !== ELSEWHERE));
  const n = kept.map(([row]) => row.dimension);
  if (kept.every((pair) => pair.every((row) => row.fate === ARRIVED))) {
    const counted = kept.filter((pair) => pair.every((row) => row.cost > 0));
    const ratios = counted.map(([row, other]) => other.cost / row.cost);
    return exponentOf(counted.map(([row]) => row.dimension), ratios, ratios.map(() => 1), level);
  }
  const [first, second] = [0, 1].map((side) =>
    exponentOf(n, kept.map((pair) => pair[side].cost), kept.map((pair) => (pair[side].fate === ARRIVED ? 1 : 0)), level),
  );
  const missing = [first, second].find((one) => Number.isNaN(one.exponent));
  if (missing) return { ...NO_EXPONENT, note: missing.note };
  const slope = second.exponent - first.exponent;
  const down = Math.hypot(second.exponent - second.low, first.high - first.exponent);
  const up = Math.hypot(second.high - second.exponent, first.exponent - first.low);
  const note = "some runs are censored: solvers compared unpaired";
  return { factor: second.factor / first.factor, exponent: slope, low: slope - down, high: slope + up, note };
}
