// Columns of numbers and texts as the Python package packs them: byte planes, raw deflate, base64.

const ARRAYS = { u1: Uint8Array, u2: Uint16Array, i4: Int32Array, f4: Float32Array, f8: Float64Array };

/** The bytes of a base64 text. */
export function bytesOfBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k += 1) bytes[k] = letters.charCodeAt(k);
  return bytes;
}

/** Inflate raw deflate; resolves to a Uint8Array. */
export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The bytes of `count` items of `size` bytes each, from planes that hold the first bytes, the second bytes and so on. */
export function joinedPlanes(planes, size, count) {
  const bytes = new Uint8Array(size * count);
  for (let plane = 0; plane < size; plane += 1) {
    const begin = plane * count;
    for (let k = 0, at = plane; k < count; k += 1, at += size) bytes[at] = planes[begin + k];
  }
  return bytes;
}

/** A column of numbers as a typed array of its own type. */
export async function unpackedColumn(column) {
  const Numbers = ARRAYS[column.type];
  if (!Numbers) throw new Error(`a column has the type ${column.type}`);
  const planes = await inflated(bytesOfBase64(column.data));
  const size = Numbers.BYTES_PER_ELEMENT;
  if (planes.length !== size * column.length) throw new Error("a column is not as long as it says");
  return new Numbers(joinedPlanes(planes, size, column.length).buffer);
}

/** A column of counts or losses as doubles. */
export async function unpackedDoubles(column) {
  return Float64Array.from(await unpackedColumn(column));
}

/** A column of indices; -1 is none. */
export async function unpackedIndices(column) {
  return Int32Array.from(await unpackedColumn(column));
}

/** Texts that were packed, each as often as it occurs: `{words, at}`, or a deflated JSON array `{json}`. */
export async function unpackedTexts(packed) {
  if (packed.json !== undefined) {
    return JSON.parse(new TextDecoder().decode(await inflated(bytesOfBase64(packed.json))));
  }
  return Array.from(await unpackedColumn(packed.at), (k) => packed.words[k]);
}
