// Expected running time: what a solver spends, in expectation, until it arrives, if it is restarted until it does.
import { ertInterval, wilson } from "./ert.js";
import { pairedSides, toldApart } from "./ert-ratio.js";
import { costsOf } from "./meter.js";
import { cellsAt, CENSORED, ELSEWHERE } from "./selection.js";

const LAST_TIMES = new WeakMap(); // of the last price: figure, table and words ask for the same ones

/**
 * A row for each solver that has runs of a problem from a start: its runs, their fates, the share that arrived, ERT,
 * the multiple of the least ERT, and whether it cannot be told apart from the solver with the least one.
 */
export function runningTimes(data, meter, setting, hidden = new Set(), level = data.level) {
  const name = [meter.cost, meter.price, level, ...hidden].join(" ");
  if (LAST_TIMES.get(data.arrivals)?.name !== name) LAST_TIMES.set(data.arrivals, { name, rows: new Map() });
  const { rows } = LAST_TIMES.get(data.arrivals);
  const place = `${setting.problem} ${setting.start} ${setting.target}`;
  if (!rows.has(place)) rows.set(place, findRunningTimes(data, meter, setting, hidden, level));
  return [...rows.get(place)];
}

function findRunningTimes(data, meter, { problem, start, target }, hidden, level) {
  const { dimension, family } = data.problems[problem];
  const cells = cellsAt(data, problem, start, target).filter(({ solver }) => !hidden.has(solver));
  const rows = cells.map((cell) => {
    const { solver, entries, arrived, runs } = cell;
    const side = { costs: costsOf(data.arrivals, entries, meter, dimension), arrived, runs, cell };
    return { problem, start, target, dimension, family, solver, side, ...countsOf(cell, side, level) };
  });
  if (!rows.length) return rows;
  const least = rows.reduce((best, row) => (row.ert < best.ert ? row : best));
  let tied = null;
  const tiedOnce = () => (tied ??= tiedWith(least, rows, level)); // many readers of the rows do not ask
  for (const row of rows) {
    row.multiple = multipleOf(row.ert, least.ert);
    Object.defineProperty(row, "tied", { get: () => tiedOnce().has(row), enumerable: true });
  }
  return rows;
}

function multipleOf(ert, least) {
  if (least > 0 && least < Infinity) return ert / least;
  return ert === least ? 1 : Infinity;
}

function countsOf({ entries, fates }, { costs, arrived }, level) {
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

/** The rows that cannot be told apart from the best one: compared by their trials, with Holm's correction. */
function tiedWith(best, rows, level) {
  const others = rows.filter((row) => row !== best);
  const pValues = others.map((other) => {
    const [ours, theirs] = sharedTrials(other.side.cell, best.side.cell);
    if (!ours.length) return 1;
    const pick = (column, places) => Float64Array.from(places, (place) => column[place]);
    const [a, b] = [[other.side, ours], [best.side, theirs]].map(([side, places]) => [pick(side.costs, places), pick(side.arrived, places)]);
    return toldApart(...pairedSides(...a, ...b));
  });
  const adjusted = holm(pValues);
  return new Set([best, ...others.filter((_, k) => adjusted[k] > 1 - level)]);
}

/** The places of the first runs of the trials that both cells have, in each of them. They are kept. */
function sharedTrials(ours, theirs) {
  if (!ours.shared.has(theirs)) {
    const trials = [...ours.first.keys()].filter((trial) => theirs.first.has(trial));
    ours.shared.set(theirs, [ours, theirs].map((cell) => Int32Array.from(trials, (trial) => cell.first.get(trial))));
  }
  return ours.shared.get(theirs);
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
