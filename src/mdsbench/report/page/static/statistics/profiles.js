// Shares against cost over many cases; a case is a problem, a trial and a target that every solver has run.
import { linearCosts, priceAt } from "./meter.js";
import { ARRIVED } from "./selection.js";

/**
 * The cases that can be compared among some runs and targets: {solvers, cases, entries}, entry c * solvers + k of
 * `entries` being that of solver k in case c. Where not every solver has run everything, the solvers and trials with
 * the most runs of which each solver has run each trial are taken. It does not depend on any price.
 */
export function sharedCases(data, runs, targets) {
  const block = largestBlock(data, runs);
  const places = new Map(block.solvers.map((solver, k) => [solver, k]));
  const size = places.size;
  const again = new Map();
  const byCase = new Map();
  for (const run of block.runs) {
    const trial = trialName(data, run);
    const name = `${trial} ${data.runs.solver[run]}`;
    const time = again.get(name) || 0;
    again.set(name, time + 1);
    const key = `${trial} ${time}`;
    if (!byCase.has(key)) byCase.set(key, new Int32Array(size).fill(-1));
    byCase.get(key)[places.get(data.runs.solver[run])] = run;
  }
  const whole = [...byCase].filter(([, row]) => row.every((run) => run >= 0));
  const rows = whole.map(([, row]) => row);
  const trialOf = new Map();
  const trials = whole.map(([key]) => {
    const trial = key.slice(0, key.lastIndexOf(" "));
    if (!trialOf.has(trial)) trialOf.set(trial, trialOf.size);
    return trialOf.get(trial);
  });
  const entries = new Int32Array(rows.length * targets.length * size);
  let at = 0;
  for (const target of targets) {
    for (const row of rows) for (const run of row) entries[at++] = run * data.targets.length + target;
  }
  const left = { solvers: block.everySolver.filter((solver) => !places.has(solver)), runs: runs.length - block.runs.length };
  return { solvers: block.solvers, cases: rows.length * targets.length, entries, trials, rounds: targets.length, left };
}

function trialName(data, run) {
  return `${data.runs.problem[run]} ${data.runs.trial[run]}`;
}

/** Of the sets of solvers that have run one trial, the one with the most runs on the trials that all of it have run. */
function largestBlock(data, runs) {
  const everySolver = [...new Set(Array.from(runs, (run) => data.runs.solver[run]))];
  const solversOf = new Map();
  for (const run of runs) {
    const trial = trialName(data, run);
    if (!solversOf.has(trial)) solversOf.set(trial, new Set());
    solversOf.get(trial).add(data.runs.solver[run]);
  }
  const sets = new Map();
  for (const solvers of solversOf.values()) {
    const name = everySolver.map((solver) => (solvers.has(solver) ? "1" : "0")).join("");
    if (!sets.has(name)) sets.set(name, { name, solvers, times: 0 });
    sets.get(name).times += 1;
  }
  const known = [...sets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const several = known.some((set) => set.solvers.size > 1);
  let best = null;
  for (const set of known) {
    const trials = known.filter((other) => isSubset(set.solvers, other.solvers)).reduce((all, other) => all + other.times, 0);
    const size = set.solvers.size;
    const score = [size > 1 || !several ? trials * size : 0, size];
    if (!best || score[0] > best.score[0] || (score[0] === best.score[0] && score[1] > best.score[1])) best = { set, score };
  }
  if (!best) return { solvers: [], runs: [], everySolver };
  const chosen = best.set.solvers;
  const kept = Array.from(runs).filter(
    (run) => chosen.has(data.runs.solver[run]) && isSubset(chosen, solversOf.get(trialName(data, run))),
  );
  return { solvers: everySolver.filter((solver) => chosen.has(solver)), runs: kept, everySolver };
}

function isSubset(small, large) {
  for (const each of small) if (!large.has(each)) return false;
  return true;
}

/** The cost of each entry of shared cases, divided by what `per` says of the dimension; infinite without an arrival. */
export function costsOfCases(data, shared, meter, per = () => 1) {
  const costs = spentOnCases(data, shared, meter, per);
  const { entries } = shared;
  const { fate } = data.arrivals;
  for (let k = 0; k < entries.length; k += 1) if (fate[entries[k]] !== ARRIVED) costs[k] = Infinity;
  return costs;
}

/** What was spent in each entry of shared cases, whether or not it arrived. */
export function spentOnCases(data, shared, meter, per = () => 1) {
  const { entries } = shared;
  const { fixed, priced } = linearCosts(data.arrivals, meter.cost);
  const prices = data.problems.map(({ dimension }) => priceAt(meter, dimension));
  const scales = data.problems.map(({ dimension }) => per(dimension));
  const [targets, problems] = [data.targets.length, data.runs.problem];
  const costs = new Float64Array(entries.length);
  for (let k = 0; k < entries.length; k += 1) {
    const entry = entries[k];
    const problem = problems[(entry / targets) | 0];
    costs[k] = (priced ? fixed[entry] + prices[problem] * priced[entry] : fixed[entry]) / scales[problem];
  }
  return costs;
}

/** For each solver the share of cases in which it costs at most `at` times the least cost (Dolan & Moré 2002). */
export function performanceProfile(data, shared, meter) {
  const ratios = ratiosToLeast(costsOfCases(data, shared, meter), shared.solvers.length);
  return stepCurves(ratios, shared, 1);
}

/** For each solver the share of cases solved at a cost of `at` simplex gradients, n + 1 values each (Moré & Wild 2009). */
export function dataProfile(data, shared, meter) {
  return stepCurves(costsOfCases(data, shared, meter, (dimension) => dimension + 1), shared, 0);
}

function ratiosToLeast(costs, size) {
  const ratios = new Float64Array(costs.length);
  for (let first = 0; first < costs.length; first += size) {
    let least = Infinity;
    for (let k = first; k < first + size; k += 1) if (costs[k] < least) least = costs[k];
    for (let k = first; k < first + size; k += 1) {
      const best = costs[k] === least && least < Infinity;
      ratios[k] = best ? 1 : least > 0 && costs[k] < Infinity ? costs[k] / least : Infinity;
    }
  }
  return ratios;
}

function stepCurves(values, { solvers, cases }, first) {
  if (!cases) return [];
  return solvers.map((solver, k) => {
    const found = columnOf(values, solvers.length, k).sort();
    const [at, share] = [[first], [0]];
    for (let c = 0; c < cases && found[c] < Infinity; c += 1) {
      if (found[c] > at[at.length - 1]) {
        at.push(found[c]);
        share.push(0);
      }
      share[share.length - 1] = (c + 1) / cases;
    }
    return { solver, at, share, cases };
  });
}

/**
 * The pairs of solvers that the performance profile of all ranks otherwise than that of the two alone (Gould & Scott
 * 2016), the clearest first: {solver, other, factor, alone, together}.
 */
export function reversedPairs(data, shared, meter) {
  const size = shared.solvers.length;
  if (size < 3 || !shared.cases) return [];
  const costs = costsOfCases(data, shared, meter);
  const ratios = ratiosToLeast(costs, size);
  const columns = shared.solvers.map((_, k) => columnOf(costs, size, k));
  const together = shared.solvers.map((_, k) => columnOf(ratios, size, k).sort());
  const found = [];
  for (let i = 0; i < size; i += 1) {
    for (let j = i + 1; j < size; j += 1) {
      const pair = clearestReversal(columns, together, i, j);
      if (pair) found.push({ ...pair, solver: shared.solvers[pair.above], other: shared.solvers[pair.below] });
    }
  }
  return found.sort((a, b) => b.clear - a.clear);
}

/** The values of solver k in all cases. */
function columnOf(values, size, k) {
  const column = new Float64Array(values.length / size);
  for (let c = 0; c < column.length; c += 1) column[c] = values[c * size + k];
  return column;
}

function clearestReversal(columns, together, i, j) {
  const both = [together[i], together[j]];
  const cases = columns[i].length;
  const pairs = new Float64Array(2 * cases);
  for (let c = 0; c < cases; c += 1) [pairs[2 * c], pairs[2 * c + 1]] = [columns[i][c], columns[j][c]];
  const ratios = ratiosToLeast(pairs, 2);
  const alone = [columnOf(ratios, 2, 0).sort(), columnOf(ratios, 2, 1).sort()];
  const factors = [...new Set([...both, ...alone].flatMap((values) => [...values]))].filter(Number.isFinite).sort((a, b) => a - b);
  const places = [0, 0, 0, 0];
  let best = null;
  for (const factor of factors) {
    [...both, ...alone].forEach((values, k) => {
      while (places[k] < cases && values[places[k]] <= factor) places[k] += 1;
    });
    const [byAll, byTwo] = [(places[0] - places[1]) / cases, (places[2] - places[3]) / cases];
    const clear = byAll * byTwo < 0 ? Math.min(Math.abs(byAll), Math.abs(byTwo)) : 0;
    if (clear > (best ? best.clear : 0)) {
      const [above, below] = byTwo > 0 ? [i, j] : [j, i];
      best = { clear, above, below, factor, alone: Math.abs(byTwo), together: Math.abs(byAll) };
    }
  }
  return best;
}
