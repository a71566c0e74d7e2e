// The clock of the player: what each snapshot of a run has spent, and which snapshots an amount lies between.

export const CLOCKS = ["iterations", "evaluations", "cost", "seconds"];
const SAME_AMOUNT = 1e-9; // relative: amounts that differ by less are one amount

/** The amounts on a clock of entries from..to of a table with the counts of an account; they never fall. */
export function clockAmounts(table, from, to, clock, price) {
  const amounts = new Float64Array(to - from);
  let last = 0;
  for (let k = 0; k < amounts.length; k += 1) {
    const amount = spentAt(table, from + k, clock, price);
    if (amount > last && amount < Infinity) last = amount;
    amounts[k] = last;
  }
  return amounts;
}

function spentAt(table, k, clock, price) {
  if (clock !== "cost") return table[clock][k];
  const directional = table.directional ? table.directional[k] : 0;
  const free = price === 0 ? 0 : price * (table.gradients[k] + table.parts[k] + table.products[k]);
  return table.evaluations[k] + free + directional;
}

/** Where a logarithmic axis, which has no zero, shows the start: at half of the least positive amount of all runs. */
export function clockStart(amountsOfRuns) {
  let least = Infinity;
  for (const amounts of amountsOfRuns) {
    const first = amounts.find((amount) => amount > 0);
    if (first !== undefined && first < least) least = first;
  }
  return least < Infinity ? least / 2 : 0.5;
}

/** The end of the axis: what the longest run spent. It is never at the start. */
export function clockEnd(amountsOfRuns, start) {
  const ends = amountsOfRuns.map((amounts) => (amounts.length ? amounts[amounts.length - 1] : 0));
  return Math.max(2 * start, ...ends);
}

/** The amount at a place 0..1 of the axis. */
export function amountAt(place, start, end) {
  if (place <= 0) return start;
  if (place >= 1) return end;
  return start * Math.exp(place * Math.log(end / start));
}

/** The place 0..1 of an amount on the axis. */
export function placeOf(amount, start, end) {
  if (amount <= start) return 0;
  if (amount >= end) return 1;
  return Math.log(amount / start) / Math.log(end / start);
}

/**
 * Sets `found.frame` to the last snapshot at or before an amount and `found.share` to the part 0..1 of the way to the
 * next one, evenly in the logarithm of the amount. What lies below `start` stands there.
 */
export function locate(amounts, amount, start, found) {
  const frame = lastAtMost(amounts, amount * (1 + SAME_AMOUNT), start);
  found.frame = Math.max(frame, 0);
  found.share = 0;
  if (frame < 0 || frame >= amounts.length - 1) return found;
  const before = Math.max(amounts[frame], start);
  const share = Math.log(amount / before) / Math.log(amounts[frame + 1] / before);
  found.share = share > SAME_AMOUNT ? Math.min(share, 1) : 0;
  return found;
}

function lastAtMost(amounts, amount, start) {
  let [low, high] = [-1, amounts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (Math.max(amounts[middle], start) <= amount) low = middle;
    else high = middle;
  }
  return low;
}

/** The next amount after (way = 1) or before (way = -1) at which any run has a snapshot; the end of the axis if none. */
export function neighbour(amountsOfRuns, amount, way, start, end) {
  let nearest = way > 0 ? end : start;
  for (const amounts of amountsOfRuns) {
    for (const other of amounts) {
      if (way > 0 && other > amount * (1 + SAME_AMOUNT) && other < nearest) nearest = other;
      if (way < 0 && other < amount * (1 - SAME_AMOUNT) && other > nearest) nearest = other;
    }
  }
  return nearest;
}
