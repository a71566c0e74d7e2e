// Play, pause, scrub, step, speed and clock; how the maps are shown.

import { labelledBox, labelledButton, labelledSelect, make } from "./elements.js";

const SPEEDS = [[0.125, "1/8"], [0.25, "1/4"], [0.5, "1/2"], [1, "1"], [2, "2"], [4, "4"], [8, "8"]];
const RANGE = 1000;

/** The row to play: `actions` has toggle, step(way), seek(place 0..1), setClock(name); the state has the rest. */
export function createControls(state, actions) {
  const play = labelledButton("Play", actions.toggle);
  play.className = "player-play";
  const back = labelledButton("◀ Step", () => actions.step(-1));
  back.setAttribute("aria-label", "One snapshot back");
  const forward = labelledButton("Step ▶", () => actions.step(1));
  forward.setAttribute("aria-label", "One snapshot forward");
  const range = make("input", { type: "range", min: "0", max: String(RANGE), step: "any", value: "0" });
  range.setAttribute("aria-label", "Place on the clock");
  range.addEventListener("input", () => actions.seek(Number(range.value) / RANGE));
  const amount = make("output", { class: "player-amount" });
  const clock = labelledSelect("Count", [
    ["iterations", "iterations"], ["evaluations", "function values only"],
    ["cost", "cost: a gradient counts too"], ["seconds", "seconds"],
  ], state.get("clock"), actions.setClock);
  const speed = labelledSelect("Speed", SPEEDS, state.get("speed"), (value) => state.set({ speed: Number(value) }));
  const choice = (name, text, options) => labelledSelect(text, options, state.get(name), (value) => state.set({ [name]: value }));
  const layout = choice("layout", "Maps", [["side", "side by side"], ["overlay", "one on the other"]]);
  const labels = choice("labels", "Names", [["none", "none"], ["some", "some"], ["large", "large"]]);
  const turn = choice("turn", "Turn", [["start", "equal starts look equal"], ["end", "each fits at its end"]]);
  const trail = labelledBox("trails", state.get("trail"), (checked) => state.set({ trail: checked }));
  const wrong = labelledBox("most wrong distances", state.get("residuals"), (checked) => state.set({ residuals: checked }));
  const key = (kind, text) => [make("span", { class: `player-key ${kind}`, "aria-hidden": "true" }), text];
  const wrongKey = make("span", {}, " The distances that are most wrong:",
    ...key("long", "too long"), ...key("short", "too short"));
  const legend = make("p", { class: "small" }, "Open circles: the places of the map that is looked for.", wrongKey);
  const transport = make("div", { class: "controls player-transport" }, play, back, forward, range, amount);
  const options = make("div", { class: "controls" },
    clock.label, speed.label, layout.label, labels.label, turn.label, trail.label, wrong.label);
  const keys = make("p", { class: "small screen-only" },
    "Keys: Space plays and pauses, ← and → step one snapshot, Home and End go to the start and the end. Click a point to follow it.");
  const show = () => {
    clock.select.value = state.get("clock");
    speed.select.value = String(state.get("speed"));
    if (speed.select.selectedIndex < 0) speed.select.value = "1";
    layout.select.value = state.get("layout");
    labels.select.value = state.get("labels");
    turn.select.value = state.get("turn");
    trail.box.checked = state.get("trail");
    wrong.box.checked = state.get("residuals");
    wrongKey.hidden = !state.get("residuals");
  };
  const showPlace = (place, text, playing) => {
    range.value = String(place * RANGE);
    if (amount.textContent !== text) {
      amount.textContent = text;
      range.setAttribute("aria-valuetext", text);
    }
    const word = playing ? "Pause" : "Play";
    if (play.textContent !== word) play.textContent = word;
  };
  return { transport, options, keys, legend, show, showPlace };
}

/** Calls the actions for the keys of the player; those of fields and buttons keep their own meaning. */
export function listenToKeys(root, actions) {
  root.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const field = target.closest("select, input:not([type=range])");
    if (field || (key === " " && target.closest("button"))) return;
    const ways = {
      " ": actions.toggle, ArrowLeft: () => actions.step(-1), ArrowRight: () => actions.step(1),
      ArrowDown: () => actions.step(-1), ArrowUp: () => actions.step(1),
      PageDown: () => actions.leap(-0.1), PageUp: () => actions.leap(0.1),
      Home: () => actions.seek(0), End: () => actions.seek(1),
    };
    const vertical = key === "ArrowUp" || key === "ArrowDown" || key === "PageUp" || key === "PageDown";
    if (!ways[key] || (vertical && target.type !== "range")) return;
    event.preventDefault();
    ways[key]();
  });
}
