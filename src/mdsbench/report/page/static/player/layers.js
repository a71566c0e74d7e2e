// Two canvases, one on the other: the ground, which is drawn once, and what moves on it.

/** Two layers that fill an element. `fit()` takes the element's size and the screen's pixels, true if they changed. */
export function createLayers(parent) {
  const [ground, moving] = [document.createElement("canvas"), document.createElement("canvas")];
  ground.setAttribute("aria-hidden", "true");
  moving.setAttribute("role", "img");
  parent.append(ground, moving);
  const layers = {
    canvas: moving,
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
    for (const canvas of [ground, moving]) {
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
