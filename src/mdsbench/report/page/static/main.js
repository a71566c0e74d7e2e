/** Starts the page: reads its data and mounts each part into its root. A part that fails leaves the others alone. */

import { readableColour } from "./colours.js";
import { loadData } from "./data.js";
import { mountExplorer } from "./explorer/explorer.js";
import { mountSolverTable } from "./explorer/solver-table.js";
import { mountPlayer } from "./player/player.js";
import { mountQueries } from "./queries.js";
import { createState } from "./state.js";

const PARTS = [["player", mountPlayer], ["explorer", mountExplorer], ["solvers", mountSolverTable]];

/** Mounts a part in the place of what a reader without scripts sees; if it fails, that comes back with a line about it. */
async function mountPart([id, mount], data, state) {
  const root = document.getElementById(id);
  if (!root) return;
  const still = [...root.childNodes];
  try {
    root.replaceChildren();
    await mount(root, data, state);
    root.classList.add("mounted");
  } catch (error) {
    const line = document.createElement("p");
    line.className = "fault";
    line.textContent = `This part cannot be shown: ${error?.message ?? error}`;
    root.replaceChildren(line, ...still);
  }
}

async function startPage() {
  const data = await loadData(document);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  for (const solver of data.solvers) solver.colour = readableColour(solver.colour, dark.matches);
  dark.addEventListener("change", () => window.location.reload());
  const state = createState(window);
  state.declare("price", data.price ?? 1, ["dimension"]);
  for (const part of PARTS) await mountPart(part, data, state);
  mountQueries(document.querySelector("main"), data, state);
  document.documentElement.dataset.ready = "true";
}

startPage().catch((error) => {
  for (const [id] of PARTS) {
    mountPart([id, () => { throw error; }], null, null);
  }
});
