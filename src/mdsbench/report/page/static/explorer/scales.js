// Scales of axes: from numbers to pixels, with ticks and their texts.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

const TICK_FORMAT = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });

/** A linear or logarithmic scale from [least, most] to pixels: {at, ticks, minor}. */
export function scaleOf(domain, pixels, logarithmic) {
  const [low, high] = (logarithmic ? domain.map(Math.log10) : domain);
  const span = high - low || 1;
  const at = (value) => pixels[0] + (((logarithmic ? Math.log10(value) : value) - low) / span) * (pixels[1] - pixels[0]);
  return { at, domain, ticks: logarithmic ? logTicks(low, high) : linearTicks(low, high) };
}

/** The least range of round numbers that holds [least, most]. */
export function roundDomain(least, most, logarithmic) {
  if (!logarithmic) return [least, most > least ? most : least + 1];
  if (!(most > 0)) return [0.1, 1];
  const low = least > 0 ? least : most / 10;
  return most / low > 30 ? [10 ** Math.floor(Math.log10(low) + 1e-9), 10 ** Math.ceil(Math.log10(most) - 1e-9)] : [low / 1.3, most * 1.3];
}

function logTicks(low, high) {
  const ticks = [];
  const every = Math.max(1, Math.ceil((high - low) / 8));
  for (let e = Math.ceil(low - 1e-9); e <= high + 1e-9; e += every) ticks.push({ value: 10 ** e, text: powerText(e) });
  if (ticks.length >= 2) return ticks;
  const found = [];
  for (let e = Math.floor(low); e <= high; e += 1) {
    for (const digit of [1, 2, 5]) {
      const place = e + Math.log10(digit);
      if (place >= low - 1e-9 && place <= high + 1e-9) found.push({ value: digit * 10 ** e, text: plainTick(digit * 10 ** e) });
    }
  }
  return found;
}

function linearTicks(low, high) {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = power * ([1, 2, 5, 10].find((digit) => digit * power >= rough) ?? 10);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) {
    ticks.push({ value: k * step, text: plainTick(k * step) });
  }
  return ticks;
}

function powerText(exponent) {
  if (exponent >= -2 && exponent <= 3) return plainTick(10 ** exponent);
  return `10${[...String(exponent)].map((letter) => RAISED[letter]).join("")}`;
}

function plainTick(value) {
  return TICK_FORMAT.format(Number(value.toPrecision(6)));
}
