// What the reader has selected, in the terms of the statistics.

import { meterOf } from "../statistics/meter.js";
import { startsOf } from "../statistics/selection.js";

/** The names of the state that decide what figures and tables show. */
export const SELECTION = ["problem", "start", "target", "cost", "price", "hidden", "figure", "scope"];

/** The selection of a state: problem, start, target, family, hidden, meter, and the runs within the scope. */
export function selected(data, state) {
  const problem = Math.min(state.get("problem"), data.problems.length - 1);
  const starts = startsOf(data, problem);
  const start = starts.includes(state.get("start")) ? state.get("start") : (starts[0] ?? 0);
  const target = Math.min(state.get("target"), data.targets.length - 1);
  const hidden = new Set(state.get("hidden"));
  const { family } = data.problems[problem];
  const meter = meterOf(state.get("cost"), state.get("price"));
  return { problem, start, target, family, hidden, meter, scope: state.get("scope") };
}

/** The runs from the selected start of the problem, its family or all problems; those of hidden solvers are left out. */
export function runsInScope(data, { problem, start, family, hidden, scope }) {
  const inside = data.problems.map((one, k) => (scope === "all" || (scope === "family" ? one.family === family : k === problem)));
  const { runs } = data;
  const found = [];
  for (let r = 0; r < runs.problem.length; r += 1) {
    if (inside[runs.problem[r]] && runs.start[r] === start && !hidden.has(runs.solver[r])) found.push(r);
  }
  return found;
}

/** What costs are counted in, for an axis. */
export function costTitle({ cost, price }) {
  if (cost !== "calls") return { pairs: "cost, in pairs of points", seconds: "cost, in seconds", iterations: "iterations" }[cost];
  return `cost, in function values (a gradient counts as ${price === "dimension" ? "n" : Number(price.toPrecision(3))})`;
}
