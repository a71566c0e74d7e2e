// Elements of SVG.

const SVG_SPACE = "http://www.w3.org/2000/svg";

/** An SVG element with attributes and children; what is null is left out. */
export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== "") element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A number of pixels in a path. */
export function pixel(value) {
  return Math.round(10 * value) / 10;
}
