// What stands still on a map: sea, land and coast, or plain axes, and the true places.

import { roundTicks } from "./numbers.js";

/** Draws the ground of a map; `place` is its view without any turn. */
export function drawGround(ctx, layers, map, land, view, theme, radius) {
  if (land) drawLand(ctx, layers, land, view, theme);
  else drawAxes(ctx, layers, map, view, theme);
  drawTruth(ctx, map.truth, view, theme, radius);
}

function drawLand(ctx, layers, land, view, theme) {
  ctx.fillStyle = theme.sea;
  ctx.fillRect(0, 0, layers.width, layers.height);
  ctx.beginPath();
  for (const ring of land.rings) {
    for (let k = 0; k + 1 < ring.length; k += 2) {
      const x = view.scale * ring[k] + view.left;
      const y = view.top - view.scale * ring[k + 1];
      if (k === 0) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    }
    ctx.closePath();
  }
  ctx.fillStyle = theme.land;
  ctx.fill("evenodd");
  ctx.strokeStyle = theme.coast;
  ctx.lineWidth = 0.75;
  ctx.lineJoin = "round";
  ctx.stroke();
}

function drawAxes(ctx, layers, map, view, theme) {
  const { width, height } = layers;
  ctx.strokeStyle = theme.line;
  ctx.fillStyle = theme.faint;
  ctx.lineWidth = 1;
  ctx.font = `12px ${theme.font}`;
  const [left, right] = [(0 - view.left) / view.scale, (width - view.left) / view.scale];
  const [low, high] = [(view.top - height) / view.scale, view.top / view.scale];
  const ticks = Math.max(2, Math.min(6, Math.floor(width / 90)));
  ctx.beginPath();
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  for (const tick of roundTicks(left, right, ticks)) {
    const x = Math.round(view.scale * tick + view.left) + 0.5;
    ctx.moveTo(x, 0);
    ctx.lineTo(x, height);
    if (x > 60 && x < width - 20) ctx.fillText(tick.toLocaleString("en-US"), x, height - 3);
  }
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  for (const tick of roundTicks(low, high, ticks)) {
    const y = Math.round(view.top - view.scale * tick) + 0.5;
    ctx.moveTo(0, y);
    ctx.lineTo(width, y);
    if (y > 24 && y < height - 24) ctx.fillText(tick.toLocaleString("en-US"), 4, y - 8);
  }
  ctx.stroke();
  ctx.textBaseline = "top";
  ctx.fillText(map.unit ? `in ${map.unit}` : "in the unit of the distances", 4, 4);
}

function drawTruth(ctx, truth, view, theme, radius) {
  const n = truth.length / 2;
  ctx.strokeStyle = theme.faint;
  ctx.fillStyle = theme.faint;
  ctx.lineWidth = n > 300 ? 0.6 : 1.1;
  ctx.beginPath();
  for (let i = 0; i < n; i += 1) {
    const x = view.scale * truth[2 * i] + view.left;
    const y = view.top - view.scale * truth[2 * i + 1];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (n > 5000) ctx.fillRect(x, y, 1, 1);
    else {
      ctx.moveTo(x + radius, y);
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
    }
  }
  if (n <= 5000) ctx.stroke();
}
