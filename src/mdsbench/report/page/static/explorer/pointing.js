// Values under the pointer and by keyboard: a mark on the nearest point, and its values in words.

import { amount, digitsOf } from "../statistics/wording.js";
import { drawn } from "./svg.js";

const NEAR = 40; // pixels

/** Lets a reader point at the points of a figure; `chart` holds {figure, points, width}. Returns a function that forgets. */
export function createPointing(svg, readout, chart, choose) {
  let here = null;
  const mark = drawn("circle", { r: 6, class: "pointed", fill: "none", "stroke-width": 2, visibility: "hidden" });

  const forget = () => {
    here = null;
    mark.setAttribute("visibility", "hidden");
  };
  const show = (series, k) => {
    const point = chart.points[series]?.[k];
    if (!point) return;
    here = { series, k };
    svg.append(mark);
    mark.setAttribute("cx", point[0]);
    mark.setAttribute("cy", point[1]);
    mark.setAttribute("visibility", "visible");
    readout.replaceChildren(...valuesInWords(chart.figure, series, point));
  };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const scale = chart.width / box.width;
    const found = nearest(chart.points, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
    if (found) show(found.series, found.k);
  });
  svg.addEventListener("click", () => here && choose(here.series, here.k));
  svg.addEventListener("keydown", (event) => {
    const moved = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (event.key === "Enter" && here) choose(here.series, here.k);
    if (!moved || !chart.points.length) return;
    event.preventDefault();
    const count = chart.points.length;
    const series = here ? (here.series + moved[0] + count) % count : 0;
    const last = chart.points[series].length - 1;
    const k = !here ? 0 : moved[0] ? closest(chart.points[series], chart.points[here.series][here.k]) : here.k + moved[1];
    show(series, Math.min(Math.max(k, 0), Math.max(last, 0)));
  });
  return forget;
}

function valuesInWords({ series, x, y }, which, point) {
  const { name, about } = series[which];
  const isolated = document.createElement("bdi");
  isolated.textContent = name;
  const values = `${shortTitle(x.title)} ${amount(point[2])}, ${shortTitle(y.title)} ${digitsOf(point[3], 4)}`;
  return [isolated, `${about ? ` (${about})` : ""}: ${values}`];
}

function shortTitle(title) {
  return title.replace(/,? (in |\().*$/, "");
}

/** The nearest point to a place in pixels: {series, k}; null if none is near. */
export function nearest(points, x, y) {
  let [best, found] = [NEAR ** 2, null];
  points.forEach((line, series) => line.forEach((point, k) => {
    const far = (point[0] - x) ** 2 + (point[1] - y) ** 2;
    if (far < best) [best, found] = [far, { series, k }];
  }));
  return found;
}

function closest(line, [x]) {
  let best = 0;
  line.forEach((point, k) => {
    if (Math.abs(point[0] - x) < Math.abs(line[best][0] - x)) best = k;
  });
  return best;
}
