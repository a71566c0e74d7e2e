// Sums over arrays of numbers.

/** The sum of numbers, in pairs, so that rounding stays small. */
export function sum(numbers, from = 0, to = numbers.length) {
  if (to - from <= 64) {
    let total = 0;
    for (let k = from; k < to; k += 1) total += numbers[k];
    return total;
  }
  const middle = (from + to) >> 1;
  return sum(numbers, from, middle) + sum(numbers, middle, to);
}

/** The mean of numbers. */
export function mean(numbers) {
  return sum(numbers) / numbers.length;
}

/** The median of numbers; NaN of none. */
export function median(numbers) {
  if (!numbers.length) return NaN;
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
