// Many moving points at once: stamps of a dot, or single pixels where there are thousands.

export const PIXELS_FROM = 5000; // points
const STAMPS = new Map();

/** The radius of a point of a map with n points, in CSS pixels. */
export function pointRadius(n, width) {
  const base = n <= 60 ? 5 : n <= 300 ? 3.5 : n <= 2000 ? 2.2 : 1;
  return width < 420 ? Math.max(1, 0.8 * base) : base;
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

/** A picture of single pixels as large as a layer. */
export function createPixels(layers) {
  const canvas = document.createElement("canvas");
  canvas.width = layers.canvas.width;
  canvas.height = layers.canvas.height;
  const ctx = canvas.getContext("2d");
  const image = ctx.createImageData(canvas.width, canvas.height);
  return { canvas, ctx, image, words: new Uint32Array(image.data.buffer) };
}

/** Writes points as squares of `side` screen pixels into the picture. */
export function writePixels(pixels, shown, n, ratio, side, word) {
  const { width, height } = pixels.canvas;
  const { words } = pixels;
  for (let i = 0; i < n; i += 1) {
    const x = Math.round(shown[2 * i] * ratio);
    const y = Math.round(shown[2 * i + 1] * ratio);
    if (!(x >= 0 && y >= 0 && x + side <= width && y + side <= height)) continue;
    for (let row = 0; row < side; row += 1) {
      const at = (y + row) * width + x;
      for (let column = 0; column < side; column += 1) words[at + column] = word;
    }
  }
}

/** A colour #rrggbb as a word of an image, opaque. */
export function colourWord(colour) {
  const number = parseInt(colour.slice(1, 7), 16) || 0;
  const bytes = new Uint8Array([number >> 16, (number >> 8) & 255, number & 255, 255]);
  return new Uint32Array(bytes.buffer)[0];
}
