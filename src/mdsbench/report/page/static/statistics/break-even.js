// The break-even price of a gradient: how many function values it may cost until derivative-free search is as cheap.
import { ertInterval } from "./ert.js";
import { deltaError, deviation, ertOf } from "./ert-ratio.js";
import { linearCosts } from "./meter.js";
import { sum } from "./numbers.js";
import { brent, firstRoot } from "./roots.js";
import { arrivedAt, entriesAt, groupsAt } from "./selection.js";
import { studentQuantile } from "./student.js";

const EXACT = "";
const MORE_THAN = "more than";
const LESS_THAN = "less than";
const ALMOST_NOTHING = 1e-9;
const FARTHEST_PRICE = 1e15;
const PRICES_OF = new WeakMap(); // they do not depend on any price

/**
 * The price at which two solvers have the same ERT at a setting, as {price, low, high, bound, note}; null where one of
 * them has no runs. Where one of them never arrives, `bound` is "more than" or "less than".
 */
export function breakEven(data, gradient, free, { problem, start, target }, level = data.level) {
  if (!PRICES_OF.has(data.arrivals)) PRICES_OF.set(data.arrivals, new Map());
  const known = PRICES_OF.get(data.arrivals);
  const name = [gradient, free, problem, start, target, level].join(" ");
  if (!known.has(name)) known.set(name, findBreakEven(data, gradient, free, { problem, start, target }, level));
  return known.get(name);
}

function findBreakEven(data, gradient, free, { problem, start, target }, level) {
  const [first, second] = [gradient, free].map((solver) => sideOf(data, solver, problem, start, target));
  if (!first || !second) return null;
  const arrived = [first, second].map((side) => sum(side.arrived) > 0);
  if (!arrived[0] && !arrived[1]) return foundPrice(NaN, NaN, NaN, EXACT, "neither solver arrived");
  if (!sum(first.priced)) return foundPrice(NaN, NaN, NaN, EXACT, "no gradient was taken");
  if (!arrived[1]) {
    const bound = boundIfFreeNever(first, second, level);
    return foundPrice(bound, bound, Infinity, MORE_THAN, "the derivative-free solver never arrived");
  }
  if (!arrived[0]) {
    const bound = boundIfGradientNever(first, second, level);
    return foundPrice(bound, 0, bound, LESS_THAN, "the gradient method never arrived");
  }
  const [price, low, high] = priceInterval(first, second, level);
  if (price <= 0) return foundPrice(high, 0, high, LESS_THAN, "the derivative-free solver is cheaper than free gradients");
  const alone = Math.min(first.costs.length, second.costs.length) < 2 ? "one run bounds nothing" : "";
  return foundPrice(price, low, high, EXACT, alone);
}

function foundPrice(price, low, high, bound, note) {
  return { price, low, high, bound, note };
}

/** The runs of a solver, with their separate values as `costs` and their gradients as `priced`. */
function sideOf(data, solver, problem, start, target) {
  const group = groupsAt(data, problem, start).find((each) => each.solver === solver);
  if (!group) return null;
  const entries = entriesAt(data, group.runs, target);
  const { fixed, priced } = linearCosts(data.arrivals, "calls");
  return {
    costs: Float64Array.from(entries, (entry) => fixed[entry]),
    priced: Float64Array.from(entries, (entry) => priced[entry]),
    arrived: arrivedAt(data, entries),
    trials: Int32Array.from(group.runs, (run) => data.runs.trial[run]),
  };
}

function atPrice(side, price) {
  return { ...side, costs: side.costs.map((each, k) => each + price * side.priced[k]) };
}

/** The price and its interval where both solvers arrive, as [price, low, high]. */
function priceInterval(first, free, level) {
  const successes = sum(first.arrived);
  const price = (ertOf(free) - sum(first.costs) / successes) / (sum(first.priced) / successes);
  const fewest = Math.min(first.costs.length, free.costs.length);
  if (fewest < 2) return [price, 0, Infinity];
  const quantile = studentQuantile(level, fewest - 1);
  const middle = price > 0 ? price : ALMOST_NOTHING;
  const at = (logPrice) => atPrice(first, middle * Math.exp(logPrice));
  const byScore = (logPrice) => {
    const [far, error] = deviation(free, at(logPrice));
    return Math.abs(far) - quantile * error;
  };
  const byDeltaMethod = (logPrice) => {
    const ours = at(logPrice);
    return Math.abs(Math.log(ertOf(ours) / ertOf(free))) - quantile * deltaError(free, ours);
  };
  const wide = quantile * deltaError(free, at(0));
  const bound = (sign) => {
    const score = firstRoot((size) => byScore(sign * size), wide);
    const step = score === null ? firstRoot((size) => byDeltaMethod(sign * size), wide) : score;
    return middle * Math.exp(sign * (step === null ? Infinity : step));
  };
  if (price > 0) return [price, bound(-1), bound(1)];
  return [price, 0, byScore(0) < 0 ? bound(1) : 0];
}

/** A lower bound where the derivative-free solver never arrived; the two bounds of ERT share the doubt evenly. */
function boundIfFreeNever(first, free, level) {
  const least = ertInterval(free.costs, free.arrived, (1 + level) / 2)[1];
  return meetingPrice((price) => ertInterval(atPrice(first, price).costs, first.arrived, level)[2] - least);
}

/** An upper bound where the gradient method never arrived, by the same share of the doubt. */
function boundIfGradientNever(first, free, level) {
  const most = ertInterval(free.costs, free.arrived, level)[2];
  return meetingPrice((price) => ertInterval(atPrice(first, price).costs, first.arrived, (1 + level) / 2)[1] - most);
}

/** The price from which a function is positive; 0 if it always is. */
function meetingPrice(excess) {
  let [low, high] = [ALMOST_NOTHING, 1];
  if (excess(low) >= 0) return 0;
  while (excess(high) < 0) {
    [low, high] = [high, 2 * high];
    if (high > FARTHEST_PRICE) return Infinity;
  }
  return brent(excess, low, high);
}
