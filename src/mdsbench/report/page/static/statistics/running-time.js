// Expected running time: what a solver spends, in expectation, until it arrives, if it is restarted until it does.
import { ertInterval, wilson } from "./ert.js";
import { pairedSides, toldApart } from "./ert-ratio.js";
import { costsOf } from "./meter.js";
import { arrivedAt, CENSORED, ELSEWHERE, entriesAt, groupsAt } from "./selection.js";

/**
 * A row for each solver that has runs of a problem from a start: its runs, their fates, the share that arrived, ERT,
 * the multiple of the least ERT, and whether it cannot be told apart from the solver with the least one.
 */
export function runningTimes(data, meter, { problem, start, target }, hidden = new Set(), level = data.level) {
  const { dimension, family } = data.problems[problem];
  const rows = groupsAt(data, problem, start, hidden).map(({ solver, runs }) => {
    const entries = entriesAt(data, runs, target);
    const side = { costs: costsOf(data.arrivals, entries, meter, dimension), arrived: arrivedAt(data, entries), runs };
    return { problem, start, target, dimension, family, solver, side, ...countsOf(data, entries, side, level) };
  });
  if (!rows.length) return rows;
  const least = rows.reduce((best, row) => (row.ert < best.ert ? row : best));
  markTied(data, rows, least, level);
  for (const row of rows) row.multiple = multipleOf(row.ert, least.ert);
  return rows;
}

function multipleOf(ert, least) {
  if (least > 0 && least < Infinity) return ert / least;
  return ert === least ? 1 : Infinity;
}

function countsOf(data, entries, { costs, arrived }, level) {
  const fates = [0, 0, 0];
  for (const entry of entries) fates[data.arrivals.fate[entry]] += 1;
  const [ert, ertLow, ertHigh] = ertInterval(costs, arrived, level);
  const [shareLow, shareHigh] = wilson(fates[0], entries.length, level);
  return {
    runs: entries.length,
    arrived: fates[0],
    censored: fates[CENSORED],
    elsewhere: fates[ELSEWHERE],
    share: fates[0] / entries.length,
    ...{ shareLow, shareHigh, ert, ertLow, ertHigh },
  };
}

/** Compare each solver with the best one by their trials, with Holm's correction. */
function markTied(data, rows, best, level) {
  const firsts = new Map(rows.map((row) => [row, firstOfTrials(data, row.side.runs)]));
  const others = rows.filter((row) => row !== best);
  const pValues = others.map((other) => {
    const [ours, theirs] = [firsts.get(other), firsts.get(best)];
    const shared = [...ours.keys()].filter((trial) => theirs.has(trial));
    if (!shared.length) return 1;
    const pick = (column, first) => Float64Array.from(shared, (trial) => column[first.get(trial)]);
    return toldApart(
      ...pairedSides(
        ...[pick(other.side.costs, ours), pick(other.side.arrived, ours)],
        ...[pick(best.side.costs, theirs), pick(best.side.arrived, theirs)],
      ),
    );
  });
  const adjusted = holm(pValues);
  best.tied = true;
  others.forEach((row, k) => {
    row.tied = adjusted[k] > 1 - level;
  });
}

/** The place of the first run of each trial. */
function firstOfTrials(data, runs) {
  const first = new Map();
  runs.forEach((run, place) => {
    const trial = data.runs.trial[run];
    if (!first.has(trial)) first.set(trial, place);
  });
  return first;
}

/** The p-values, adjusted for how many they are (Holm 1979). */
export function holm(pValues) {
  const order = pValues.map((_, k) => k).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = [];
  let least = 0;
  order.forEach((which, place) => {
    least = Math.max(least, (pValues.length - place) * pValues[which]);
    adjusted[which] = Math.min(1, least);
  });
  return adjusted;
}

/** The solver with the least ERT among rows where it arrived; null where none did. */
export function cheapestOf(rows) {
  const arrived = rows.filter((row) => row.arrived > 0);
  return arrived.length ? arrived.reduce((best, row) => (row.ert < best.ert ? row : best)) : null;
}
