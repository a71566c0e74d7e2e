// The player: runs move on their maps by one clock, as the page's state says.

import { amountAt, clockEnd, clockStart, locate, neighbour, placeOf } from "./clock.js";
import { amountText, captionText, followText } from "./captions.js";
import { createChooser } from "./chooser.js";
import { createControls, listenToKeys } from "./controls.js";
import { createCurve, curvePlace, drawCurve, settleCurve } from "./curve.js";
import { createSearch } from "./search.js";
import { createStage, drawStage, pointNear, settleStage } from "./stage.js";
import { createTrack, trackEnd } from "./track.js";
import { colourSpot, make } from "./elements.js";
import { defaultRuns } from "./choice.js";
import { themeOf, watchTheme } from "./theme.js";
import { pixelsAt } from "./motion.js";

const WHOLE_CLOCK = 14; // seconds to play it at speed 1
const STILL_PLACES = 24; // pictures of the whole clock where motion is reduced
const WORDS_EVERY = 100; // milliseconds between captions while it plays
const SAY_AFTER = 400;
const PLAYER_NAMES = ["runs", "clock", "price", "layout", "turn", "labels", "trail", "residuals", "follow", "at", "speed"];

/** Mounts the player in an element; `root.positionsAt(slot, place)` gives the pixels of a run's points, for tests. */
export function mountPlayer(root, data, state) {
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  const player = { tracks: [], stages: [], clock: { name: "", start: 0.5, end: 1 }, place: 0, playing: false, order: 0 };
  if (!data.runs.problem.length) {
    root.replaceChildren(make("p", {}, "There is no run to show."));
    return;
  }
  const chosenRuns = () => {
    const known = state.get("runs").filter((r) => Number.isInteger(r) && r >= 0 && r < data.runs.problem.length);
    return known.length ? [...new Set(known)].slice(0, 6) : defaultRuns(data, state.get("price"));
  };
  const amountNow = () => amountAt(player.place, player.clock.start, player.clock.end);
  const actions = {
    toggle: () => (player.playing ? pause() : play()),
    seek: (place) => {
      pause();
      goTo(place);
    },
    leap: (way) => actions.seek(Math.min(1, Math.max(0, player.place + way))),
    step: (way) => {
      const { start, end } = player.clock;
      const next = neighbour(player.tracks.map((track) => track.amounts), amountNow(), way, start, end);
      actions.seek(placeOf(next, start, end));
    },
    setClock: (name) => {
      pause();
      state.set({ clock: name });
    },
  };
  const chooser = createChooser(data, (runs) => state.set({ runs, at: player.place }));
  const controls = createControls(state, actions);
  const search = createSearch((follow) => state.set({ follow }));
  const stagesBox = make("div", { class: "player-stages" });
  const curveBox = make("div", { class: "player-curve-box" });
  const curve = createCurve(curveBox);
  const live = make("p", { class: "visually-hidden", role: "status" });
  const credit = make("p", { class: "small" });
  root.classList.add("player");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Moving maps");
  root.tabIndex = 0;
  root.replaceChildren(chooser.root, stagesBox, controls.legend, controls.transport, controls.options, search.root, curveBox, controls.keys, credit, live);

  /** Whether the price changes the clock or, where none are chosen, the runs. */
  function priceMatters() {
    return state.get("clock") === "cost" || String(chosenRuns()) !== String(player.tracks.map((track) => track.run));
  }

  function rebuild() {
    const [name, price] = [state.get("clock"), state.get("price")];
    const runs = chosenRuns();
    const before = new Map(player.tracks.map((track) => [track.run, track]));
    player.tracks = runs.map((r) => createTrack(data, r, name, price));
    const amounts = player.tracks.map((track) => Float64Array.of(...track.amounts.slice(-1), trackEnd(track)));
    const start = clockStart(player.tracks.map((track) => track.amounts));
    player.clock = { name, start, end: clockEnd(amounts, start) };
    chooser.show(runs);
    arrange();
    player.order += 1;
    const { order } = player;
    for (const track of player.tracks) {
      if (!track.trajectory) continue;
      const known = before.get(track.run);
      if (known?.positions) track.positions = known.positions;
      else load(track, order);
    }
    settle();
  }

  async function load(track, order) {
    try {
      const positions = await data.positions(track.j);
      if (player.order !== order) return;
      track.positions = positions;
    } catch (error) {
      track.fault = `its positions cannot be read: ${error?.message ?? error}`;
    }
    draw();
    words();
  }

  function arrange() {
    const groups = [];
    for (const track of player.tracks) {
      const same = groups.find((group) => track.map && group[0].map === track.map);
      if (same && state.get("layout") === "overlay") same.push(track);
      else groups.push([track]);
    }
    stagesBox.replaceChildren();
    player.stages = groups.map((tracks) => {
      const figure = make("figure", { class: "player-stage" });
      const heads = make("figcaption", {});
      figure.append(heads);
      stagesBox.append(figure);
      const stage = createStage(figure, data, tracks);
      for (const track of tracks) heads.append(headOf(track));
      const note = noteOf(tracks);
      if (note) stage.frame.append(make("p", { class: "player-note" }, note));
      stage.frame.addEventListener("click", (event) => {
        const box = stage.frame.getBoundingClientRect();
        const found = pointNear(stage, event.clientX - box.left - stage.frame.clientLeft, event.clientY - box.top - stage.frame.clientTop, 16);
        if (found >= 0) state.set({ follow: found === state.get("follow") ? -1 : found });
      });
      return stage;
    });
    observer.disconnect();
    for (const stage of player.stages) observer.observe(stage.frame);
    observer.observe(curve.frame);
    const credits = player.stages.flatMap((stage) => [stage.map?.credit, stage.land?.credit]).filter(Boolean);
    credit.textContent = [...new Set(credits)].join(" · ");
  }

  function headOf(track) {
    const { runs, trials } = data;
    const title = make("bdi", { class: "player-title" }, track.solver.title);
    const differ = player.tracks.some((other) => runs.trial[other.run] !== runs.trial[track.run] || other.problem !== track.problem);
    const where = differ ? make("span", { class: "small" }, ` ${track.problem.title}, ${trials[runs.trial[track.run]]}`) : "";
    track.words = make("span", { class: "player-words" });
    track.followWords = make("span", { class: "player-words small" });
    return make("div", { class: "player-head" }, colourSpot(track.solver.colour), title, where, track.words, track.followWords);
  }

  function noteOf(tracks) {
    if (tracks.every((track) => track.trajectory)) return "";
    return tracks[0].map ? "The snapshots of this run are not in the page. Its gaps are below." : "This function has no map. Its gaps are below.";
  }

  function settle() {
    const theme = themeOf(root);
    for (const stage of player.stages) settleStage(stage, theme, state.get("turn"));
    settleCurve(curve, player.tracks, player.clock, theme);
    search.show(player.tracks[0]?.map, state.get("follow"));
    controls.show();
    draw();
    words();
  }

  // One object for all pictures: nothing is made anew while it plays.
  const options = { labels: "some", trail: true, residuals: false, still: false };
  function draw() {
    options.labels = state.get("labels");
    options.trail = state.get("trail");
    options.residuals = state.get("residuals");
    options.still = stillness.matches;
    const amount = amountNow();
    const follow = state.get("follow");
    for (const stage of player.stages) {
      stage.follow = follow;
      drawStage(stage, amount, player.clock, options);
    }
    drawCurve(curve, amount);
  }

  function words() {
    const { start, name } = player.clock;
    const amount = amountNow();
    const shown = player.place === 0 ? "the start" : amountText(amount, name);
    controls.showPlace(player.place, shown, player.playing);
    for (const stage of player.stages) {
      for (const track of stage.tracks) {
        const text = track.fault ?? captionText(data, track, amount, start, name);
        track.words.textContent = text;
        track.followWords.textContent = stage.view && track.positions ? followText(track, stage.follow, stage.view.scale) : "";
      }
      if (!player.playing) stage.layers.canvas.setAttribute("aria-label", stageText(stage));
    }
    if (!player.playing) {
      curve.layers.canvas.setAttribute("aria-label", `Gap over ${name}, logarithmic: ${player.tracks.map(trackText).join("; ")}`);
      clearTimeout(player.saying);
      player.saying = setTimeout(() => {
        live.textContent = player.tracks.map((track) => `${trackText(track)} ${track.followWords.textContent}`).join(". ");
      }, SAY_AFTER);
    }
  }

  const trackText = (track) => `${track.solver.title}: ${track.words.textContent}`;
  const stageText = (stage) => `Map of ${stage.tracks[0].problem.title}. ${stage.tracks.map(trackText).join("; ")}`;

  function goTo(place) {
    player.place = place;
    draw();
    words();
    if (!player.playing) state.set({ at: place });
  }

  function play() {
    if (player.place >= 1) player.place = 0;
    player.playing = true;
    player.last = performance.now();
    player.said = 0;
    player.elapsed = 0;
    words();
    requestAnimationFrame(tick);
  }

  function pause() {
    if (!player.playing) return;
    player.playing = false;
    goTo(player.place);
  }

  function tick(now) {
    if (!player.playing) return;
    if (!root.isConnected) {
      player.playing = false;
      return;
    }
    const passed = Math.min(Math.max(now - player.last, 0), 250) / 1000;
    player.last = now;
    player.elapsed += (passed * state.get("speed")) / WHOLE_CLOCK;
    const least = stillness.matches ? 1 / STILL_PLACES : 0;
    if (player.elapsed >= least) {
      player.place = Math.min(1, player.place + player.elapsed);
      player.elapsed = 0;
      draw();
      if (now - player.said > WORDS_EVERY) {
        player.said = now;
        words();
      }
    }
    if (player.place >= 1) pause();
    else requestAnimationFrame(tick);
  }

  const observer = new ResizeObserver(() => {
    if (player.stages.some((stage) => stage.layers.fit()) || curve.layers.fit()) settle();
  });
  curve.frame.addEventListener("click", (event) => {
    actions.seek(curvePlace(curve, event.clientX - curve.frame.getBoundingClientRect().left));
  });
  listenToKeys(root, actions);
  watchTheme(settle);
  stillness.addEventListener("change", draw);
  state.watch(PLAYER_NAMES, (changed) => {
    if (changed.includes("at") && !player.playing) player.place = state.get("at");
    if (changed.every((name) => name === "price") && !priceMatters()) return;
    if (changed.some((name) => ["runs", "clock", "price", "layout"].includes(name))) rebuild();
    else if (changed.includes("turn") || changed.includes("follow")) settle();
    else {
      controls.show();
      draw();
      words();
    }
  });
  root.positionsAt = (slot, place = player.place) => {
    const track = player.tracks[slot];
    const { start, end } = player.clock;
    const { frame, share } = locate(track.amounts, amountAt(place, start, end), start, { frame: 0, share: 0 });
    return pixelsAt(track.positions, track.n, frame, stillness.matches ? 0 : share, track.affine, new Float32Array(2 * track.n));
  };
  root.playerClock = () => ({ ...player.clock, place: player.place, playing: player.playing });
  root.drawForTest = (place) => {
    player.place = place;
    draw();
  };
  player.place = state.get("at");
  rebuild();
}
