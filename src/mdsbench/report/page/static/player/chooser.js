// Which runs are shown: a problem, a start, and a solver for each.

import { colourSpot, fillSelect, labelledButton, labelledSelect, make } from "./elements.js";
import { runsOfTrial, trialsOf } from "./choice.js";

const RUNS_AT_MOST = 6;

/** Selects for problem, start and solvers; `onchange(runs)` is called with the new runs. */
export function createChooser(data, onchange) {
  const { runs } = data;
  let shown = [];
  const used = [...new Set(runs.problem)].sort((a, b) => a - b);
  const problems = labelledSelect("Problem", used.map((p) => [p, data.problems[p].title]), used[0], (value) => {
    const problem = Number(value);
    const trials = trialsOf(data, problem);
    const trial = runs.trial[shown[0]];
    onchange(matching(data, shown, problem, trials.includes(trial) ? trial : trials[0]));
  });
  const starts = labelledSelect("Start", [], 0, (value) => {
    onchange(matching(data, shown, runs.problem[shown[0]], Number(value)));
  });
  const list = make("div", { class: "controls player-solvers" });
  const add = labelledButton("Add a run", () => {
    const others = runsOfTrial(data, runs.problem[shown[0]], runs.trial[shown[0]]).filter((r) => !shown.includes(r));
    if (others.length) onchange([...shown, others[0]]);
  });
  const root = make("div", {}, make("div", { class: "controls" }, problems.label, starts.label), list);

  const show = (chosen) => {
    shown = chosen;
    if (!chosen.length) return;
    const problem = runs.problem[chosen[0]];
    problems.select.value = String(problem);
    fillSelect(starts.select, trialsOf(data, problem).map((t) => [t, data.trials[t]]), runs.trial[chosen[0]]);
    list.replaceChildren(...chosen.map((r, slot) => solverRow(r, slot)), add);
    const available = runsOfTrial(data, problem, runs.trial[chosen[0]]);
    add.disabled = chosen.length >= RUNS_AT_MOST || available.every((r) => chosen.includes(r));
  };

  const solverRow = (r, slot) => {
    const options = runsOfTrial(data, runs.problem[r], runs.trial[r]).map((other) => [other, runTitle(data, other)]);
    const row = labelledSelect(`Run ${slot + 1}`, options, r, (value) => {
      onchange(shown.map((other, k) => (k === slot ? Number(value) : other)));
    });
    row.label.prepend(colourSpot(data.solvers[runs.solver[r]].colour));
    if (shown.length < 2) return row.label;
    const remove = labelledButton("Remove", () => onchange(shown.filter((_, k) => k !== slot)));
    remove.setAttribute("aria-label", `Remove run ${slot + 1}`);
    return make("span", { class: "player-run" }, row.label, remove);
  };
  return { root, show };
}

/** A solver's title, with the block of the campaign where there are several, and whether the run moves. */
function runTitle(data, r) {
  const protocol = data.protocols.length > 1 ? data.protocols[data.runs.protocol[r]] : "";
  const words = [data.solvers[data.runs.solver[r]].title, protocol, data.runs.trajectory[r] < 0 ? "curve only" : ""];
  return words.filter(Boolean).join(" · ");
}

/** The runs of a trial by the same solvers, in the same order; others where a solver has none there. */
export function matching(data, shown, problem, trial) {
  const { runs } = data;
  const available = runsOfTrial(data, problem, trial);
  const chosen = [];
  for (const r of shown) {
    const same = (other) => runs.solver[other] === runs.solver[r] && !chosen.includes(other);
    const found = available.find((other) => same(other) && runs.protocol[other] === runs.protocol[r]) ?? available.find(same);
    if (found !== undefined) chosen.push(found);
  }
  for (const other of available) {
    if (chosen.length >= Math.min(shown.length, 2)) break;
    if (!chosen.includes(other) && !chosen.some((r) => runs.solver[r] === runs.solver[other])) chosen.push(other);
  }
  return chosen.length ? chosen : available.slice(0, 1);
}
