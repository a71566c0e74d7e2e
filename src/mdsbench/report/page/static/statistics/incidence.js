// The share of cases that arrive within a cost, if no budget ended a run (Aalen & Johansen 1978).
import { spentOnCases } from "./profiles.js";
import { ARRIVED, ELSEWHERE } from "./selection.js";

/**
 * The cumulative incidence of arriving and of ending elsewhere, as {at, share, elsewhere}, from the costs of runs and
 * their fates. Censored runs leave at their cost. The first cost is 0, the last the greatest one.
 */
export function incidence(costs, fates) {
  const order = Float64Array.from(costs.keys()).sort((a, b) => costs[a] - costs[b]);
  const [at, share, elsewhere] = [[0], [0], [0]];
  let [still, arrives, leaves] = [1, 0, 0];
  for (let k = 0; k < order.length; ) {
    const cost = costs[order[k]];
    const atRisk = order.length - k;
    let [arrived, left] = [0, 0];
    for (; k < order.length && costs[order[k]] === cost; k += 1) {
      const fate = fates[order[k]];
      if (fate === ARRIVED) arrived += 1;
      else if (fate === ELSEWHERE) left += 1;
    }
    const hazards = [arrived / atRisk, left / atRisk];
    arrives += still * hazards[0];
    leaves += still * hazards[1];
    still *= Math.max(0, 1 - hazards[0] - hazards[1]);
    if (arrived || left || k === order.length) {
      at.push(cost);
      share.push(arrives);
      elsewhere.push(leaves);
    }
  }
  return { at, share, elsewhere };
}

/** For each solver the incidence of arriving over shared cases, the costs divided by what `per` says of the dimension. */
export function ecdf(data, shared, meter, per = (dimension) => dimension) {
  const costs = spentOnCases(data, shared, meter, per);
  const { solvers, cases, entries } = shared;
  if (!cases) return [];
  return solvers.map((solver, k) => {
    const [own, fates] = [new Float64Array(cases), new Uint8Array(cases)];
    for (let c = 0; c < cases; c += 1) {
      own[c] = costs[c * solvers.length + k];
      fates[c] = data.arrivals.fate[entries[c * solvers.length + k]];
    }
    return { solver, ...incidence(own, fates), cases };
  });
}
