/** The state of the page as the text behind the # of its address, and back. Nothing here touches the document. */

const LONGEST_HASH = 8000;
const LONGEST_VALUE = 2000;
const MOST_ITEMS = 400;

/** The texts by name that a hash has; what is malformed or too long is left out. Names are keys of a Map, never of an object. */
export function rawValues(hash) {
  const found = new Map();
  for (const pair of hash.replace(/^#/, "").slice(0, LONGEST_HASH).split("&")) {
    const cut = pair.indexOf("=");
    if (cut < 1) continue;
    try {
      const value = decodeURIComponent(pair.slice(cut + 1));
      if (value.length <= LONGEST_VALUE) found.set(decodeURIComponent(pair.slice(0, cut)), value);
    } catch {
      continue; // not an encoded text
    }
  }
  return found;
}

/** The value of a text whose type is that of the default, or undefined if the text is none of that type. */
export function parsedValue(text, fallback, allowed) {
  const value = typed(text, fallback, allowed);
  return value === undefined || isAllowed(value, allowed) ? value : undefined;
}

function typed(text, fallback, allowed) {
  if (Array.isArray(fallback)) {
    const items = text === "" ? [] : text.split(",").map(number);
    return items.length <= MOST_ITEMS && items.every((item) => item !== undefined) ? items : undefined;
  }
  if (typeof fallback === "boolean") return { 0: false, 1: true }[text];
  if (typeof fallback === "number") return number(text) ?? (Array.isArray(allowed) && allowed.includes(text) ? text : undefined);
  return text;
}

function number(text) {
  return /^-?\d{1,15}(\.\d{1,17})?(e[+-]?\d{1,3})?$/.test(text) ? Number(text) : undefined;
}

/** Whether a value is one that a name may have: `allowed` is a list of words (numbers are not restricted by it), a function, or undefined. */
export function isAllowed(value, allowed) {
  if (typeof allowed === "function") return Boolean(allowed(value));
  return !Array.isArray(allowed) || typeof value !== "string" || allowed.includes(value);
}

/** The text of a value in a hash. */
export function hashText(value) {
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "boolean") return value ? "1" : "0";
  return encodeURIComponent(String(value));
}

/** Whether two values of the state are the same. */
export function sameValue(a, b) {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return a.length === b.length && a.every((item, k) => Object.is(item, b[k]));
}
