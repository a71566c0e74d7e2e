// Lines as paths: straight, or in steps, with no more points than there are pixels.

import { pixel } from "./svg.js";

/** Points [[x, y], ...] in pixels; of a line in steps only those that a pixel can tell apart. */
export function thinned(points, steps) {
  if (!steps) return points;
  const kept = [];
  for (const point of points) {
    const last = kept[kept.length - 1];
    if (last && kept.length > 1 && Math.abs(point[0] - last[0]) < 0.5) kept[kept.length - 1] = point;
    else kept.push(point);
  }
  return kept;
}

/** The path of points in pixels; a line in steps keeps its height until the next point. */
export function pathOf(points, steps) {
  const parts = [];
  points.forEach(([x, y], k) => {
    if (!k) parts.push(`M${pixel(x)},${pixel(y)}`);
    else if (steps) parts.push(`H${pixel(x)}V${pixel(y)}`);
    else parts.push(`L${pixel(x)},${pixel(y)}`);
  });
  return parts.join("");
}
