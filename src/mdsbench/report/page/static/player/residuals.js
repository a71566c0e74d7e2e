// The pairs of points whose distances are most wrong.

const PAIRS_LOOKED_AT = 40000; // looked at in one picture
const LEAST_ERROR = 0.005; // of the map's diagonal: smaller errors are not shown

/** Room for the worst pairs: `count` of them, with ends `first`, `second` and `error` (shown minus true distance). */
export function worstPairsRoom(most) {
  return { count: 0, first: new Int32Array(most), second: new Int32Array(most), error: new Float64Array(most), most };
}

/**
 * Finds the pairs of the n points of a snapshot (positions from `offset` on) whose distance differs most from that in
 * `truth`, at least by `least`. Of many points, each is compared with the same evenly spaced others every time.
 */
export function worstPairs(positions, offset, truth, n, least, room) {
  room.count = 0;
  const steps = Math.max(1, Math.min(n - 1, Math.floor((2 * PAIRS_LOOKED_AT) / Math.max(n, 1))));
  const whole = steps >= n - 1;
  for (let i = 0; i < n; i += 1) {
    const last = whole ? n - 1 - i : Math.ceil(steps / 2);
    for (let s = 1; s <= last; s += 1) {
      const j = whole ? i + s : (i + Math.max(1, Math.floor((s * (n / 2)) / last))) % n;
      const dx = positions[offset + 2 * i] - positions[offset + 2 * j];
      const dy = positions[offset + 2 * i + 1] - positions[offset + 2 * j + 1];
      const tx = truth[2 * i] - truth[2 * j];
      const ty = truth[2 * i + 1] - truth[2 * j + 1];
      const error = Math.sqrt(dx * dx + dy * dy) - Math.sqrt(tx * tx + ty * ty);
      const size = error < 0 ? -error : error;
      if (!(size >= least) || size === Infinity) continue;
      if (room.count < room.most) liftPair(room, i, j, error);
      else if (size > Math.abs(room.error[0])) sinkPair(room, i, j, error);
    }
  }
  return room;
}

/** The least error that is shown on a map with these bounds. */
export function leastError(bounds) {
  return LEAST_ERROR * Math.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1]);
}

// A heap by the size of the error, the smallest first.
function liftPair(room, i, j, error) {
  let k = room.count;
  room.count += 1;
  while (k > 0) {
    const parent = (k - 1) >> 1;
    if (Math.abs(room.error[parent]) <= Math.abs(error)) break;
    movePair(room, parent, k);
    k = parent;
  }
  putPair(room, k, i, j, error);
}

function sinkPair(room, i, j, error) {
  let k = 0;
  for (;;) {
    let child = 2 * k + 1;
    if (child >= room.count) break;
    if (child + 1 < room.count && Math.abs(room.error[child + 1]) < Math.abs(room.error[child])) child += 1;
    if (Math.abs(room.error[child]) >= Math.abs(error)) break;
    movePair(room, child, k);
    k = child;
  }
  putPair(room, k, i, j, error);
}

function movePair(room, from, to) {
  putPair(room, to, room.first[from], room.second[from], room.error[from]);
}

function putPair(room, k, i, j, error) {
  room.first[k] = i;
  room.second[k] = j;
  room.error[k] = error;
}

/** The place in the room of the largest error; -1 if it is empty. */
export function worstOf(room) {
  let worst = -1;
  for (let k = 0; k < room.count; k += 1) {
    if (worst < 0 || Math.abs(room.error[k]) > Math.abs(room.error[worst])) worst = k;
  }
  return worst;
}

/** Draws the pairs as lines between shown points: solid where they are too far apart, dashed where too close. */
export function drawResiduals(ctx, room, shown, theme) {
  for (const tooLong of [true, false]) {
    ctx.beginPath();
    for (let k = 0; k < room.count; k += 1) {
      if (room.error[k] > 0 !== tooLong) continue;
      const [i, j] = [2 * room.first[k], 2 * room.second[k]];
      ctx.moveTo(shown[i], shown[i + 1]);
      ctx.lineTo(shown[j], shown[j + 1]);
    }
    ctx.strokeStyle = tooLong ? theme.tooLong : theme.tooShort;
    ctx.setLineDash(tooLong ? [] : [5, 4]);
    ctx.lineWidth = 1.25;
    ctx.globalAlpha = 0.75;
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}
