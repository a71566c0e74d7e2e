// The table of solvers at the selected problem, start, gap and price: sortable, each row with the runs behind it.

import { colourSpot, make } from "../player/elements.js";
import { runningTimes } from "../statistics/running-time.js";
import { amount, gapInWords, rounded } from "../statistics/wording.js";
import { SELECTION, costTitle, selected } from "./selected.js";

const PERCENT = (share) => `${Math.round(100 * share)}`;
const COLUMNS = [
  { title: "solver", words: true, key: (row, data) => data.solvers[row.solver].title, text: null },
  { title: "uses", words: true, key: (row, data) => data.solvers[row.solver].uses, text: (row, data) => data.solvers[row.solver].uses },
  { title: "arrived", key: (row) => row.share, text: (row) => `${row.arrived} of ${row.runs}` },
  { title: "in %, 95 %", key: (row) => row.shareLow, text: (row) => `${PERCENT(row.shareLow)}–${PERCENT(row.shareHigh)}` },
  { title: "expected cost", key: (row) => row.ert, text: ertText },
  { title: "95 %", key: (row) => row.ertLow, text: (row) => (row.arrived && row.ertLow > 0 && row.ertHigh < Infinity ? `${amount(row.ertLow)}–${amount(row.ertHigh)}` : "") },
  { title: "multiple", key: (row) => row.multiple, text: (row) => (Number.isFinite(row.multiple) ? `${row.tied && row.multiple > 1 ? "≈ " : ""}${rounded(row.multiple)}` : "") },
  { title: "budget ended", key: (row) => row.censored, text: (row) => String(row.censored || "") },
  { title: "ended elsewhere", key: (row) => row.elsewhere, text: (row) => String(row.elsewhere || "") },
];

/** Mounts the table of solvers into `root`; it follows the state. */
export function mountSolverTable(root, data, state) {
  const sorted = { column: 4, down: false };
  const about = make("p", { class: "small" });
  const body = make("tbody");
  const heads = COLUMNS.map((column, k) => {
    const button = make("button", { type: "button", class: "sort" }, column.title);
    button.addEventListener("click", () => {
      sorted.down = sorted.column === k && !sorted.down;
      sorted.column = k;
      draw();
    });
    return make("th", { scope: "col", class: column.words ? "words" : "" }, button);
  });
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body);
  const meaning = make("p", { class: "small" }, "Expected cost: until a run arrives, restarts included. ≈: cannot be told apart from the best. >: none arrived, a lower bound. Intervals are at 95 %.");
  root.append(about, make("div", { class: "table", tabindex: "0", role: "region", "aria-label": "The solvers" }, table), meaning);

  const opened = new Set(); // solvers whose runs are shown
  const draw = () => {
    const at = selected(data, state);
    const rows = runningTimes(data, at.meter, at, at.hidden);
    const { key } = COLUMNS[sorted.column];
    const sign = sorted.down ? -1 : 1;
    rows.sort((a, b) => sign * compared(key(a, data), key(b, data)) || compared(a.ertLow, b.ertLow));
    heads.forEach((head, k) => head.setAttribute("aria-sort", k === sorted.column ? (sorted.down ? "descending" : "ascending") : "none"));
    about.textContent = `${data.problems[at.problem].title}, start ${data.starts[at.start]}, gap ${gapInWords(data.targets[at.target])}; ${costTitle(at.meter)}.`;
    body.replaceChildren(...rows.map((row) => tableRow(row, data, state, at, opened)));
  };
  let asked = false;
  state.watch(SELECTION, () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  });
  draw();
}

function ertText(row) {
  if (row.arrived) return amount(row.ert);
  return Number.isFinite(row.ertLow) && row.ertLow > 0 ? `> ${amount(row.ertLow)}` : "never";
}

function compared(a, b) {
  if (typeof a === "string") return a.localeCompare(b);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function tableRow(row, data, state, at, opened) {
  const solver = data.solvers[row.solver];
  const cells = COLUMNS.slice(1).map((column) => {
    const value = make("data", { value: String(column.key(row, data)) }, column.text(row, data));
    return make("td", { class: column.words ? "words" : "" }, value);
  });
  const behind = make("details", {}, make("summary", {}, colourSpot(solver.colour), make("bdi", {}, solver.title)));
  const fill = () => {
    if (behind.childElementCount === 1) behind.append(...madeOf(row, data, state, at));
  };
  behind.addEventListener("toggle", () => {
    if (behind.open) opened.add(row.solver);
    else opened.delete(row.solver);
    if (behind.open) fill();
  });
  if (opened.has(row.solver)) {
    behind.open = true;
    fill();
  }
  return make("tr", {}, make("th", { scope: "row", class: "words" }, behind), ...cells);
}

/** The command that computes a row again, and its runs, each with a button that shows it in the player. */
function madeOf(row, data, state, at) {
  const options = ["--problem", data.problems[at.problem].name, "--solver", data.solvers[row.solver].name, "--target", String(data.targets[at.target])];
  const { cost, price } = at.meter;
  options.push(...(cost === "calls" ? ["--gradient-cost", String(price)] : cost === "iterations" ? [] : ["--cost", cost]));
  const command = ["mdsbench", "results", data.made?.store ?? "STORE", ...options].map(shellWord).join(" ");
  const items = Array.from(row.side.runs, (r) => {
    const item = make("li", {}, `${data.runs.key[r]}: ${data.trials[data.runs.trial[r]]}: ${data.runs.ending[r]} `);
    if (data.runs.trajectory[r] >= 0) {
      const show = make("button", { type: "button" }, "show");
      show.addEventListener("click", () => state.set({ runs: [r] }));
      item.append(show);
    }
    return item;
  });
  return [make("pre", { tabindex: "0" }, command), make("ul", { class: "small" }, ...items)];
}

/** A word as a shell takes it. */
export function shellWord(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
