// Where a function of one number is zero.

const NEAREST_ROOT = 1e-6; // from where to where the logarithm of a ratio is looked for
const FARTHEST_ROOT = 40.0;

/** A zero between two numbers at which the function has different signs (Brent 1973). */
export function brent(f, from, to, tolerance = 1e-10) {
  let [previous, current] = [from, to];
  let [fPrevious, fCurrent] = [f(from), f(to)];
  if (fPrevious === 0) return from;
  if (fCurrent === 0) return to;
  let [other, fOther, step, last] = [previous, fPrevious, current - previous, current - previous];
  for (let k = 0; k < 200; k += 1) {
    if (fCurrent > 0 === fOther > 0) [other, fOther, step, last] = [previous, fPrevious, current - previous, current - previous];
    if (Math.abs(fOther) < Math.abs(fCurrent)) {
      [previous, current, other] = [current, other, current];
      [fPrevious, fCurrent, fOther] = [fCurrent, fOther, fCurrent];
    }
    const near = (tolerance + tolerance * Math.abs(current)) / 2;
    const half = (other - current) / 2;
    if (fCurrent === 0 || Math.abs(half) < near) return current;
    let next = half;
    if (Math.abs(last) > near && Math.abs(fCurrent) < Math.abs(fPrevious)) {
      const guess = interpolated(previous, current, other, fPrevious, fCurrent, fOther);
      if (2 * Math.abs(guess) < Math.min(Math.abs(last), 3 * Math.abs(half) - near)) next = guess;
    }
    [last, step] = [next === half ? half : step, next];
    [previous, fPrevious] = [current, fCurrent];
    current += Math.abs(step) > near ? step : Math.sign(half) * near;
    fCurrent = f(current);
  }
  return current;
}

/** The step to the zero of the line, or of the inverse parabola, through the last points. */
function interpolated(previous, current, other, fPrevious, fCurrent, fOther) {
  if (previous === other) return (-fCurrent * (current - previous)) / (fCurrent - fPrevious);
  const slope = (fPrevious - fCurrent) / (previous - current);
  const otherSlope = (fOther - fCurrent) / (other - current);
  const divided = slope * otherSlope * (fOther - fPrevious);
  return (-fCurrent * (fOther * otherSlope - fPrevious * slope)) / divided;
}

/** Where a function that is not positive at 0 first becomes positive, perhaps near `near`; null if nowhere. */
export function firstRoot(excess, near) {
  let [low, high] = [0, Math.max(near / 4, NEAREST_ROOT)];
  while (excess(high) < 0) {
    if (high > FARTHEST_ROOT) return null;
    [low, high] = [high, 1.5 * high];
  }
  return brent(excess, low, high);
}
