/** The colours of solvers where the page is dark: lighter, as far as it takes to be seen. */

const DARK_PAPER = [0x14, 0x17, 0x1a];
const LEAST_CONTRAST = 4.5; // WCAG 2.2, 1.4.3

/** A colour "#rrggbb" as it is on light paper; on dark paper mixed with white until it stands out. */
export function readableColour(colour, dark) {
  if (!dark || !/^#[\da-f]{6}$/i.test(colour)) return colour;
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = parts.map((part) => Math.round(part + share * (255 - part)));
    if (contrastOf(mixed, DARK_PAPER) >= LEAST_CONTRAST) return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  }
  return "#ffffff";
}

/** The contrast of two colours, each three numbers from 0 to 255: 1 if they are equal, 21 of black and white. */
export function contrastOf(one, other) {
  const [less, more] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
}

function luminance(parts) {
  const [red, green, blue] = parts.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
