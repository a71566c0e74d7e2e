import { shellWord } from "./explorer/solver-table.js";

/** Shows what a text of the page was made of: its runs, and the command that computes it again. */

const MOST_LISTED = 50;
const NOT_OF_RUNS = ["fact", "note", "protocol", "clocked price"];

/** Adds to each element with a query a button that opens a dialog with its runs and its command. */
export function mountQueries(root, data, state) {
  const dialog = document.createElement("dialog");
  dialog.className = "query";
  dialog.setAttribute("aria-labelledby", "query-title");
  document.body.append(dialog);
  for (const element of root.querySelectorAll("[data-query]")) {
    const query = JSON.parse(element.dataset.query);
    if (NOT_OF_RUNS.includes(query.of)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "query";
    button.textContent = "?";
    button.setAttribute("aria-label", "What this was made of");
    button.title = "What this was made of";
    button.addEventListener("click", () => {
      dialog.replaceChildren(...dialogParts(query, data, state, dialog));
      dialog.showModal();
    });
    (element.tagName === "TR" ? element.querySelector("th") : element).append(" ", button);
  }
}

/** The indices of the runs that a query is about; a name that it does not have selects all. */
export function runsOfQuery(query, data) {
  const { runs } = data;
  const [family, start] = query.about ? familyAndStart(query.about, data) : [query.family, query.start];
  const agrees = (wanted, found) => wanted === undefined || wanted === null || wanted === found;
  return Array.from(runs.key, (_, r) => r).filter((r) => {
    const problem = data.problems[runs.problem[r]];
    return agrees(query.solver, data.solvers[runs.solver[r]].name)
      && agrees(query.problem, problem.name)
      && agrees(family, problem.family)
      && agrees(start, data.starts[runs.start[r]])
      && agrees(query.protocol, data.protocols[runs.protocol[r]])
      && agrees(query.ending, runs.ending[r])
      && (query.of !== "failures" || Boolean(runs.failed[r]));
  });
}

/** The command that computes what a query says again. */
export function commandOfQuery(query, data) {
  const [family, start] = query.about ? familyAndStart(query.about, data) : [query.family, query.start];
  const names = query.problem ? [query.problem] : data.problems.filter((one) => one.family === family).map((one) => one.name);
  const words = ["mdsbench", "results", data.made.store];
  for (const name of start || query.problem ? names : []) words.push("--problem", name);
  if (query.solver) words.push("--solver", query.solver);
  if (query.target) words.push("--target", String(query.target));
  if (data.made.gradient_cost) words.push("--gradient-cost", data.made.gradient_cost);
  return words.map(shellWord).join(" ");
}

function familyAndStart(about, data) {
  for (const family of new Set(data.problems.map((one) => one.family))) {
    for (const start of data.starts) {
      if (about.startsWith(`${family}, ${start}, gap `)) return [family, start];
    }
  }
  return [undefined, undefined];
}

function dialogParts(query, data, state, dialog) {
  const found = runsOfQuery(query, data);
  const title = document.createElement("h2");
  title.id = "query-title";
  title.textContent = found.length === 1 ? "Made of one run" : `Made of ${found.length.toLocaleString("en")} runs`;
  const command = document.createElement("pre");
  command.tabIndex = 0;
  command.textContent = commandOfQuery(query, data);
  const list = document.createElement("ul");
  list.append(...found.slice(0, MOST_LISTED).map((r) => runItem(r, data, state, dialog)));
  const more = document.createElement("p");
  more.className = "small";
  more.textContent = found.length > MOST_LISTED ? `and ${(found.length - MOST_LISTED).toLocaleString("en")} more` : "";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  return [title, command, list, more, close];
}

function runItem(r, data, state, dialog) {
  const { runs } = data;
  const item = document.createElement("li");
  const told = document.createElement("bdi");
  const names = [data.problems[runs.problem[r]].title, data.solvers[runs.solver[r]].title, data.trials[runs.trial[r]]];
  told.textContent = `${runs.key[r]}: ${names.join(", ")}: ${runs.ending[r]}`;
  item.append(told);
  if (runs.trajectory[r] >= 0) {
    const show = document.createElement("button");
    show.type = "button";
    show.textContent = "Show it move";
    show.addEventListener("click", () => {
      dialog.close();
      state.set({ runs: [r] });
      document.getElementById("player")?.scrollIntoView();
    });
    item.append(" ", show);
  }
  return item;
}
