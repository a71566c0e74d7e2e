// A straight line through numbers of which some are only known to be greater: censored regression (Tobin 1958), in the
// parameters of Olsen 1978, in which the likelihood is concave.
import { logNormalCdf } from "./normal.js";
import { mean, sum } from "./numbers.js";
import { studentQuantile } from "./student.js";

const NEWTON_STEPS = 60;
const HALVINGS = 30;
const BISECTIONS = 40;
const DOUBLINGS = 24;

/** The line of the greatest likelihood, as {intercept, slope, spread, likelihood}; where `exact` is 0, y is a lower bound. */
export function tobitLine(x, y, exact) {
  const columns = [x.map(() => 1), x];
  const { theta, value } = greatestLikelihood(columns, y, exact);
  return { intercept: theta[0] / theta[2], slope: theta[1] / theta[2], spread: 1 / theta[2], likelihood: value };
}

/** The slopes that the ratio of likelihoods does not refuse, with Student's quantile of numbers - 2, as [low, high]. */
export function tobitSlopeInterval(x, y, exact, line, level) {
  const numbers = x.length;
  const quantile = studentQuantile(level, numbers - 2);
  const allowed = (numbers * Math.log1p(quantile ** 2 / (numbers - 2))) / 2;
  const ones = [x.map(() => 1)];
  const refused = (slope) => {
    const { value } = greatestLikelihood(ones, y.map((each, k) => each - slope * x[k]), exact);
    return line.likelihood - value > allowed;
  };
  const middle = mean(x);
  const spread = Math.sqrt(sum(x.map((each) => (each - middle) ** 2)));
  return [-1, 1].map((sign) => edgeOfRefusal(line.slope, (sign * line.spread) / spread, refused));
}

/** Where a slope begins to be refused, in the direction of the step; infinite if it never is. */
function edgeOfRefusal(inside, first, refused) {
  let step = first;
  for (let k = 0; !refused(inside + step); k += 1) {
    if (k === DOUBLINGS) return Math.sign(first) * Infinity;
    step *= 2;
  }
  let [near, far] = [inside, inside + step];
  for (let k = 0; k < BISECTIONS; k += 1) {
    const middle = (near + far) / 2;
    if (refused(middle)) far = middle;
    else near = middle;
  }
  return (near + far) / 2;
}

/** Newton's method for the parameters (coefficients / sigma, 1 / sigma), as {theta, value}. */
function greatestLikelihood(columns, y, exact) {
  const rows = [...columns.map((column) => column.map((each) => -each)), y];
  const beta = solved(columns.map((a, i) => columns.map((b, j) => dotOf(a, b) + (i === j ? 1e-10 : 0))), columns.map((a) => dotOf(a, y)));
  const rest = y.map((each, k) => (each - columns.reduce((all, column, i) => all + beta[i] * column[k], 0)) ** 2);
  const gamma = 1 / Math.sqrt(Math.max(mean(rest), 1e-20));
  let theta = [...beta.map((each) => each * gamma), gamma];
  let value = logLikelihood(rows, theta, exact);
  for (let k = 0; k < NEWTON_STEPS; k += 1) {
    const step = newtonStep(rows, theta, exact);
    const next = uphill(rows, theta, step, value, exact);
    if (!next) break;
    const gain = next.value - value;
    ({ theta, value } = next);
    if (gain < 1e-13) break;
  }
  return { theta, value };
}

function newtonStep(rows, theta, exact) {
  const size = theta.length;
  const [gradient, curvature] = [new Array(size).fill(0), rows.map(() => new Array(size).fill(0))];
  for (let n = 0; n < exact.length; n += 1) {
    const r = residualAt(rows, theta, n);
    const hazard = exact[n] ? 0 : Math.exp((-r * r) / 2 - 0.5 * Math.log(2 * Math.PI) - logNormalCdf(-r));
    const [first, second] = exact[n] ? [-r, 1] : [-hazard, hazard * (hazard - r)];
    for (let i = 0; i < size; i += 1) {
      gradient[i] += rows[i][n] * first;
      for (let j = 0; j < size; j += 1) curvature[i][j] += rows[i][n] * second * rows[j][n];
    }
  }
  const [events, last] = [sum(exact), size - 1];
  gradient[last] += events / theta[last];
  curvature[last][last] += events / theta[last] ** 2;
  for (let i = 0; i < size; i += 1) curvature[i][i] += 1e-12;
  return solved(curvature, gradient);
}

/** The parameters after the longest of step, step / 2, step / 4 ... that raises the likelihood; null if none does. */
function uphill(rows, theta, step, value, exact) {
  for (let k = 0, length = 1; k < HALVINGS; k += 1, length /= 2) {
    const there = theta.map((each, i) => each + length * step[i]);
    if (there[there.length - 1] <= 0) continue;
    const found = logLikelihood(rows, there, exact);
    if (found >= value - 1e-12) return { theta: there, value: found };
  }
  return null;
}

function logLikelihood(rows, theta, exact) {
  const logGamma = Math.log(Math.max(theta[theta.length - 1], 1e-300));
  let total = 0;
  for (let n = 0; n < exact.length; n += 1) {
    const r = residualAt(rows, theta, n);
    total += exact[n] ? logGamma - (r * r) / 2 : logNormalCdf(-r);
  }
  return total;
}

function residualAt(rows, theta, n) {
  let r = 0;
  for (let i = 0; i < theta.length; i += 1) r += rows[i][n] * theta[i];
  return r;
}

function dotOf(a, b) {
  return sum(a.map((each, k) => each * b[k]));
}

/** The solution of a small system of linear equations, by elimination with pivots. */
function solved(matrix, right) {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const size = rows.length;
  for (let i = 0; i < size; i += 1) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = i + 1; k < size; k += 1) {
      const factor = rows[k][i] / rows[i][i];
      for (let j = i; j <= size; j += 1) rows[k][j] -= factor * rows[i][j];
    }
  }
  const solution = new Array(size);
  for (let i = size - 1; i >= 0; i -= 1) {
    const known = solution.slice(i + 1).reduce((all, each, k) => all + each * rows[i][i + 1 + k], 0);
    solution[i] = (rows[i][size] - known) / rows[i][i];
  }
  return solution;
}
