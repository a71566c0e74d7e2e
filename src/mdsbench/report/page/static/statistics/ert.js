// The success rate and the expected running time (ERT) of the runs of one solver, with their intervals.
import { normalQuantile } from "./normal.js";
import { mean, sum } from "./numbers.js";
import { studentQuantile } from "./student.js";

/** Wilson's score interval of a success rate (Wilson 1927), as [low, high]. */
export function wilson(successes, runs, level) {
  if (!runs) return [0, 1];
  const square = normalQuantile(level) ** 2;
  const share = successes / runs;
  const centre = (share + square / (2 * runs)) / (1 + square / runs);
  const spread = Math.sqrt(square * ((share * (1 - share)) / runs + square / (4 * runs ** 2)));
  const half = spread / (1 + square / runs);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** ERT and its interval by the delta method, as [ert, low, high]; without an arrival, infinite with a lower bound. */
export function ertInterval(costs, arrived, level) {
  const [runs, successes] = [costs.length, sum(arrived)];
  if (!successes) {
    const most = 1 - (1 - level) ** (1 / runs);
    return [Infinity, mean(costs) / most, Infinity];
  }
  const ert = sum(costs) / successes;
  if (runs < 2 || !ert) return [ert, 0, Infinity];
  const squares = influence(costs, arrived).map((each) => each * each);
  const wide = studentQuantile(level, runs - 1) * Math.sqrt(sum(squares) / (runs * (runs - 1)));
  return [ert, ert * Math.exp(-wide), ert * Math.exp(wide)];
}

/** What each run adds to the logarithm of the ERT, times the number of runs. */
export function influence(costs, arrived) {
  const [cost, share] = [mean(costs), mean(arrived)];
  return costs.map((each, k) => each / cost - arrived[k] / share);
}
