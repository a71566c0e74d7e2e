// One map on which one run or more move: its layers, its view, and the picture at an amount on the clock.

import { locate } from "./clock.js";
import { affineOf, boundsOf, centreOf, pixelsAt, viewOf } from "./motion.js";
import { clearLayer, createLayers } from "./layers.js";
import { drawGround } from "./ground.js";
import { PIXELS_FROM, createPixels, drawPoints, pointRadius, pixelDot, stampOf, writePixels } from "./points.js";
import { drawTrails, trailBegin, trailFrames, trailLength } from "./trails.js";
import { drawResiduals, leastError, worstPairs, worstPairsRoom } from "./residuals.js";
import { createStageLabels, drawStageLabels } from "./stage-labels.js";

const STAGE_MARGIN = 14; // pixels
const WORST_PAIRS = 40;

/** A stage for tracks of one map (or of none), inside a new element of `parent`. */
export function createStage(parent, data, tracks) {
  const frame = document.createElement("div");
  frame.className = "player-map";
  parent.append(frame);
  const { map } = tracks[0];
  const bounds = map?.bounds?.every(Number.isFinite) ? map.bounds : boundsOf(map ? map.truth : []);
  const ratio = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0]);
  frame.style.aspectRatio = String(1 / Math.min(Math.max(Number.isFinite(ratio) ? ratio : 0.75, 0.5), 1.15));
  const stage = {
    frame, tracks, map, bounds, layers: createLayers(frame), view: null, theme: null, pixels: null,
    land: map && map.land >= 0 ? data.lands[map.land] : null,
    labels: map ? createStageLabels(map, Math.max(...tracks.map((track) => track.n))) : null,
    frames: new Int32Array(64), follow: -1,
  };
  for (const track of tracks) track.worst = { frame: -1, room: worstPairsRoom(WORST_PAIRS) };
  return stage;
}

/** Takes the size, the colours and the turn of the page, and draws what stands still. */
export function settleStage(stage, theme, turn) {
  const { layers, map, tracks } = stage;
  layers.fit();
  stage.theme = theme;
  stage.view = viewOf(stage.bounds, layers.width, layers.height, STAGE_MARGIN);
  stage.radius = pointRadius(map ? map.truth.length / 2 : 0, layers.width);
  clearLayer(layers.ground, layers);
  if (map) drawGround(layers.ground, layers, map, stage.land, stage.view, theme, stage.radius);
  for (const track of tracks) {
    if (!track.trajectory) continue;
    track.affine = affineOf(stage.view, turn === "end" ? track.trajectory.own : null, track.trajectory.offset);
    track.stamp = stampOf(track.solver.colour, theme.paper, stage.radius, layers.pixels);
    track.dot = pixelDot(track.solver.colour, stage.radius, layers.pixels);
    if (!track.truePixels) track.truePixels = new Float32Array(2 * track.n).fill(NaN);
    const flat = affineOf(stage.view, null, centreOf(map.truth));
    if (map.truth.length >= 2 * track.n) pixelsAt(map.truth, track.n, 0, 0, flat, track.truePixels);
  }
  const many = tracks.some((track) => track.n > PIXELS_FROM);
  stage.pixels = many ? createPixels(layers.middle) : null;
  if (stage.labels) stage.labels.font = "";
}

// Moves the points of a stage to an amount: afterwards `track.shown` holds their pixels.
function moveStage(stage, amount, clock, still) {
  for (const track of stage.tracks) {
    if (!track.positions || !track.affine) continue;
    locate(track.amounts, amount, clock.start, track.found);
    if (still) track.found.share = 0;
    pixelsAt(track.positions, track.n, track.found.frame, track.found.share, track.affine, track.shown);
  }
}

/** Draws a stage at an amount of the clock {start, end}, as `options` say. */
export function drawStage(stage, amount, clock, options) {
  const { layers, tracks } = stage;
  const ctx = layers.moving;
  moveStage(stage, amount, clock, options.still);
  clearLayer(ctx, layers);
  for (const track of tracks) {
    if (!track.positions) continue;
    if (options.residuals) drawWorst(stage, track);
    if (options.trail) drawTrail(stage, track, amount, clock, stage.follow);
  }
  if (stage.pixels) drawAsPixels(stage);
  for (const track of tracks) {
    if (!track.positions) continue;
    if (track.n <= PIXELS_FROM) drawPoints(ctx, track.shown, track.n, track.stamp);
    if (stage.follow >= 0 && stage.follow < track.n) drawFollowed(stage, track);
  }
  if (stage.labels && tracks[0].positions) drawStageLabels(stage, options.labels);
}

function drawAsPixels(stage) {
  const { pixels, layers, tracks } = stage;
  pixels.words.fill(0);
  for (const track of tracks) {
    if (!track.positions || track.n <= PIXELS_FROM) continue;
    writePixels(pixels, track.shown, track.n, layers.pixels, track.dot);
  }
  pixels.ctx.putImageData(pixels.image, 0, 0);
}

function drawTrail(stage, track, amount, clock, follow) {
  const most = trailLength(track.n);
  const only = most > 0 ? -1 : follow < track.n ? follow : -1;
  if (most === 0 && only < 0) return;
  const { found, tailFound } = track;
  locate(track.amounts, trailBegin(amount, clock.start, clock.end), clock.start, tailFound);
  pixelsAt(track.positions, track.n, tailFound.frame, tailFound.share, track.affine, track.tail);
  const count = trailFrames(tailFound.frame, found.frame, Math.max(most, 8), stage.frames);
  drawTrails(stage.layers.moving, track, stage.frames, count, track.solver.colour, only);
}

function drawWorst(stage, track) {
  const { worst, found } = track;
  if (worst.frame !== found.frame) {
    worst.frame = found.frame;
    worstPairs(track.positions, 2 * track.n * found.frame, stage.map.truth, track.n, leastError(stage.bounds), worst.room);
  }
  drawResiduals(stage.layers.moving, worst.room, track.shown, stage.theme);
}

function drawFollowed(stage, track) {
  const ctx = stage.layers.moving;
  const { shown, truePixels } = track;
  const [x, y] = [shown[2 * stage.follow], shown[2 * stage.follow + 1]];
  const [tx, ty] = [truePixels[2 * stage.follow], truePixels[2 * stage.follow + 1]];
  if (!Number.isFinite(x) || !Number.isFinite(y)) return;
  ctx.strokeStyle = stage.theme.ink;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.arc(x, y, stage.radius + 4, 0, 2 * Math.PI);
  ctx.stroke();
  if (!Number.isFinite(tx) || !Number.isFinite(ty)) return;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(tx, ty);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(tx, ty, stage.radius + 1.5, 0, 2 * Math.PI);
  ctx.stroke();
}

/** The point of a stage nearest to a place in pixels, within `reach`; -1 if there is none. */
export function pointNear(stage, x, y, reach) {
  let [nearest, least] = [-1, reach * reach];
  for (const track of stage.tracks) {
    for (let i = 0; i < track.n; i += 1) {
      const away = (track.shown[2 * i] - x) ** 2 + (track.shown[2 * i + 1] - y) ** 2;
      if (away < least) [nearest, least] = [i, away];
    }
  }
  return nearest;
}
