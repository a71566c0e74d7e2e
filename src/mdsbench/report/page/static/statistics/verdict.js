// What the runs say, in sentences with numbers and intervals, in the words of the command line's answers.
import { breakEven } from "./break-even.js";
import { growthOf, growthOfRatio, rowsOfFamily } from "./growth.js";
import { median } from "./numbers.js";
import { cheapestOf, runningTimes } from "./running-time.js";
import { ARRIVED, kindsOf, settings } from "./selection.js";
import { amount, fixed, listed, plural, rounded, shareInWords } from "./wording.js";

const NAMES_SHOWN = 5;
const PLAIN_DESCENT = /^gd(?:$|[(@])/;

/** What a cost is counted in, as a plural noun. */
export function unitOf(meter) {
  return meter.cost === "calls" ? "function values" : meter.cost;
}

/** Running times at all sizes of a family: the rows of all its problems that have runs from the start. */
export function timesOfFamily(data, meter, { family, start, target }, hidden) {
  const problems = settings(data).filter((each) => each.start === start && data.problems[each.problem].family === family);
  return problems.flatMap(({ problem }) => runningTimes(data, meter, { problem, start, target }, hidden));
}

/**
 * The sentences of one family, start and target: who is cheapest at the largest size, how many times more solvers
 * without gradients need, how that grows, and what a gradient is worth. `fits` says whether growth is fitted, which
 * takes longer than the rest.
 */
export function verdictOf(data, meter, setting, hidden = new Set(), fits = true) {
  const { level } = data;
  const times = timesOfFamily(data, meter, setting, hidden);
  if (!times.length) return [];
  const uses = usesIn(data, hidden);
  const names = (solver) => data.solvers[solver].name;
  const unit = unitOf(meter);
  const found = [...winnerInWords(times, unit, level, names), ...againstInWords(times, uses, unit, level, names)];
  const sizes = new Set(times.map((row) => row.dimension));
  if (sizes.size > 1 && fits) found.push(...growthInWords(data, meter, setting, times, uses, names, hidden));
  if (meter.cost === "calls") found.push(...priceInWords(data, setting, times, uses, names, hidden));
  return found;
}

function usesIn(data, hidden) {
  const uses = kindsOf(data);
  return uses.map((kind, solver) => (hidden.has(solver) ? undefined : kind));
}

/** Which solver is the cheapest at the largest size, and which cannot be told apart from it. */
function winnerInWords(times, unit, level, names) {
  const rows = largestOf(times);
  const arrived = rows.filter((row) => row.arrived > 0).sort((a, b) => a.ert - b.ert);
  const where = plural(rows[0].dimension, "variable");
  if (!arrived.length) return [`No solver arrives at ${where}.`];
  if (rows.length === 1) return [];
  const best = arrived[0];
  const spent = `${amount(best.ert)} ${unit}${between(best.ertLow, best.ertHigh, level, amount)}`;
  const tied = arrived.filter((row) => row.tied && row !== best).map((row) => names(row.solver));
  const other = tied.length ? `; ${someOf(tied)} cannot be told apart from it` : "";
  return [`${names(best.solver)} is the cheapest at ${where} (${spent})${other}.`];
}

/** At each size the cheapest solver that uses values only against the cheapest that uses gradients. */
function againstInWords(times, uses, unit, level, names) {
  const [ratios, others] = [[], []];
  for (const rows of bySize(times)) {
    const [withGradient, without] = [true, false].map((kind) => rows.filter((row) => uses[row.solver] === kind));
    if (!withGradient.length || !without.length) continue;
    const [first, second] = [cheapestOf(withGradient), cheapestOf(without)];
    const where = plural(rows[0].dimension, "variable");
    if (first) ratios.push(comparedInWords(first, second, without, level, names));
    else if (second) others.push(`At ${where} only solvers without gradients arrive (${withTime(second, names)}).`);
    else others.push(`At ${where} none arrives, with gradients or without.`);
  }
  if (!ratios.length) return others;
  const middle = `(${ratios.length - 4} sizes between)`;
  const shown = ratios.length <= NAMES_SHOWN ? ratios : [...ratios.slice(0, 2), middle, ...ratios.slice(-2)];
  const subject = `Without gradients the cheapest solver needs so many times the ${unit} of the cheapest with gradients`;
  return [`${subject}: ${listed(shown)}.`, ...others];
}

function comparedInWords(first, second, without, level, names) {
  const where = plural(without[0].dimension, "variable");
  if (!second) {
    const bound = Math.min(...without.map((row) => row.ertLow)) / (Number.isFinite(first.ertHigh) ? first.ertHigh : first.ert);
    const more = Number.isFinite(bound) && bound > 1 ? `more than ${rounded(bound)}` : "unknown";
    const runs = without.reduce((all, row) => all + row.runs, 0);
    const none = runs === 1 ? "the run without does not arrive" : `none of ${runs} runs without arrives`;
    return `${more} at ${where} (${withTime(first, names)}; ${none})`;
  }
  const [value, low, high] = ratioOfErts(second, first);
  const told = `${withTime(second, names)}, ${withTime(first, names)}${between(low, high, level, timesInWords)}`;
  return `${timesInWords(value)} at ${where} (${told})`;
}

/** The ratio of two independent ERTs, with the interval that theirs make (Zou & Donner 2008), as [value, low, high]. */
function ratioOfErts(more, less) {
  const value = more.ert / less.ert;
  const bounded = Math.min(more.ertLow, less.ertLow) > 0 && Number.isFinite(more.ertHigh) && Number.isFinite(less.ertHigh);
  if (!bounded) return [value, 0, Infinity];
  const down = Math.hypot(Math.log(more.ert / more.ertLow), Math.log(less.ertHigh / less.ert));
  const up = Math.hypot(Math.log(more.ertHigh / more.ert), Math.log(less.ert / less.ertLow));
  return [value, value * Math.exp(-down), value * Math.exp(up)];
}

function growthInWords(data, meter, setting, times, uses, names, hidden) {
  const { level } = data;
  const found = [];
  const arrived = times.filter((row) => row.arrived > 0);
  const shared = sharedLargest(arrived, uses);
  if (shared.length) {
    const pair = pairOf(shared, uses);
    const [ours, theirs] = pair.map((solver) => rowsOfFamily(data, meter, setting, solver));
    found.push(ratioGrowthInWords(growthOfRatio(ours, theirs, level), ...pair.map(names), unitOf(meter), level));
  }
  const iterations = { cost: "iterations", price: 0 };
  for (const solver of new Set(times.map((row) => row.solver))) {
    if (hidden.has(solver) || !PLAIN_DESCENT.test(names(solver))) continue;
    const rows = rowsOfFamily(data, iterations, setting, solver);
    found.push(iterationsInWords(rows.map((row) => ({ ...row, cost: Math.max(1, row.cost) })), rows, names(solver), level));
  }
  return found;
}

function ratioGrowthInWords(fit, gradient, free, unit, level) {
  const subject = `the ${unit} of ${free} over those of ${gradient}`;
  if (!fit || !Number.isFinite(fit.exponent)) {
    return `How ${subject} grow with the number of variables cannot be said: both must arrive at two sizes.`;
  }
  const change = changeInWords(fit, "the ratio grows", "the ratio falls", "no growth is shown");
  return `T${subject.slice(1)} go as ${powerInWords(fit, level)}: ${change}.`;
}

function iterationsInWords(clipped, rows, name, level) {
  const fit = growthOf(clipped, level);
  const sizes = rows.map((row) => row.dimension);
  const ends = [Math.min(...sizes), Math.max(...sizes)];
  if (!Number.isFinite(fit.exponent) || ends[0] === ends[1]) {
    return `Whether the iterations of ${name} depend on the dimension cannot be said: it arrives at fewer than two sizes.`;
  }
  const medians = ends.map((size) => {
    const here = rows.filter((row) => row.dimension === size);
    const arrived = here.filter((row) => row.fate === ARRIVED);
    const who = here.length > 1 ? `${shareInWords(arrived.length, here.length)} runs arrive` : "one run";
    const middle = arrived.length ? amount(median(arrived.map((row) => row.cost))) : "unknown";
    return `${middle} at ${plural(size, "variable")} (${who})`;
  });
  const change = changeInWords(fit, "they grow with n", "they fall with n", "no dependence on n is shown");
  return `The iterations of ${name} go as ${powerInWords(fit, level)}: ${change}; the median is ${listed(medians)}.`;
}

function priceInWords(data, setting, times, uses, names, hidden) {
  const shared = sharedLargest(times, uses);
  if (!shared.length) return [];
  const [gradient, free] = pairOf(shared, uses);
  const { problem, dimension } = shared[0];
  const at = { problem, start: setting.start, target: setting.target };
  if (!pairCanBePriced(data, at, gradient, free, hidden)) return [];
  const row = breakEven(data, gradient, free, at);
  return row ? [breakEvenInWords(row, dimension, names(gradient), names(free), data.level)] : [];
}

/** Whether, in the runs of a setting, the first solver takes gradients and the second no derivatives at all. */
export function pairCanBePriced(data, { problem, start, target }, gradient, free) {
  const { gradients, parts, products, directional } = data.arrivals;
  let [priced, values] = [false, true];
  for (const setting of settings(data)) {
    if (setting.problem !== problem || setting.start !== start) continue;
    for (const { solver, runs } of setting.groups) {
      for (const run of solver === gradient || solver === free ? runs : []) {
        const entry = run * data.targets.length + target;
        const taken = gradients[entry] + parts[entry] + products[entry];
        if (solver === gradient && taken > 0) priced = true;
        if (solver === free && taken + (directional ? directional[entry] : 0) > 0) values = false;
      }
    }
  }
  return priced && values;
}

/** What a gradient is worth at most, from what `breakEven` found. */
function breakEvenInWords({ price, low, high, bound, note }, dimension, gradient, free, level) {
  const where = plural(dimension, "variable");
  const why = note.replace("the derivative-free solver", free).replace("the gradient method", gradient);
  const limit = bound === "more than" ? low : bound ? high : price;
  const subject = `At ${where} a gradient of ${gradient} is worth`;
  if (!(limit > 0 && limit < Infinity)) {
    return `What a gradient is worth at ${where} cannot be said${why ? `: ${why}` : ""}.`;
  }
  const percent = `${percentOf(level)} %`;
  if (bound) return `${subject} ${bound} ${amount(limit)} function values (${percent}), because ${why}.`;
  const known = low > -Infinity && low < high && high < Infinity;
  const values = `${amount(limit)} function values${known ? ` (${percent}: ${amount(low)}–${amount(high)})` : ""}`;
  return `${subject} ${values}: above this price ${free} is cheaper.`;
}

/** The rows of the largest problem at which solvers of both kinds have rows. */
export function sharedLargest(times, uses) {
  const has = (kind) => new Set(times.filter((row) => uses[row.solver] === kind).map((row) => row.problem));
  const [withGradient, without] = [has(true), has(false)];
  const both = times.filter((row) => withGradient.has(row.problem) && without.has(row.problem));
  return both.length ? largestOf(both) : both;
}

/** The cheapest solver with gradients and the cheapest without, of rows that have both kinds. */
export function pairOf(rows, uses) {
  return [true, false].map((kind) => {
    const ofKind = rows.filter((row) => uses[row.solver] === kind);
    const best = cheapestOf(ofKind) || ofKind.reduce((least, row) => (row.ertLow < least.ertLow ? row : least));
    return best.solver;
  });
}

/** The rows of the problem with the most variables; of several, the last. */
function largestOf(rows) {
  const most = rows.reduce((best, row) => (row.dimension >= best.dimension ? row : best));
  return rows.filter((row) => row.problem === most.problem);
}

/** The rows of each problem, smaller ones first. */
function bySize(times) {
  const byProblem = new Map();
  for (const row of [...times].sort((a, b) => a.dimension - b.dimension)) {
    byProblem.set(row.problem, [...(byProblem.get(row.problem) || []), row]);
  }
  return [...byProblem.values()];
}

function withTime(row, names) {
  return `${names(row.solver)} ${amount(row.ert)}`;
}

function between(low, high, level, words) {
  return low > 0 && low < high && high < Infinity ? `; ${percentOf(level)} %: ${words(low)}–${words(high)}` : "";
}

function percentOf(level) {
  return Number((100 * level).toPrecision(6)).toString();
}

function powerInWords({ exponent, low, high }, level) {
  const known = Number.isFinite(low) && Number.isFinite(high);
  const ends = known ? `${percentOf(level)} %: ${twoDecimals(low)} to ${twoDecimals(high)}` : "no interval";
  return `n^${twoDecimals(exponent)} (${ends}), n the number of variables`;
}

function twoDecimals(number) {
  return fixed(number, 2).replace(/^-0\.00$/, "0.00");
}

function timesInWords(ratio) {
  return ratio >= 1 ? rounded(ratio) : Number(ratio.toPrecision(2)).toString();
}

function changeInWords({ low, high }, up, down, neither) {
  return low > 0 ? up : high < 0 ? down : neither;
}

function someOf(names) {
  const more = names.length > NAMES_SHOWN ? [`${names.length - NAMES_SHOWN} more`] : [];
  return listed([...names.slice(0, NAMES_SHOWN), ...more]);
}
