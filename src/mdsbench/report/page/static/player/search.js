// "If you see your city": a name is typed, its point is followed.

import { labelledButton, make } from "./elements.js";

const SUGGESTIONS = 40;

/** A name without case and accents, to compare what is typed. */
export function foldedName(name) {
  return String(name).normalize("NFKD").replace(/\p{M}/gu, "").trim().toLowerCase();
}

/** The indices of the labels that fit what is typed: the same name, then those that begin with it, then that have it. */
export function labelsLike(labels, typed, most) {
  const wanted = foldedName(typed);
  if (!wanted) return [];
  const ranks = [[], [], []];
  for (let i = 0; i < labels.length; i += 1) {
    const name = foldedName(labels[i]);
    const rank = name === wanted ? 0 : name.startsWith(wanted) ? 1 : name.includes(wanted) ? 2 : -1;
    if (rank >= 0 && ranks[rank].length < most) ranks[rank].push(i);
  }
  return ranks.flat().slice(0, most);
}

/** A search box over the names of a map; `onfollow(index)` is called with a point, -1 for none. */
export function createSearch(onfollow) {
  let labels = [];
  const list = make("datalist", { id: "player-names" });
  const input = make("input", { type: "search", autocomplete: "off", spellcheck: false });
  input.setAttribute("list", "player-names");
  input.setAttribute("placeholder", "its name");
  const answer = make("span", { class: "small", role: "status" });
  const stop = labelledButton("Follow none", () => {
    input.value = "";
    answer.textContent = "";
    onfollow(-1);
  });
  const suggest = () => {
    const found = labelsLike(labels, input.value, SUGGESTIONS);
    const names = [...new Set(found.map((i) => labels[i]))];
    list.replaceChildren(...names.map((name) => make("option", { value: name })));
    return found;
  };
  input.addEventListener("input", () => {
    const found = suggest();
    if (found.length && foldedName(labels[found[0]]) === foldedName(input.value)) choose(found[0]);
  });
  input.addEventListener("change", () => {
    const found = suggest();
    if (found.length) choose(found[0]);
    else if (input.value.trim()) answer.textContent = "That name is not on this map.";
  });
  const choose = (index) => {
    answer.textContent = "";
    onfollow(index);
  };
  const root = make("div", { class: "controls" }, make("label", {}, make("span", {}, "If you see your city:"), input), list, stop, answer);
  const show = (map, follow) => {
    labels = map ? map.labels : [];
    root.hidden = !labels.some((label) => label);
    stop.disabled = follow < 0;
    if (follow >= 0 && labels[follow] && foldedName(input.value) !== foldedName(labels[follow])) input.value = labels[follow];
  };
  return { root, show };
}
