// The explorer: selectors, the price of a gradient, a figure, its legend, the verdict, and downloads.

import { fillSelect, labelledSelect, make } from "../player/elements.js";
import { settings, startsOf } from "../statistics/selection.js";
import { verdictOf } from "../statistics/verdict.js";
import { gapInWords } from "../statistics/wording.js";
import { drawChart } from "./chart.js";
import { downloadButtons } from "./downloads.js";
import { FIGURES, powersInWords, reversalInWords } from "./figures.js";
import { createLegend } from "./legend.js";
import { createPointing } from "./pointing.js";
import { createPrice } from "./price.js";
import { SELECTION, selected } from "./selected.js";
import { drawn } from "./svg.js";

const COSTS = [["calls", "function values"], ["pairs", "pairs of points"], ["seconds", "seconds"], ["iterations", "iterations"]];
const SCOPES = [["problem", "this problem"], ["family", "its family"], ["all", "all problems"]];
const OVER_MANY = new Set(["profile", "data-profile", "ecdf"]);
const WORDS_AFTER = 60; // milliseconds without a change, before the words follow the figure
const FITS_AFTER = 250; // milliseconds without a change, before growth is fitted for the words

/** Mounts the explorer into `root`; it follows the state and changes it. */
export function mountExplorer(root, data, state) {
  state.declare("scope", "problem", ["problem", "family", "all"]);
  for (const [name, value] of Object.entries(firstSelection(data))) state.declare(name, value);
  const controls = createSelectors(data, state);
  const price = createPrice(state);
  const legend = createLegend(data, state);
  const svg = drawn("svg", { role: "application", tabindex: "0", class: "chart", "aria-roledescription": "figure" });
  const readout = make("p", { class: "readout", "aria-live": "polite" });
  const empty = make("p", { class: "fault", hidden: true });
  const note = make("p", { class: "small" });
  const words = make("div", { class: "verdict", "aria-live": "polite" });
  const chart = { figure: { series: [], x: {}, y: {} }, points: [], width: 1, name: "figure" };
  const choose = (series, k) => showRuns(data, state, chart.figure.series[series], k);
  const forget = createPointing(svg, readout, chart, choose);
  const downloads = make("div", { class: "controls" }, make("span", { class: "small" }, "Save the figure:"), ...downloadButtons(svg, chart, make));
  const keys = make("p", { class: "small screen-only" }, "Point at a curve for its values; a click shows its run in the player. By keyboard: arrows, then Enter.");
  root.append(controls.element, price.element, make("div", { class: "explorer" }, make("div", { class: "figure" }, svg, empty, readout, note, keys, downloads), legend.element), words);

  let [waiting, saying] = [0, 0];
  let room = svg.parentElement.clientWidth; // asking for it in each picture would lay the page out each time
  const speak = (fits) => {
    const at = selected(data, state);
    const sentences = verdictOf(data, at.meter, at, at.hidden, fits);
    const head = `${at.family}, ${data.starts[at.start]}, gap ${gapInWords(data.targets[at.target])}`;
    words.replaceChildren(make("h3", {}, head), ...sentences.map((sentence) => make("p", {}, sentence)));
  };
  const draw = () => {
    const at = selected(data, state);
    controls.settle(at);
    price.settle(data.problems[at.problem].dimension);
    const kind = state.get("figure");
    chart.figure = FIGURES[kind].of(data, at);
    chart.width = Math.max(280, Math.round(room));
    chart.name = kind;
    chart.points = drawChart(svg, chart.figure, chart.width, Math.round(Math.min(460, Math.max(300, 0.6 * chart.width))));
    svg.setAttribute("aria-label", `${chart.figure.title}. Arrow keys go from point to point.`);
    forget();
    const drawnAny = chart.points.some((line) => line.length);
    svg.toggleAttribute("hidden", !drawnAny);
    empty.hidden = drawnAny;
    empty.textContent = chart.figure.empty;
    note.textContent = [chart.figure.title, chart.figure.note].filter(Boolean).join(". ").replace(/\.\. /, ". ");
    readout.textContent = "";
    const grows = kind === "growth";
    legend.settle(grows ? data.solvers.map((_, k) => (at.hidden.has(k) ? "" : "n^…")) : []);
    clearTimeout(waiting);
    clearTimeout(saying);
    saying = setTimeout(() => speak(false), WORDS_AFTER);
    waiting = setTimeout(() => {
      if (grows) legend.settle(powersInWords(data, at));
      if (kind === "profile") note.append(reversalInWords(data, at));
      speak(true);
    }, FITS_AFTER);
  };
  let asked = false;
  const later = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
  state.watch(SELECTION, later);
  new ResizeObserver(([entry]) => {
    room = entry.contentRect.width;
    if (Math.abs(room - chart.width) > 1 && room > 0) later();
  }).observe(svg.parentElement);
  draw();
  speak(false);
}

/** What is shown at first: the largest problem, from the start with the most runs; near the end where maps are at hand. */
function firstSelection(data) {
  const most = settings(data).reduce((best, one) => (countOf(one) > countOf(best) || (countOf(one) === countOf(best) && one.dimension > best.dimension) ? one : best));
  return { problem: most.problem, start: most.start, target: data.experiment === "reproduction" ? 3 : 1 };
}

function countOf(setting) {
  return setting.groups.reduce((all, { runs }) => all + runs.length, 0);
}

function createSelectors(data, state) {
  const number = (name) => (text) => state.set({ [name]: Number(text) });
  const figure = labelledSelect("Figure", Object.entries(FIGURES).map(([name, { title }]) => [name, title]), state.get("figure"), (value) => state.set({ figure: value }));
  const problem = labelledSelect("Problem", data.problems.map(({ title }, k) => [k, title]), state.get("problem"), number("problem"));
  const start = labelledSelect("Start", [], "", number("start"));
  const target = labelledSelect("Gap", data.targets.map((gap, k) => [k, gapInWords(gap)]), state.get("target"), number("target"));
  const cost = labelledSelect("Cost in", COSTS, state.get("cost"), (value) => state.set({ cost: value }));
  const scope = labelledSelect("Over", SCOPES, state.get("scope"), (value) => state.set({ scope: value }));
  const parts = [figure, problem, start, scope, target, cost];
  let filled = -1; // the problem whose starts can be chosen
  const settle = (at) => {
    figure.select.value = state.get("figure");
    problem.select.value = String(at.problem);
    if (filled !== at.problem) fillSelect(start.select, startsOf(data, at.problem).map((k) => [k, data.starts[k]]), at.start);
    filled = at.problem;
    start.select.value = String(at.start);
    target.select.value = String(at.target);
    cost.select.value = state.get("cost");
    scope.select.value = at.scope;
    scope.label.hidden = !OVER_MANY.has(state.get("figure"));
  };
  return { element: make("div", { class: "controls" }, ...parts.map(({ label }) => label)), settle };
}

/** Shows the run of a curve, or one of the runs behind a point, in the player. */
function showRuns(data, state, series, k) {
  const runs = (series.runs ?? series.runsAt?.[k] ?? []).filter((r) => data.runs.trajectory[r] >= 0);
  if (!runs.length) return;
  state.set({ runs: runs.slice(0, 1) });
  document.getElementById("player")?.scrollIntoView({ block: "nearest" });
}
