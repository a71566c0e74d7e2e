// Many moving points at once: stamps of a dot, or dots written pixel by pixel where there are hundreds.

export const PIXELS_FROM = 300; // points
const STAMPS = new Map();
const OPAQUE_BELOW = 0x00ffffff; // the colour of a word without its alpha

/** The radius of a point of a map with n points, in CSS pixels. */
export function pointRadius(n, width) {
  const base = n <= 60 ? 5 : n <= 300 ? 3.5 : n <= 2000 ? 2.2 : 0.6;
  return width < 420 ? Math.max(0.6, 0.8 * base) : base;
}

/** A picture of a dot with a thin rim, drawn once for each look. */
export function stampOf(colour, rim, radius, pixels) {
  const key = `${colour} ${rim} ${radius} ${pixels}`;
  const known = STAMPS.get(key);
  if (known) return known;
  const size = 2 * Math.ceil(radius + 2);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(size * pixels);
  const ctx = canvas.getContext("2d");
  ctx.scale(pixels, pixels);
  ctx.beginPath();
  ctx.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.fill();
  if (radius > 2) {
    ctx.strokeStyle = rim;
    ctx.lineWidth = 1;
    ctx.stroke();
  }
  const stamp = { canvas, size };
  if (STAMPS.size > 60) STAMPS.clear();
  STAMPS.set(key, stamp);
  return stamp;
}

/** Draws the points of (n*2) pixel positions with a stamp; those that are nowhere are left out. */
export function drawPoints(ctx, shown, n, stamp) {
  const { canvas, size } = stamp;
  const half = size / 2;
  for (let i = 0; i < n; i += 1) {
    const x = shown[2 * i];
    const y = shown[2 * i + 1];
    if (x > -1e5 && x < 1e5 && y > -1e5 && y < 1e5) ctx.drawImage(canvas, x - half, y - half, size, size);
  }
}

/** A canvas of a stage whose pixels are written one by one, in the place of thousands of calls. */
export function createPixels(canvas) {
  const ctx = canvas.getContext("2d", { willReadFrequently: true });
  const image = ctx.createImageData(canvas.width, canvas.height);
  return { canvas, ctx, image, words: new Uint32Array(image.data.buffer) };
}

/** The screen pixels of a dot about its middle: `dx`, `dy` and `words` (colour and how much of the pixel it covers). */
export function pixelDot(colour, radius, ratio) {
  const word = colourWord(colour) & OPAQUE_BELOW;
  const [dx, dy, words] = [[], [], []];
  const r = Math.max(radius * ratio, 0.6);
  const reach = Math.ceil(r);
  for (let y = -reach; y <= reach; y += 1) {
    for (let x = -reach; x <= reach; x += 1) {
      const cover = Math.min(1, Math.max(0, r + 0.5 - Math.hypot(x, y)));
      if (cover < 0.15) continue;
      dx.push(x);
      dy.push(y);
      words.push((word | (Math.round(255 * cover) << 24)) >>> 0);
    }
  }
  return { dx: Int32Array.from(dx), dy: Int32Array.from(dy), words: Uint32Array.from(words), reach };
}

/** Writes points as dots into the pixels; a dot that is not wholly inside is left out. */
export function writePixels(pixels, shown, n, ratio, dot) {
  const { width, height } = pixels.canvas;
  const { words } = pixels;
  const { reach } = dot;
  const size = dot.words.length;
  for (let i = 0; i < n; i += 1) {
    const x = Math.round(shown[2 * i] * ratio - 0.5);
    const y = Math.round(shown[2 * i + 1] * ratio - 0.5);
    if (!(x >= reach && y >= reach && x < width - reach && y < height - reach)) continue;
    const middle = y * width + x;
    for (let k = 0; k < size; k += 1) {
      const at = middle + dot.dy[k] * width + dot.dx[k];
      const word = dot.words[k];
      if (word >>> 24 >= words[at] >>> 24) words[at] = word;
    }
  }
}

/** A colour #rrggbb as a word of an image, opaque. */
export function colourWord(colour) {
  const number = parseInt(colour.slice(1, 7), 16) || 0;
  const bytes = new Uint8Array([number >> 16, (number >> 8) & 255, number & 255, 255]);
  return new Uint32Array(bytes.buffer)[0];
}
