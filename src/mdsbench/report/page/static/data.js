// The data of the page: what the package wrote into the element #mdsbench-data, decoded.

import { unpackedColumn, unpackedDoubles, unpackedIndices, unpackedTexts } from "./packed.js";
import { unpackedMotion } from "./motion.js";

export const COUNTS = [
  "iterations", "evaluations", "gradients", "products", "parts", "pairs", "seconds", "comparisons", "directional",
];

const INDICES = ["solver", "problem", "start", "trial", "protocol", "trajectory"];
const TEXTS = ["key", "ending", "message"];
const KEPT_POSITIONS = 16_000_000; // numbers of decoded positions that are kept

/** Decode the data of a page. Resolves to the model that the player and the explorer read. */
export async function loadData(document) {
  const element = document.querySelector('script#mdsbench-data[type="application/json"]');
  if (!element) throw new Error("the page has no data");
  return decodedData(JSON.parse(element.textContent));
}

/** The model of a parsed payload. */
export async function decodedData(packed) {
  if (packed.format !== 1) throw new Error(`the data of the page have the format ${packed.format}`);
  const [runs, arrivals, traces, maps, lands, trajectories] = await Promise.all([
    decodedColumns(packed.runs, ["startLoss", "finalLoss", "dimension", "seed", ...COUNTS], INDICES, TEXTS, ["failed"]),
    decodedColumns(packed.arrivals, COUNTS, [], [], ["fate"]),
    decodedColumns(packed.traces, [...COUNTS, "loss"], ["first"], [], []),
    Promise.all(packed.maps.map(decodedMap)),
    Promise.all(packed.lands.map(decodedLand)),
    decodedTrajectories(packed.trajectories),
  ]);
  return { ...packed, runs, arrivals, traces, maps, lands, trajectories, positions: positionsOf(trajectories) };
}

async function decodedColumns(packed, doubles, indices, texts, bytes) {
  const kinds = [[doubles, unpackedDoubles], [indices, unpackedIndices], [texts, unpackedTexts], [bytes, unpackedColumn]];
  const columns = {};
  const decode = async (name, unpack) => {
    columns[name] = await unpack(packed[name]);
  };
  await Promise.all(kinds.flatMap(([names, unpack]) => names.map((name) => decode(name, unpack))));
  return columns;
}

async function decodedMap(packed) {
  const [labels, order, truth] = await Promise.all([
    unpackedTexts(packed.labels), unpackedIndices(packed.order), unpackedColumn(packed.truth),
  ]);
  return { ...packed, labels, order, truth: Float32Array.from(truth) };
}

async function decodedLand(packed) {
  const [lengths, steps] = await Promise.all([unpackedColumn(packed.lengths), unpackedIndices(packed.steps)]);
  for (let k = 2; k < steps.length; k += 1) steps[k] += steps[k - 2];
  const rings = [];
  let begin = 0;
  for (const length of lengths) {
    rings.push(Float32Array.from(steps.subarray(2 * begin, 2 * (begin + length)), (number) => number * packed.scale));
    begin += length;
  }
  return { rings, credit: packed.credit };
}

async function decodedTrajectories(packed) {
  const columns = await decodedColumns(packed, [...COUNTS, "loss"], [], [], []);
  let begin = 0;
  return packed.list.map((one) => {
    const end = begin + one.frames;
    const own = Object.entries(columns).map(([name, column]) => [name, column.subarray(begin, end)]);
    begin = end;
    return { ...one, ...Object.fromEntries(own) };
  });
}

/** `positions(j)`: the positions of a trajectory, decoded when they are asked for; those asked for last are kept. */
function positionsOf(trajectories) {
  const kept = new Map();
  return (j) => {
    const found = kept.get(j) ?? unpackedMotion(trajectories[j]);
    kept.delete(j);
    kept.set(j, found);
    let numbers = 0;
    for (const k of [...kept.keys()].reverse()) {
      numbers += 2 * trajectories[k].frames * trajectories[k].points;
      if (numbers > KEPT_POSITIONS && k !== j) kept.delete(k);
    }
    return found;
  };
}
