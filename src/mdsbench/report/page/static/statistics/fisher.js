// Fisher's exact test of two shares.

const ROUNDING = 1 + 1e-10; // of two probabilities that are the same

/** The two-sided p-value of the hypothesis that two shares are the same, from successes and runs of each side. */
export function fisherExact(successes, runs, others, otherRuns) {
  const total = successes + others;
  if (!total || total === runs + otherRuns) return 1;
  const logs = logFactorials(runs + otherRuns);
  const choose = (n, k) => logs[n] - logs[k] - logs[n - k];
  const logOf = (k) => choose(runs, k) + choose(otherRuns, total - k) - choose(runs + otherRuns, total);
  const seen = Math.exp(logOf(successes)) * ROUNDING;
  let p = 0;
  for (let k = Math.max(0, total - otherRuns); k <= Math.min(total, runs); k += 1) {
    const each = Math.exp(logOf(k));
    if (each <= seen) p += each;
  }
  return Math.min(1, p);
}

function logFactorials(most) {
  const logs = new Float64Array(most + 1);
  for (let k = 2; k <= most; k += 1) logs[k] = logs[k - 1] + Math.log(k);
  return logs;
}
