// The normal distribution to about 1e-14, from the series and the continued fraction of the error function.

const SERIES_UP_TO = 2.0; // beyond it the continued fraction converges faster
const QUANTILES_OF_NORMAL = new Map();

/** The complementary error function, 1 - erf(x). */
export function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  return x < SERIES_UP_TO ? 1 - erfBySeries(x) : scaledErfc(x) * Math.exp(-x * x);
}

/** The logarithm of the probability that a standard normal number is less than x; it does not underflow. */
export function logNormalCdf(x) {
  if (x > 0) return Math.log1p(-erfc(x * Math.SQRT1_2) / 2);
  const z = -x * Math.SQRT1_2;
  return z < SERIES_UP_TO ? Math.log(erfc(z) / 2) : Math.log(scaledErfc(z) / 2) - z * z;
}

/** The bound b for which |z| <= b has the probability `level`. */
export function normalQuantile(level) {
  if (!QUANTILES_OF_NORMAL.has(level)) QUANTILES_OF_NORMAL.set(level, findNormalQuantile((1 - level) / 2));
  return QUANTILES_OF_NORMAL.get(level);
}

/** Newton's method on the tail, which is convex, from the left. */
function findNormalQuantile(tail) {
  let z = 0;
  for (let k = 0; k < 200; k += 1) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const step = (erfc(z * Math.SQRT1_2) / 2 - tail) / density;
    z += step;
    if (Math.abs(step) <= 1e-15 * z) break;
  }
  return z;
}

function erfBySeries(x) {
  let term = x;
  let sum = x;
  for (let k = 1; term > 1e-17 * sum; k += 1) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return ((2 * sum) / Math.sqrt(Math.PI)) * Math.exp(-x * x);
}

/** erfc(x) exp(x^2) for x >= 2, by Lentz's evaluation of its continued fraction. */
function scaledErfc(x) {
  let value = x;
  let c = x;
  let d = 0;
  for (let k = 1; k < 500; k += 1) {
    d = 1 / (x + (k / 2) * d);
    c = x + k / 2 / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return 1 / (value * Math.sqrt(Math.PI));
}
