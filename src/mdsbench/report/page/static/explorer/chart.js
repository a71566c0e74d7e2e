// A figure as SVG: axes, lines in steps or straight, intervals, rules; and the points that a reader can point at.

import { pathOf, thinned } from "./lines.js";
import { roundDomain, scaleOf } from "./scales.js";
import { drawn } from "./svg.js";

const CHART_MARGIN = { left: 62, right: 16, top: 14, foot: 46 };
const CHART_FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif";

/**
 * Draws a figure into an <svg> of so many pixels and returns its points in pixels, series by series.
 *
 * `figure` is {title, x: {title, log, domain?}, y: {...}, series, rules}. A series is {colour, dash, steps, faint, marks,
 * points: [[x, y], ...], intervals: [[x, low, high], ...]}. A rule is {at, text}: a line at a height.
 */
export function drawChart(svg, figure, width, height) {
  const { left, right, top, foot } = CHART_MARGIN;
  const [x, y] = [axisOf(figure, 0, [left, width - right]), axisOf(figure, 1, [height - foot, top])];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("font-family", CHART_FONT);
  svg.setAttribute("font-size", "12");
  const clip = drawn("clipPath", { id: "chart-inside" }, drawn("rect", { x: left, y: top - 4, width: width - left - right, height: height - top - foot + 8 }));
  const inside = drawn("g", { "clip-path": "url(#chart-inside)" });
  svg.replaceChildren(drawn("title", {}, figure.title), clip, ...axes(figure, x, y, width, height), inside);
  for (const rule of figure.rules ?? []) inside.append(...ruleLines(rule, y, width));
  return figure.series.map((series) => {
    const points = visible(series.points, x, y).map((point) => [x.at(point[0]), y.at(point[1]), ...point]);
    inside.append(...seriesElements(series, points, x, y));
    return points;
  });
}

function axisOf(figure, k, pixels) {
  const axis = k ? figure.y : figure.x;
  if (axis.domain) return scaleOf(axis.domain, pixels, axis.log);
  let [least, most] = [Infinity, -Infinity];
  const take = (value) => {
    if (!Number.isFinite(value) || (axis.log && value <= 0)) return;
    least = Math.min(least, value);
    most = Math.max(most, value);
  };
  for (const series of figure.series) {
    for (const point of series.points) take(point[k]);
    if (k) for (const [, low, high] of series.intervals ?? []) [low, high].forEach(take);
  }
  if (k) for (const rule of figure.rules ?? []) take(rule.at);
  return scaleOf(least <= most ? roundDomain(least, most, axis.log) : [axis.log ? 0.1 : 0, 1], pixels, axis.log);
}

function visible(points, x, y) {
  const shown = ([a, b]) => [x.at(a), y.at(b)].every(Number.isFinite);
  return points.filter(shown);
}

function axes(figure, x, y, width, height) {
  const { left, right, top, foot } = CHART_MARGIN;
  const base = height - foot;
  const found = [];
  for (const { value, text } of y.ticks) {
    found.push(drawn("line", { x1: left, x2: width - right, y1: y.at(value), y2: y.at(value), class: "grid" }));
    found.push(drawn("text", { x: left - 7, y: y.at(value) + 4, "text-anchor": "end", class: "tick" }, text));
  }
  for (const { value, text } of x.ticks) {
    found.push(drawn("line", { x1: x.at(value), x2: x.at(value), y1: base, y2: base + 4, class: "axis" }));
    found.push(drawn("text", { x: x.at(value), y: base + 17, "text-anchor": "middle", class: "tick" }, text));
  }
  found.push(drawn("line", { x1: left, x2: width - right, y1: base, y2: base, class: "axis" }));
  found.push(drawn("text", { x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle", class: "name" }, figure.x.title));
  const middle = (top + base) / 2;
  found.push(drawn("text", { x: 14, y: middle, transform: `rotate(-90 14 ${middle})`, "text-anchor": "middle", class: "name" }, figure.y.title));
  return found;
}

function ruleLines({ at, text }, y, width) {
  const height = y.at(at);
  if (!Number.isFinite(height)) return [];
  return [
    drawn("line", { x1: CHART_MARGIN.left, x2: width - CHART_MARGIN.right, y1: height, y2: height, class: "rule", "stroke-dasharray": "4 3" }),
    drawn("text", { x: width - CHART_MARGIN.right - 4, y: height - 4, "text-anchor": "end", class: "tick" }, text),
  ];
}

function seriesElements(series, points, x, y) {
  const { colour, dash, steps, faint, marks, intervals = [] } = series;
  const found = [];
  for (const [at, low, high] of intervals) {
    const ends = [low, high].map((value) => Math.min(Math.max(y.at(Math.max(value, y.domain[0])), y.at(y.domain[1])), y.at(y.domain[0])));
    if (ends.every(Number.isFinite)) found.push(drawn("line", { x1: x.at(at), x2: x.at(at), y1: ends[0], y2: ends[1], stroke: colour, "stroke-width": 1.5, opacity: 0.55 }));
  }
  const path = pathOf(thinned(points, steps), steps);
  if (path) {
    found.push(drawn("path", { d: path, fill: "none", stroke: colour, "stroke-width": faint ? 1.1 : 2, opacity: faint ? 0.55 : null, "stroke-dasharray": dash, "stroke-linejoin": "round" }));
  }
  if (marks) for (const [a, b] of points) found.push(drawn("circle", { cx: a, cy: b, r: 3.5, fill: colour }));
  return found;
}
