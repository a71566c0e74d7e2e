// The ratio of the ERTs of two solvers whose runs start from the same trials: the score test and the delta method.
// A side is {costs, arrived, trials}: of each run its cost, whether it arrived (1 or 0), and the number of its trial.
import { influence } from "./ert.js";
import { fisherExact } from "./fisher.js";
import { mean, sum } from "./numbers.js";
import { studentTail } from "./student.js";

const NO_DOUBT = 1e-12; // a standard error below this is rounding

/** Two sides of which entry k is the same trial. */
export function pairedSides(costs, arrived, others, othersArrived) {
  const trials = Int32Array.from(costs, (_, k) => k);
  return [{ costs, arrived, trials }, { costs: others, arrived: othersArrived, trials }];
}

/** The ERT of a side. */
export function ertOf(side) {
  return sum(side.costs) / sum(side.arrived);
}

/** How far the second ERT is from exp(logRatio) times the first, in logarithms, and the standard error of that. */
export function deviation(first, second, logRatio = 0) {
  const scale = Math.exp(-logRatio);
  const [cost, otherCost] = [mean(first.costs), scale * mean(second.costs)];
  const [share, otherShare] = [mean(first.arrived), mean(second.arrived)];
  const [ofCosts, ofShares] = [Math.log(otherCost / cost), Math.log(otherShare / share)];
  const costs = [first.costs.map((each) => each / cost), second.costs.map((each) => (scale * each) / otherCost)];
  const varianceOf = (...sides) => varianceOfDifference(first, second, ...sides);
  const shares = [first.arrived.map((each) => each / share), second.arrived.map((each) => each / otherShare)];
  const common = weightedMean(ofCosts, varianceOf(...costs), ofShares, varianceOf(...shares));
  const total = share + otherShare;
  const [share0, otherShare0] = [total / (1 + Math.exp(common)), (total * Math.exp(common)) / (1 + Math.exp(common))];
  const far = ofCosts - common - (otherShare / otherShare0 - share / share0);
  const variance = varianceOf(
    costs[0].map((each, k) => each - first.arrived[k] / share0),
    costs[1].map((each, k) => each - second.arrived[k] / otherShare0),
  );
  return [far, Math.sqrt(variance)];
}

/** The p-value of the hypothesis that two solvers have the same ERT; Fisher's exact test where one never arrived. */
export function toldApart(first, second) {
  const runs = first.costs.length;
  const [successes, others] = [sum(first.arrived), sum(second.arrived)];
  if (!successes || !others) return fisherExact(successes, runs, others, runs);
  if (runs < 2 || !ertOf(first) || !ertOf(second)) return 1;
  const seen = Math.log(ertOf(second) / ertOf(first));
  const t = [deviation(first, second), [seen, deltaError(first, second)]].map(([far, error]) => Math.abs(tOf(far, error)));
  return Math.min(1, 2 * studentTail(Math.max(...t), runs - 1));
}

function tOf(far, error) {
  if (error > NO_DOUBT) return far / error;
  return Math.abs(far) <= NO_DOUBT ? 0 : Math.sign(far) * Infinity;
}

/** The standard error of the logarithm of the ratio by the delta method. */
export function deltaError(first, second) {
  const [ours, theirs] = [first, second].map((side) => influence(side.costs, side.arrived));
  return Math.sqrt(varianceOfDifference(first, second, ours, theirs));
}

/** The degrees of freedom: those of the side with fewer runs. */
function freedomOf(first, second) {
  return Math.min(first.costs.length, second.costs.length) - 1;
}

/** The variance of the mean of the second values minus that of the first; runs of the same trial are a pair. */
function varianceOfDifference(first, second, ours, theirs) {
  const fewest = freedomOf(first, second) + 1;
  const correction = fewest > 1 ? fewest / (fewest - 1) : Infinity;
  if (first.trials === second.trials) return varianceOfPairs(ours, theirs) * correction;
  const trials = Math.max(first.trials.reduce((a, b) => Math.max(a, b), 0), second.trials.reduce((a, b) => Math.max(a, b), 0)) + 1;
  const sums = new Float64Array(trials);
  addCentred(sums, second.trials, theirs, 1);
  addCentred(sums, first.trials, ours, -1);
  return sum(sums.map((each) => each * each)) * correction;
}

function varianceOfPairs(ours, theirs) {
  const middle = mean(theirs) - mean(ours);
  return sum(theirs.map((each, k) => ((each - ours[k] - middle) / theirs.length) ** 2));
}

function addCentred(sums, trials, values, sign) {
  const middle = mean(values);
  for (let k = 0; k < values.length; k += 1) sums[trials[k]] += (sign * (values[k] - middle)) / values.length;
}

/** The mean of two estimates, each weighted by the inverse of its variance; the second if neither has one. */
function weightedMean(first, firstVariance, second, secondVariance) {
  const both = firstVariance + secondVariance;
  return both > NO_DOUBT ** 2 ? (first * secondVariance + second * firstVariance) / both : second;
}
