// The gap of every shown run over the clock, on two logarithmic axes, with a mark that moves.

import { placeOf } from "./clock.js";
import { clearLayer, createLayers } from "./layers.js";
import { gapBetween, trackEnd } from "./track.js";
import { powerOfTen } from "./numbers.js";

const CURVE_LEFT = 52;
const CURVE_RIGHT = 12;
const CURVE_TOP = 22;
const CURVE_FOOT = 40;
const LEAST_GAP = 1e-10;
const GREATEST_GAP = 1e3;
const CLOCK_TITLES = {
  iterations: "iterations", evaluations: "function values", cost: "cost, in function values", seconds: "seconds",
};

/** An empty figure of gap curves inside `parent`. */
export function createCurve(parent) {
  const frame = document.createElement("div");
  frame.className = "player-curve";
  parent.append(frame);
  return { frame, layers: createLayers(frame), low: 1e-8, high: 1, tracks: [], clock: null, theme: null };
}

/** The powers of ten that hold all gaps above zero, at most those from LEAST_GAP to GREATEST_GAP. */
export function gapRange(tracks) {
  let [low, high] = [1, 1];
  for (const { gaps } of tracks) {
    for (const gap of gaps) {
      if (gap > 0 && gap < low) low = gap;
      if (gap > high && gap < Infinity) high = gap;
    }
  }
  const exponent = Math.floor(Math.log10(Math.max(low, LEAST_GAP)) + 1e-9);
  return [10 ** Math.min(exponent, -1), 10 ** Math.ceil(Math.log10(Math.min(high, GREATEST_GAP)) - 1e-9)];
}

/** Draws axes and curves for tracks on a clock {name, start, end}. */
export function settleCurve(curve, tracks, clock, theme) {
  const { layers } = curve;
  layers.fit();
  [curve.low, curve.high] = gapRange(tracks);
  Object.assign(curve, { tracks, clock, theme });
  clearLayer(layers.ground, layers);
  drawCurveAxes(curve, layers.ground);
  for (const track of tracks) drawOneCurve(curve, layers.ground, track);
}

function curveX(curve, amount) {
  const { start, end } = curve.clock;
  return CURVE_LEFT + placeOf(amount, start, end) * (curve.layers.width - CURVE_LEFT - CURVE_RIGHT);
}

function curveY(curve, gap) {
  const share = Math.log(Math.min(Math.max(gap, curve.low), curve.high) / curve.low) / Math.log(curve.high / curve.low);
  return curve.layers.height - CURVE_FOOT - share * (curve.layers.height - CURVE_FOOT - CURVE_TOP);
}

function drawCurveAxes(curve, ctx) {
  const { layers, clock, theme, low, high } = curve;
  const foot = layers.height - CURVE_FOOT;
  ctx.font = `12px ${theme.font}`;
  ctx.fillStyle = theme.faint;
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  ctx.beginPath();
  const [bottom, top] = [low, high].map((gap) => Math.round(Math.log10(gap)));
  const every = Math.ceil((top - bottom) / 5);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (let e = top; e >= bottom; e -= every) {
    const y = Math.round(curveY(curve, 10 ** e)) + 0.5;
    ctx.moveTo(CURVE_LEFT, y);
    ctx.lineTo(layers.width - CURVE_RIGHT, y);
    ctx.fillText(`${e === bottom && low <= LEAST_GAP ? "≤ " : ""}${powerOfTen(e)}`, CURVE_LEFT - 6, y);
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  const [first, last] = [Math.ceil(Math.log10(clock.start)), Math.floor(Math.log10(clock.end))];
  const step = Math.max(1, Math.ceil(((last - first + 1) * 48) / layers.width));
  for (let e = first; e <= last; e += step) {
    const x = Math.round(curveX(curve, 10 ** e)) + 0.5;
    ctx.moveTo(x, CURVE_TOP);
    ctx.lineTo(x, foot + 4);
    if (x > CURVE_LEFT + 30 || e > first) ctx.fillText(powerOfTen(e), x, foot + 6);
  }
  ctx.stroke();
  ctx.fillText("start", CURVE_LEFT, foot + 6);
  ctx.fillText(CLOCK_TITLES[clock.name], (CURVE_LEFT + layers.width - CURVE_RIGHT) / 2, foot + 22);
  ctx.textAlign = "left";
  ctx.fillText("gap", 4, 3);
}

function drawOneCurve(curve, ctx, track) {
  const { amounts, gaps, solver } = track;
  ctx.beginPath();
  let pen = false;
  for (let k = 0; k < gaps.length; k += 1) {
    if (Number.isNaN(gaps[k])) {
      pen = false;
      continue;
    }
    const [x, y] = [curveX(curve, amounts[k]), curveY(curve, gaps[k])];
    if (pen) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    pen = true;
  }
  ctx.strokeStyle = solver.colour;
  ctx.lineWidth = 2;
  ctx.lineJoin = "round";
  ctx.setLineDash(solver.dash ? solver.dash.split(",").map((length) => 2 * Number(length)) : []);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Moves the mark of every run to an amount. A run that is over stays at its end. */
export function drawCurve(curve, amount) {
  const { layers, clock, theme, tracks } = curve;
  const ctx = layers.moving;
  clearLayer(ctx, layers);
  const now = curveX(curve, amount);
  ctx.strokeStyle = theme.faint;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(now, CURVE_TOP);
  ctx.lineTo(now, layers.height - CURVE_FOOT);
  ctx.stroke();
  for (const track of tracks) {
    const there = Math.min(amount, Math.max(trackEnd(track), clock.start));
    const gap = gapBetween(track, there, clock.start, curve.low);
    if (!Number.isFinite(gap)) continue;
    ctx.fillStyle = track.solver.colour;
    ctx.strokeStyle = theme.paper;
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    ctx.arc(curveX(curve, there), curveY(curve, gap), 5.5, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }
}

/** The place 0..1 of the clock under a horizontal pixel of the figure. */
export function curvePlace(curve, x) {
  return Math.min(1, Math.max(0, (x - CURVE_LEFT) / (curve.layers.width - CURVE_LEFT - CURVE_RIGHT)));
}
