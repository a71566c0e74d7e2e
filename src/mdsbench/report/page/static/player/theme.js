// The colours of the page, as a canvas needs them.

const THEME_NAMES = ["ink", "faint", "line", "accent", "paper", "land", "sea", "coast", "too-long", "too-short"];

/** The colours of the page's style at an element, and the font. */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const theme = { font: style.fontFamily || "sans-serif" };
  for (const name of THEME_NAMES) {
    const key = name.replace(/-(.)/, (_, letter) => letter.toUpperCase());
    theme[key] = style.getPropertyValue(`--${name}`).trim() || (name === "paper" ? "#fff" : "#555");
  }
  theme.halo = theme.paper;
  return theme;
}

/** Calls back when the page turns light or dark, or is printed; returns a function that stops it. */
export function watchTheme(callback) {
  const queries = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", callback);
  return () => queries.forEach((query) => query.removeEventListener("change", callback));
}
