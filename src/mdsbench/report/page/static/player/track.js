// A run as the player sees it: what it spent, its gaps, and where its points are at an amount on the clock.

import { clockAmounts, locate } from "./clock.js";

/** The gap of a loss: 1 at the start of the run, 0 at the best known value; NaN if there is nothing to gain. */
export function gapOf(loss, startLoss, floor) {
  return startLoss === floor ? NaN : (loss - floor) / (startLoss - floor);
}

/** The root mean square error of a distance over all pairs of n points, in the map's unit. */
export function typicalErrorOf(loss, n, unitLength) {
  return n > 1 ? Math.sqrt(Math.max(loss, 0) / (n * (n - 1))) * unitLength : NaN;
}

/** A track of run r: amounts and gaps of its snapshots, or of its improvements where it has no snapshots. */
export function createTrack(data, r, clock, price) {
  const { runs, problems, solvers, maps, trajectories } = data;
  const problem = problems[runs.problem[r]];
  const j = runs.trajectory[r];
  const trajectory = j >= 0 ? trajectories[j] : null;
  const weight = price === "dimension" ? runs.dimension[r] : price;
  const table = trajectory || data.traces;
  const [from, to] = trajectory ? [0, trajectory.frames] : [data.traces.first[r], data.traces.first[r + 1]];
  const m = trajectory && trajectory.map >= 0 ? trajectory.map : problem.map;
  const n = trajectory ? trajectory.points : 0;
  const losses = table.loss.subarray(from, to);
  return {
    run: r, j, n, mapIndex: m, map: m >= 0 ? maps[m] : null, trajectory, problem,
    solver: solvers[runs.solver[r]],
    amounts: clockAmounts(table, from, to, clock, weight),
    spent: clockAmounts(runs, r, r + 1, clock, weight)[0],
    losses,
    gaps: Float64Array.from(losses, (loss) => gapOf(loss, runs.startLoss[r], problem.floor)),
    positions: null, affine: null,
    shown: new Float32Array(2 * n), tail: new Float32Array(2 * n),
    found: { frame: 0, share: 0 }, tailFound: { frame: 0, share: 0 },
  };
}

/** The amount at which a run is over: what it spent, or its last snapshot if that is later. */
export function trackEnd(track) {
  const { amounts, spent } = track;
  return Math.max(spent, amounts.length ? amounts[amounts.length - 1] : 0);
}

/** What is known of a run at an amount: snapshot, loss, gap, whether it is over. */
export function knownAt(track, amount, start) {
  const { frame } = locate(track.amounts, amount, start, { frame: 0, share: 0 });
  const over = amount * (1 + 1e-9) >= trackEnd(track);
  const at = over ? track.losses.length - 1 : frame;
  return { frame: at, loss: track.losses[at], gap: track.gaps[at], over };
}

/** The height of the gap curve at an amount, on straight lines between snapshots on two logarithmic axes. */
export function gapBetween(track, amount, start, least) {
  if (!track.gaps.length) return NaN;
  const { frame, share } = locate(track.amounts, amount, start, { frame: 0, share: 0 });
  const here = Math.max(track.gaps[frame], least);
  if (share === 0) return here;
  const next = Math.max(track.gaps[frame + 1], least);
  return Math.exp(Math.log(here) + share * (Math.log(next) - Math.log(here)));
}
