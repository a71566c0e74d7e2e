// Canvases, one on the other: the ground, which is drawn once, points by pixels, and what moves above.

/** Three layers that fill an element. `fit()` takes the element's size and the screen's pixels, true if they changed. */
export function createLayers(parent) {
  const [ground, middle, moving] = [0, 1, 2].map(() => document.createElement("canvas"));
  for (const canvas of [ground, middle]) canvas.setAttribute("aria-hidden", "true");
  moving.setAttribute("role", "img");
  parent.append(ground, middle, moving);
  const layers = {
    canvas: moving,
    middle,
    ground: ground.getContext("2d"),
    moving: moving.getContext("2d"),
    width: 0,
    height: 0,
    pixels: 1,
  };
  layers.fit = () => {
    const [width, height, pixels] = [parent.clientWidth, parent.clientHeight, window.devicePixelRatio || 1];
    if (width === layers.width && height === layers.height && pixels === layers.pixels) return false;
    Object.assign(layers, { width, height, pixels });
    for (const canvas of [ground, middle, moving]) {
      canvas.width = Math.max(1, Math.round(width * pixels));
      canvas.height = Math.max(1, Math.round(height * pixels));
    }
    return true;
  };
  return layers;
}

/** Empties a layer; what follows is drawn in CSS pixels. */
export function clearLayer(context, layers) {
  context.setTransform(layers.pixels, 0, 0, layers.pixels, 0, 0);
  context.clearRect(0, 0, layers.width, layers.height);
}
