// Names beside moving points that keep out of each other's way, and stay on their side as long as it is free.

// The eight sides of a point: how much of the label's width and height lies left of and above it, and the way out.
const LABEL_SIDES = [
  [0, -0.5, 1, 0],
  [-1, -0.5, -1, 0],
  [0, -1, 0.7, -0.7],
  [0, 0, 0.7, 0.7],
  [-1, -1, -0.7, -0.7],
  [-1, 0, -0.7, 0.7],
  [-0.5, -1, 0, -1],
  [-0.5, 0, 0, 1],
];
export const LABEL_HIDDEN = -1;
const LABEL_MARGIN = 5; // pixels of free room around a label that was not there before
const LABELS_CLEAR_OF = 150; // up to so many points, labels keep clear of all of them

/** Room for the labels of n points: the side of each (or LABEL_HIDDEN), before and now, and boxes of at most `most`. */
export function labelRoom(n, most) {
  const hidden = () => new Int8Array(n).fill(LABEL_HIDDEN);
  return { before: hidden(), sides: hidden(), boxes: new Float32Array(4 * most), indices: new Int32Array(most), count: 0, most };
}

/**
 * Places labels, greedily: the followed point first, then those that have a label, then the others, each group in the
 * order of the map, at most the first `considered`. `room.sides` says where each stands, `room.indices` and
 * `room.boxes` (x, y, width, height) which and where. A label keeps its side if that is free.
 */
export function placeLabels(room, shown, layout) {
  const swap = room.before;
  room.before = room.sides;
  room.sides = swap;
  room.sides.fill(LABEL_HIDDEN);
  room.count = 0;
  const { n, follow, considered, order } = layout;
  if (follow >= 0 && follow < n) tryLabel(room, shown, layout, follow, 0, true);
  for (let k = 0; k < considered; k += 1) {
    const i = order[k];
    if (i !== follow && room.before[i] !== LABEL_HIDDEN) tryLabel(room, shown, layout, i, 0, false);
  }
  for (let k = 0; k < considered; k += 1) {
    const i = order[k];
    if (i !== follow && room.before[i] === LABEL_HIDDEN) tryLabel(room, shown, layout, i, LABEL_MARGIN, false);
  }
  return room;
}

function tryLabel(room, shown, layout, i, margin, must) {
  const x = shown[2 * i];
  const y = shown[2 * i + 1];
  if (room.count >= room.most || !(x >= 0 && x <= layout.width && y >= 0 && y <= layout.height)) return;
  const kept = room.before[i];
  if (kept !== LABEL_HIDDEN && labelFits(room, shown, layout, i, kept, margin)) return takeLabel(room, i, kept);
  for (let side = 0; side < LABEL_SIDES.length; side += 1) {
    if (side !== kept && labelFits(room, shown, layout, i, side, margin)) return takeLabel(room, i, side);
  }
  if (must) {
    boxLabel(room, layout, x, y, i, 0);
    if (room.boxes[4 * room.count] + layout.widths[i] > layout.width) boxLabel(room, layout, x, y, i, 1);
    takeLabel(room, i, 0);
  }
}

function boxLabel(room, layout, x, y, i, side) {
  const [left, up, outX, outY] = LABEL_SIDES[side];
  const k = 4 * room.count;
  room.boxes[k] = x + outX * layout.gap + left * layout.widths[i];
  room.boxes[k + 1] = y + outY * layout.gap + up * layout.lineHeight;
  room.boxes[k + 2] = layout.widths[i];
  room.boxes[k + 3] = layout.lineHeight;
}

function takeLabel(room, i, side) {
  room.sides[i] = side;
  room.indices[room.count] = i;
  room.count += 1;
}

function labelFits(room, shown, layout, i, side, margin) {
  boxLabel(room, layout, shown[2 * i], shown[2 * i + 1], i, side);
  const { boxes, count } = room;
  const k = 4 * count;
  const [left, top] = [boxes[k] - margin, boxes[k + 1] - margin];
  const [right, bottom] = [boxes[k] + boxes[k + 2] + margin, boxes[k + 1] + boxes[k + 3] + margin];
  if (boxes[k] < 2 || boxes[k + 1] < 2) return false;
  if (right - margin > layout.width - 2 || bottom - margin > layout.height - 2) return false;
  for (let other = 0; other < k; other += 4) {
    if (
      left < boxes[other] + boxes[other + 2] &&
      boxes[other] < right &&
      top < boxes[other + 1] + boxes[other + 3] &&
      boxes[other + 1] < bottom
    ) {
      return false;
    }
  }
  if (layout.n > LABELS_CLEAR_OF) return true;
  const r = layout.radius;
  for (let j = 0; j < layout.n; j += 1) {
    const x = shown[2 * j];
    const y = shown[2 * j + 1];
    if (j !== i && x > left - r && x < right + r && y > top - r && y < bottom + r) return false;
  }
  return true;
}

/** A name cut to at most `most` characters as a reader counts them. */
export function shortened(name, most) {
  const characters = Array.from(name);
  return characters.length > most ? `${characters.slice(0, most - 1).join("").trimEnd()}…` : name;
}

/** Draws the placed labels with a halo. */
export function drawLabels(ctx, room, texts, theme, font, height) {
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3;
  ctx.strokeStyle = theme.halo;
  ctx.fillStyle = theme.ink;
  for (let k = 0; k < room.count; k += 1) {
    const text = texts[room.indices[k]];
    const x = room.boxes[4 * k];
    const y = room.boxes[4 * k + 1] + height / 2;
    ctx.strokeText(text, x, y);
    ctx.fillText(text, x, y);
  }
}
