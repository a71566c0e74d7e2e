// What a run has spent, as a cost that is linear in the price of a gradient: fixed + price * priced.

export const BY_DIMENSION = "dimension";
const METERS = new WeakMap();

/**
 * How costs are counted: "calls" in function values at a price of a gradient, or "pairs", "seconds", "iterations".
 * The price is a number, or "dimension": one function value for each variable.
 */
export function meterOf(cost, price) {
  return { cost, price: cost === "calls" ? price : 0 };
}

/** The two columns of a meter for a table with the counts of an account, such as data.arrivals or data.traces. */
export function linearCosts(table, cost) {
  if (!METERS.has(table)) METERS.set(table, {});
  const known = METERS.get(table);
  if (!known[cost]) known[cost] = cost === "calls" ? inCalls(table) : { fixed: table[cost], priced: null };
  return known[cost];
}

function inCalls(table) {
  const length = table.evaluations.length;
  const [fixed, priced] = [new Float64Array(length), new Float64Array(length)];
  for (let k = 0; k < length; k += 1) {
    fixed[k] = table.evaluations[k] + (table.directional ? table.directional[k] : 0);
    priced[k] = table.gradients[k] + table.parts[k] + table.products[k];
  }
  return { fixed, priced };
}

/** The price of a gradient in function values for a problem with so many variables. */
export function priceAt(meter, dimension) {
  return meter.price === BY_DIMENSION ? dimension : meter.price;
}

/** The costs of entries of a table, all of problems with so many variables. */
export function costsOf(table, entries, meter, dimension) {
  const { fixed, priced } = linearCosts(table, meter.cost);
  const price = priceAt(meter, dimension);
  const costs = new Float64Array(entries.length);
  for (let k = 0; k < entries.length; k += 1) {
    costs[k] = priced ? fixed[entries[k]] + price * priced[entries[k]] : fixed[entries[k]];
  }
  return costs;
}
