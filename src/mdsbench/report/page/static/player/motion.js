// From stored positions to pixels: one affine map for each run, straight lines between snapshots.

/** The view that shows bounds [x0, y0, x1, y1] whole in a box of pixels with a margin: y points up on the map. */
export function viewOf(bounds, width, height, margin) {
  const wide = Math.max(bounds[2] - bounds[0], 0);
  const high = Math.max(bounds[3] - bounds[1], 0);
  const scales = [(width - 2 * margin) / wide, (height - 2 * margin) / high].filter((s) => s > 0 && s < Infinity);
  const scale = scales.length ? Math.min(...scales) : 1;
  const centre = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  return { scale, left: width / 2 - scale * centre[0], top: height / 2 + scale * centre[1], width, height };
}

/** The box around the finite points of (n*2) positions, [x0, y0, x1, y1]; a box of size 2 where there is no extent. */
export function boundsOf(positions) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < positions.length; i += 2) {
    const [x, y] = [positions[i], positions[i + 1]];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  if (box[0] === Infinity) return [-1, -1, 1, 1];
  return box[2] > box[0] || box[3] > box[1] ? box : [box[0] - 1, box[1] - 1, box[0] + 1, box[1] + 1];
}

/** The mean of the finite points. */
export function centreOf(positions) {
  let [x, y, count] = [0, 0, 0];
  for (let i = 0; i + 1 < positions.length; i += 2) {
    if (!Number.isFinite(positions[i]) || !Number.isFinite(positions[i + 1])) continue;
    x += positions[i];
    y += positions[i + 1];
    count += 1;
  }
  return count ? [x / count, y / count] : [0, 0];
}

/**
 * The map [A, B, C, D, E, F] with pixel = (A x + C y + E, B x + D y + F). `own` is a 2x2 matrix by rows that acts
 * about the centre from the right, p' = (p - centre) @ own + centre, or null.
 */
export function affineOf(view, own, centre) {
  const [a, b, c, d] = own || [1, 0, 0, 1];
  const [x, y] = centre;
  const right = x - (x * a + y * c);
  const up = y - (x * b + y * d);
  const s = view.scale;
  return [s * a, -s * b, s * c, -s * d, s * right + view.left, -s * up + view.top];
}

/**
 * Writes the pixels of all points at a share of the way from a snapshot to the next one into `out` (n*2). At a
 * snapshot they are exactly the stored ones. A point without a position in the next snapshot stays; one without a
 * position is NaN.
 */
export function pixelsAt(positions, n, frame, share, affine, out) {
  const [A, B, C, D, E, F] = affine;
  const size = 2 * n;
  const here = frame * size;
  const next = share > 0 ? here + size : here;
  for (let i = 0; i < size; i += 2) {
    let x = positions[here + i];
    let y = positions[here + i + 1];
    if (share > 0) {
      const dx = positions[next + i] - x;
      const dy = positions[next + i + 1] - y;
      if (dx - dx === 0 && dy - dy === 0) {
        x += share * dx;
        y += share * dy;
      }
    }
    out[i] = A * x + C * y + E;
    out[i + 1] = B * x + D * y + F;
  }
  return out;
}
