// Student's t for whole degrees of freedom, to about 1e-13.
import { normalQuantile } from "./normal.js";

const STUDENT_QUANTILES = new Map();
const RATIOS_OF_GAMMA = [NaN, 1 / Math.sqrt(Math.PI)]; // entry v: gamma((v + 1) / 2) / gamma(v / 2)
const MANY_DEGREES = 400;

/** The probability that Student's t with so many degrees of freedom is greater than t. */
export function studentTail(t, freedom) {
  if (t < 0) return 1 - studentTail(-t, freedom);
  if (t === Infinity) return 0;
  const square = t * t;
  const x = freedom / (freedom + square);
  if (square < 2) {
    const central = incompleteBeta(square / (freedom + square), 0.5, freedom / 2, t, freedom);
    return 0.5 - central / 2;
  }
  return incompleteBeta(x, freedom / 2, 0.5, t, freedom) / 2;
}

/** The bound b for which |t| <= b has the probability `level`. */
export function studentQuantile(level, freedom) {
  const name = `${level} ${freedom}`;
  if (!STUDENT_QUANTILES.has(name)) STUDENT_QUANTILES.set(name, findStudentQuantile(level, freedom));
  return STUDENT_QUANTILES.get(name);
}

/** Newton's method on the tail, which is convex, from the normal quantile, which is on its left. */
function findStudentQuantile(level, freedom) {
  if (!(freedom > 0)) return NaN;
  const tail = (1 - level) / 2;
  let t = normalQuantile(level);
  for (let k = 0; k < 200; k += 1) {
    const step = (studentTail(t, freedom) - tail) / studentDensity(t, freedom);
    t += step;
    if (Math.abs(step) <= 1e-15 * t) break;
  }
  return t;
}

function studentDensity(t, freedom) {
  const power = Math.exp((-(freedom + 1) / 2) * Math.log1p((t * t) / freedom));
  return (ratioOfGamma(freedom) / Math.sqrt(freedom * Math.PI)) * power;
}

/** The regularised incomplete beta function, of which one parameter is 1/2, by its continued fraction. */
function incompleteBeta(x, a, b, t, freedom) {
  if (x <= 0) return 0;
  // x^a (1-x)^b / B(a, b), with x = v / (v + t^2) or its complement: the same product for both
  const power = Math.exp((-freedom / 2) * Math.log1p((t * t) / freedom)) * (t / Math.sqrt(freedom + t * t));
  const front = (power * ratioOfGamma(freedom)) / Math.sqrt(Math.PI);
  let c = 1;
  let d = 1 / fromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 1000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / fromZero(1 + even * d);
    c = fromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / fromZero(1 + odd * d);
    c = fromZero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (front * value) / a;
}

function fromZero(number) {
  return Math.abs(number) < 1e-300 ? 1e-300 : number;
}

/** gamma((v + 1) / 2) / gamma(v / 2): by its recurrence, for many degrees by its asymptotic series. */
function ratioOfGamma(freedom) {
  if (freedom > MANY_DEGREES) {
    const y = 2 / freedom;
    const series = 1 - y / 8 + y ** 2 / 128 + (5 * y ** 3) / 1024 - (21 * y ** 4) / 32768;
    return Math.sqrt(freedom / 2) * series;
  }
  for (let v = RATIOS_OF_GAMMA.length; v <= freedom; v += 1) RATIOS_OF_GAMMA.push((v - 1) / 2 / RATIOS_OF_GAMMA[v - 1]);
  return RATIOS_OF_GAMMA[freedom];
}
