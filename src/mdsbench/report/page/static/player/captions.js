// What is said of a run at a place of the clock.

import { knownAt, trackEnd, typicalErrorOf } from "./track.js";
import { shortNumber } from "./numbers.js";

const PAST_ENDINGS = {
  target: "reached the target", budget: "used up its budget", converged: "stopped by itself", "gave-up": "gave up",
  interrupted: "was interrupted", diverged: "diverged", timeout: "ran out of time", memory: "ran out of memory",
  error: "failed with an error", killed: "was killed",
};
const CLOCK_UNITS = {
  iterations: ["iteration", "iterations"], evaluations: ["function value", "function values"],
  cost: ["function value of cost", "function values of cost"], seconds: ["second", "seconds"],
};

/** An amount on a clock in words: "1,240 iterations", "0.0123 seconds", "the start". */
export function amountText(amount, clock) {
  const whole = clock === "seconds" ? amount : Math.floor(amount * (1 + 1e-9));
  if (!(whole > 0)) return "the start";
  const [one, many] = CLOCK_UNITS[clock];
  return `${clock === "seconds" ? shortNumber(whole) : whole.toLocaleString("en-US")} ${whole === 1 ? one : many}`;
}

/** How a run ended, in words. */
export function endingText(ending) {
  return PAST_ENDINGS[ending] ?? `ended: ${ending}`;
}

/** The words under a map: amount, typical error or gap, and how it ended once it has ended. */
export function captionText(data, track, amount, start, clock) {
  if (!track.losses.length) return `no snapshots; ${endingText(data.runs.ending[track.run])}`;
  const known = knownAt(track, amount, start);
  const last = amount <= start ? 0 : Math.min(amount, trackEnd(track));
  const parts = [amountText(last, clock)];
  if (known.over) parts[0] = `${endingText(data.runs.ending[track.run])} after ${parts[0] === "the start" ? "nothing" : parts[0]}`;
  if (track.map && track.n > 1) {
    const error = typicalErrorOf(known.loss, track.n, track.map.unitLength);
    parts.push(`typical error ${shortNumber(error)}${track.map.unit && Number.isFinite(error) ? ` ${track.map.unit}` : ""}`);
  }
  parts.push(`gap ${shortNumber(known.gap)}`);
  return parts.join(" · ");
}

/** How far the followed point is from its true place at the shown pixels; "" where none is followed. */
export function followText(track, follow, scale) {
  if (!track.map || follow < 0 || follow >= track.n || !track.affine) return "";
  const [x, y] = [2 * follow, 2 * follow + 1];
  const away = Math.hypot(track.shown[x] - track.truePixels[x], track.shown[y] - track.truePixels[y]) / scale;
  const name = track.map.labels[follow] || `point ${follow + 1}`;
  if (!Number.isFinite(away)) return `${name} is nowhere`;
  const place = track.map.measured === false ? "its place in the best map found" : "its true place";
  return `${name} is ${shortNumber(away)}${track.map.unit ? ` ${track.map.unit}` : ""} from ${place}`;
}
