// The way that points have come lately: a pure function of the run and the time.

const TRAIL_SHARE = 0.18; // of the logarithmic axis of the clock
const TRAIL_SEGMENTS = 24;
const TRAIL_MOST = 6000; // segments in one picture
const TRAIL_FADES = [0.18, 0.38, 0.65];

/** How far back a trail reaches: the amount divided by a fixed factor of the axis. */
export function trailBegin(amount, start, end) {
  return Math.max(start, amount * Math.exp(-TRAIL_SHARE * Math.log(end / start)));
}

/** How many segments the trail of one of n points has at most; 0 if there is no room for trails. */
export function trailLength(n) {
  return Math.min(TRAIL_SEGMENTS, Math.floor(TRAIL_MOST / Math.max(n, 1)));
}

/**
 * Writes the snapshots strictly after `first` up to `last` into `out`, at most `most`, and returns how many. Where
 * there are more, every 2nd, 4th, ... by their own number, so that a corner of a trail stays where it is.
 */
export function trailFrames(first, last, most, out) {
  let stride = 1;
  while (Math.floor(last / stride) - Math.floor(first / stride) > most) stride *= 2;
  let count = 0;
  for (let frame = (Math.floor(first / stride) + 1) * stride; frame <= last; frame += stride) {
    out[count] = frame;
    count += 1;
  }
  return count;
}

/**
 * Draws the trails of the points of a track from its pixels `tail` over the given snapshots to `shown`, fading
 * towards the tail; one path for each of three shades.
 */
export function drawTrails(ctx, track, frames, count, colour, only) {
  const { n, positions, affine, tail, shown } = track;
  const [A, B, C, D, E, F] = affine;
  const from = only < 0 ? 0 : only;
  const to = only < 0 ? n : only + 1;
  ctx.strokeStyle = colour;
  ctx.lineWidth = n > 200 ? 1 : 1.5;
  ctx.lineJoin = "round";
  const corners = count + 2; // the tail, the snapshots, the head
  for (let part = 0; part < TRAIL_FADES.length; part += 1) {
    const begin = Math.floor((part * (corners - 1)) / TRAIL_FADES.length);
    const end = Math.floor(((part + 1) * (corners - 1)) / TRAIL_FADES.length);
    if (end === begin) continue;
    ctx.globalAlpha = TRAIL_FADES[part];
    ctx.beginPath();
    for (let i = from; i < to; i += 1) {
      let pen = false;
      for (let c = begin; c <= end; c += 1) {
        let x = 0;
        let y = 0;
        if (c === 0) {
          x = tail[2 * i];
          y = tail[2 * i + 1];
        } else if (c === corners - 1) {
          x = shown[2 * i];
          y = shown[2 * i + 1];
        } else {
          const k = 2 * (frames[c - 1] * n + i);
          x = A * positions[k] + C * positions[k + 1] + E;
          y = B * positions[k] + D * positions[k + 1] + F;
        }
        if (!(x - x === 0) || !(y - y === 0)) pen = false;
        else if (pen) ctx.lineTo(x, y);
        else {
          ctx.moveTo(x, y);
          pen = true;
        }
      }
    }
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}
