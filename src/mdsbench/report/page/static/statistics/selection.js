// Which runs belong to a problem and a start, and to each solver.

export const ARRIVED = 0;
export const CENSORED = 1;
export const ELSEWHERE = 2;
const SETTINGS_OF = new WeakMap();
const KEPT_OF_TABLES = new WeakMap();

/** For each problem and start with runs, in the order in which they come: {problem, start, dimension, groups}. */
export function settings(data) {
  if (!SETTINGS_OF.has(data.runs)) SETTINGS_OF.set(data.runs, indexed(data));
  return SETTINGS_OF.get(data.runs).list;
}

/** The groups of a problem and a start: for each solver, in the order in which they come, {solver, runs}. */
export function groupsAt(data, problem, start, hidden = new Set()) {
  settings(data);
  const setting = SETTINGS_OF.get(data.runs).byName.get(`${problem} ${start}`);
  return setting ? setting.groups.filter((group) => !hidden.has(group.solver)) : [];
}

/** The starts from which a problem has runs. */
export function startsOf(data, problem) {
  return settings(data).filter((setting) => setting.problem === problem).map((setting) => setting.start);
}

function indexed(data) {
  const byName = new Map();
  const { problem, start, solver } = data.runs;
  for (let run = 0; run < problem.length; run += 1) {
    const name = `${problem[run]} ${start[run]}`;
    if (!byName.has(name)) byName.set(name, { problem: problem[run], start: start[run], bySolver: new Map() });
    const { bySolver } = byName.get(name);
    if (!bySolver.has(solver[run])) bySolver.set(solver[run], []);
    bySolver.get(solver[run]).push(run);
  }
  for (const setting of byName.values()) {
    setting.dimension = data.problems[setting.problem].dimension;
    setting.groups = [...setting.bySolver].map(([which, runs]) => ({ solver: which, runs: Int32Array.from(runs) }));
    delete setting.bySolver;
  }
  return { byName, list: [...byName.values()] };
}

/** The entries of data.arrivals of these runs at a target. */
export function entriesAt(data, runs, target) {
  const targets = data.targets.length;
  return Int32Array.from(runs, (run) => run * targets + target);
}

/** Whether each entry of data.arrivals arrived, as 1 or 0. */
export function arrivedAt(data, entries) {
  return Float64Array.from(entries, (entry) => (data.arrivals.fate[entry] === ARRIVED ? 1 : 0));
}

/**
 * The groups of a setting at a target, with what does not depend on a price: of each solver its `entries` of
 * data.arrivals, what `arrived` (1 or 0), how many had each of the `fates`, and the `first` run of each trial, as its place among the runs. They are kept.
 */
export function cellsAt(data, problem, start, target) {
  const cells = keptFor(data.arrivals);
  const name = `${problem} ${start} ${target}`;
  if (!cells.has(name)) cells.set(name, groupsAt(data, problem, start).map((group) => cellOf(data, group, target)));
  return cells.get(name);
}

function cellOf(data, { solver, runs }, target) {
  const entries = entriesAt(data, runs, target);
  const [first, fates] = [new Map(), [0, 0, 0]];
  for (const entry of entries) fates[data.arrivals.fate[entry]] += 1;
  runs.forEach((run, place) => {
    const trial = data.runs.trial[run];
    if (!first.has(trial)) first.set(trial, place);
  });
  return { solver, runs, entries, arrived: arrivedAt(data, entries), fates, first, shared: new Map() };
}

/** What is kept of a table as long as there is one. */
function keptFor(table) {
  if (!KEPT_OF_TABLES.has(table)) KEPT_OF_TABLES.set(table, new Map());
  return KEPT_OF_TABLES.get(table);
}

/** For each solver whether it uses derivatives, as its accounts say: true, false, or undefined if it evaluated nothing. */
export function kindsOf(data) {
  const kept = keptFor(data.arrivals);
  if (!kept.has("kinds")) kept.set("kinds", kindsOfAccounts(data));
  return kept.get("kinds");
}

function kindsOfAccounts(data) {
  const { evaluations, gradients, parts, products, directional } = data.arrivals;
  const [uses, targets] = [[], data.targets.length];
  for (const run of data.runs.solver.keys()) {
    for (let entry = run * targets; entry < (run + 1) * targets; entry += 1) {
      const taken = gradients[entry] + parts[entry] + products[entry] + (directional ? directional[entry] : 0);
      if (taken > 0) uses[data.runs.solver[run]] = true;
      else if (evaluations[entry] > 0) uses[data.runs.solver[run]] ||= false;
    }
  }
  return uses;
}
