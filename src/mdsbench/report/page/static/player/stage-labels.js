// The names on a stage: how large, how many, and how wide each is.

import { drawLabels, labelRoom, placeLabels, shortened } from "./labels.js";

const LABEL_SIZES = { none: 13, some: 13, large: 21 }; // pixels
const LABELS_AT_MOST = 40;
const LABELS_OF_MANY = 24; // on maps of more than 300 points
const LABELS_CONSIDERED = 60;
const LABEL_LENGTH = 24; // characters

/** Room for the labels of a map with n points, in the order in which its names matter. */
export function createStageLabels(map, n) {
  const many = n > 300;
  const order = map.order && map.order.length === n ? map.order : Int32Array.from({ length: n }, (_, i) => i);
  return {
    room: labelRoom(n, many ? LABELS_OF_MANY : LABELS_AT_MOST),
    considered: many ? LABELS_CONSIDERED : Math.min(n, 3 * LABELS_CONSIDERED),
    order, texts: new Array(n).fill(""), widths: new Float32Array(n).fill(-1), font: "", named: map.labels,
    layout: { n, follow: -1, considered: 0, order, widths: null, lineHeight: 0, gap: 0, radius: 0, width: 0, height: 0 },
  };
}

/** Places and draws the names of the first run of a stage. */
export function drawStageLabels(stage, size) {
  const { labels, layers, tracks, theme } = stage;
  const ctx = layers.moving;
  const pixels = LABEL_SIZES[size] * (layers.width < 420 ? 0.9 : 1);
  const font = `${size === "large" ? "600 " : ""}${pixels}px ${theme.font}`;
  const { layout } = labels;
  layout.considered = size === "none" ? 0 : Math.min(labels.considered, layout.n);
  if (labels.font !== font) {
    labels.font = font;
    labels.widths.fill(-1);
  }
  for (let k = 0; k < layout.considered; k += 1) measureLabel(ctx, labels, labels.order[k]);
  layout.follow = stage.follow < layout.n ? stage.follow : -1;
  if (layout.follow >= 0) measureLabel(ctx, labels, layout.follow);
  layout.widths = labels.widths;
  layout.lineHeight = 1.2 * pixels;
  layout.gap = stage.radius + 3;
  layout.radius = stage.radius;
  layout.width = layers.width;
  layout.height = layers.height;
  placeLabels(labels.room, tracks[0].shown, layout);
  drawLabels(ctx, labels.room, labels.texts, theme, font, layout.lineHeight);
}

function measureLabel(ctx, labels, i) {
  if (labels.widths[i] >= 0) return;
  ctx.font = labels.font;
  labels.texts[i] = shortened(String(labels.named[i] ?? ""), LABEL_LENGTH);
  labels.widths[i] = ctx.measureText(labels.texts[i]).width;
}
