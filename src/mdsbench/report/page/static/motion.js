// Positions along a run: whole numbers of 16 bits, differences along time.

import { bytesOfBase64, inflated } from "./packed.js";

const NOWHERE = -32768; // a position that is not a finite number

/** The positions of a trajectory, in the map's unit: frame f, point i at [2 (f n + i)] and the next; NaN if unknown. */
export async function unpackedMotion({ data, frames, points, scale, offset }) {
  const count = 2 * frames * points;
  const planes = await inflated(bytesOfBase64(data));
  if (planes.length !== 2 * count) throw new Error("a trajectory is not as long as it says");
  const positions = new Float32Array(count);
  const last = new Int16Array(2 * points);
  for (let k = 0, column = 0; k < count; k += 1) {
    const folded = planes[k] | (planes[count + k] << 8);
    const number = last[column] + ((folded >> 1) ^ -(folded & 1)); // the array wraps around at 16 bits
    last[column] = number;
    positions[k] = last[column] === NOWHERE ? NaN : last[column] * scale + offset[column & 1];
    column = column + 1 === 2 * points ? 0 : column + 1;
  }
  return positions;
}
