/** What the reader has chosen: one set of named values for all parts of the page, kept in the hash of its address. */

import { hashText, isAllowed, parsedValue, rawValues, sameValue } from "./hash.js";

const WRITE_AFTER = 200; // milliseconds without a change

/** The names that several parts share: the default, and the words that a text may be. */
const SHARED_NAMES = [
  ["problem", 0],
  ["start", 0],
  ["target", 1],
  ["cost", "calls", ["calls", "pairs", "seconds", "iterations"]],
  ["price", 1, ["dimension"]],
  ["hidden", []],
  ["figure", "convergence", ["convergence", "profile", "data-profile", "ecdf", "growth", "break-even"]],
  ["runs", []],
  ["clock", "iterations", ["iterations", "evaluations", "cost", "seconds"]],
  ["at", 0, (value) => value >= 0 && value <= 1],
  ["speed", 1, (value) => value > 0],
  ["layout", "side", ["side", "overlay"]],
  ["labels", "some", ["none", "some", "large"]],
  ["trail", true],
  ["residuals", false],
  ["follow", -1],
  ["turn", "start", ["start", "end"]],
];

/**
 * The state of a page: `get`, `set`, `watch` and `declare`.
 *
 * Values are strings, numbers, booleans and arrays of numbers. The hash of `view` (a window) can set declared names
 * only, to values of the type of the default; a third argument of `declare` restricts them further (a list of words,
 * or a function of the value). A number whose list has a word may be that word too.
 */
export function createState(view = window) {
  const entries = new Map();
  const watchers = new Set();
  let raw = rawValues(view.location.hash);
  let timer = 0;

  const declare = (name, fallback, allowed) => {
    const parsed = raw.has(name) ? parsedValue(raw.get(name), fallback, allowed) : undefined;
    entries.set(name, { fallback, allowed, value: parsed === undefined ? fallback : parsed });
  };

  const get = (name) => {
    if (!entries.has(name)) throw new Error(`the state has no ${name}: declare it first`);
    const { value } = entries.get(name);
    return Array.isArray(value) ? [...value] : value;
  };

  const change = (values) => {
    const changed = [];
    for (const [name, value] of values) {
      const entry = entries.get(name);
      if (!entry) throw new Error(`the state has no ${name}: declare it first`);
      if (!isAllowed(value, entry.allowed) || sameValue(value, entry.value)) continue;
      entry.value = Array.isArray(value) ? [...value] : value;
      changed.push(name);
    }
    if (changed.length) notify(changed);
    return changed;
  };

  const notify = (changed) => {
    for (const { names, callback } of [...watchers]) {
      const concerned = changed.filter((name) => names.has(name));
      if (!concerned.length) continue;
      try {
        callback(concerned);
      } catch (error) {
        view.reportError(error); // the other parts go on
      }
    }
  };

  const set = (values) => {
    if (!change(Object.entries(values)).length) return;
    view.clearTimeout(timer);
    timer = view.setTimeout(write, WRITE_AFTER);
  };

  const watch = (names, callback) => {
    const watcher = { names: new Set(names), callback };
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  };

  const write = () => {
    timer = 0;
    const pairs = [];
    for (const [name, { value, fallback }] of entries) {
      if (!sameValue(value, fallback)) pairs.push(`${encodeURIComponent(name)}=${hashText(value)}`);
    }
    try {
      view.history.replaceState(null, "", `#${pairs.join("&")}`);
      raw = rawValues(view.location.hash);
    } catch {
      // a sandboxed frame has no address of its own; the state lives on without one
    }
  };

  const readHash = () => {
    raw = rawValues(view.location.hash);
    const values = [];
    for (const [name, { fallback, allowed }] of entries) {
      const parsed = raw.has(name) ? parsedValue(raw.get(name), fallback, allowed) : undefined;
      values.push([name, parsed === undefined ? fallback : parsed]);
    }
    change(values);
  };

  for (const [name, fallback, allowed] of SHARED_NAMES) declare(name, fallback, allowed);
  view.addEventListener("hashchange", readHash);
  view.addEventListener("pagehide", () => timer && write());
  return { get, set, watch, declare };
}
