// The legend: a box for each solver, which hides it in figures and tables; a filter where there are many.

import { make } from "../player/elements.js";
import { drawn } from "./svg.js";

const MANY_SOLVERS = 12;

/** A legend that sets `hidden` of the state. Returns its element and `settle(extras)`, which shows words beside names. */
export function createLegend(data, state) {
  const list = make("ul", { class: "legend" });
  const extras = data.solvers.map(() => make("span", { class: "small" }));
  const boxes = data.solvers.map((solver, k) => {
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      const hidden = new Set(state.get("hidden"));
      if (box.checked) hidden.delete(k);
      else hidden.add(k);
      state.set({ hidden: [...hidden].sort((a, b) => a - b) });
    });
    list.append(make("li", {}, make("label", {}, box, sampleOf(solver), make("bdi", {}, solver.title), extras[k])));
    return box;
  });
  const all = make("button", { type: "button" }, "All");
  const none = make("button", { type: "button" }, "None");
  all.addEventListener("click", () => state.set({ hidden: [] }));
  none.addEventListener("click", () => state.set({ hidden: data.solvers.map((_, k) => k) }));
  const controls = make("div", { class: "controls" }, all, none);
  if (data.solvers.length > MANY_SOLVERS) controls.append(filterOf(list, data));
  const settle = (texts = []) => {
    const hidden = new Set(state.get("hidden"));
    boxes.forEach((box, k) => { box.checked = !hidden.has(k); });
    extras.forEach((element, k) => { element.textContent = texts[k] ?? ""; });
  };
  return { element: make("fieldset", { class: "legend" }, make("legend", {}, "Solvers"), controls, list), settle };
}

/** A piece of a solver's line, in its colour and with its dashes. */
function sampleOf({ colour, dash }) {
  const line = drawn("line", { x1: 1, x2: 25, y1: 5, y2: 5, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash });
  return drawn("svg", { width: 26, height: 10, viewBox: "0 0 26 10", "aria-hidden": "true", class: "sample" }, line);
}

function filterOf(list, data) {
  const input = make("input", { type: "search" });
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    [...list.children].forEach((item, k) => {
      const { name, title } = data.solvers[k];
      item.hidden = !`${name} ${title}`.toLowerCase().includes(wanted);
    });
  });
  return make("label", {}, make("span", {}, "Find a solver"), input);
}
