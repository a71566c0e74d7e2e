// Which runs the player shows when nothing is chosen, and which can be chosen.

/** The runs of a problem and trial, those with snapshots first. */
export function runsOfTrial(data, problem, trial) {
  const { runs } = data;
  const found = [];
  for (let r = 0; r < runs.problem.length; r += 1) {
    if (runs.problem[r] === problem && runs.trial[r] === trial) found.push(r);
  }
  return found.sort((a, b) => (runs.trajectory[b] >= 0) - (runs.trajectory[a] >= 0) || a - b);
}

/** The trials of a problem in the order of the page. */
export function trialsOf(data, problem) {
  const { runs } = data;
  const trials = new Set();
  for (let r = 0; r < runs.problem.length; r += 1) if (runs.problem[r] === problem) trials.add(runs.trial[r]);
  return [...trials].sort((a, b) => a - b);
}

/**
 * Two runs from one start on the largest map that moves: the cheapest gradient method and the best derivative-free one.
 * Better is: it reached a harder target; then at less cost; then it found less. Where only one kind moves, one run.
 */
export function defaultRuns(data, price) {
  const { runs, trajectories, solvers } = data;
  const moving = [...runs.trajectory.keys()].filter((r) => runs.trajectory[r] >= 0);
  if (!moving.length) return [...runs.problem.keys()].slice(0, 1);
  const kindOf = (r) => {
    const { uses } = solvers[runs.solver[r]];
    return uses === "gradient" ? 0 : uses === "values" || uses === "comparisons" ? 1 : 2;
  };
  const size = (r) => trajectories[runs.trajectory[r]].points;
  const groups = new Map();
  for (const r of moving) {
    const key = `${runs.problem[r]} ${runs.trial[r]}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(r);
  }
  const kinds = (group) => new Set(group.map(kindOf).filter((kind) => kind < 2)).size;
  const best = [...groups.values()].reduce((a, b) => (kinds(b) - kinds(a) || size(b[0]) - size(a[0])) > 0 ? b : a);
  const chosen = [0, 1].map((kind) => best.filter((r) => kindOf(r) === kind))
    .filter((some) => some.length)
    .map((some) => some.reduce((a, b) => (isBetter(data, b, a, price) ? b : a)));
  return chosen.length ? chosen : best.slice(0, 1);
}

function isBetter(data, a, b, price) {
  const [first, second] = [a, b].map((r) => hardestTarget(data, r, price));
  if (first.target !== second.target) return first.target > second.target;
  if (first.cost !== second.cost) return first.cost < second.cost;
  return data.runs.finalLoss[a] < data.runs.finalLoss[b];
}

function hardestTarget(data, r, price) {
  const { arrivals, targets, runs } = data;
  const weight = price === "dimension" ? runs.dimension[r] : price;
  for (let t = targets.length - 1; t >= 0; t -= 1) {
    const k = r * targets.length + t;
    if (arrivals.fate[k] !== 0) continue;
    const priced = arrivals.gradients[k] + arrivals.parts[k] + arrivals.products[k];
    return { target: t, cost: arrivals.evaluations[k] + weight * priced + arrivals.directional[k] };
  }
  return { target: -1, cost: Infinity };
}
