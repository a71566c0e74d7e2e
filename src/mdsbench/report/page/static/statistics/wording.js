// Numbers and lists as they stand in a sentence, exactly as in the command line's answers.

/** One, two and three. */
export function listed(items, last = "and") {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${last} ${items[items.length - 1]}`;
}

/** So many of all: "none of 4", "3 of 4", "all 4". */
export function shareInWords(part, whole) {
  return !part ? `none of ${whole}` : part === whole ? `all ${whole}` : `${part} of ${whole}`;
}

/** A number with so many decimals and commas between thousands; of two equally near ones, the even one. */
export function fixed(number, decimals = 0) {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
  const [whole, part] = halfToEven(Math.abs(number), decimals).split(".");
  const minus = number < 0 ? "-" : "";
  return `${minus}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${part ? `.${part}` : ""}`;
}

function halfToEven(number, decimals) {
  if (number >= 1e21) return BigInt(number).toString();
  const text = number.toFixed(decimals);
  const scaled = number * 2 ** (decimals + 1); // exact: an odd whole number if two decimals are equally near
  const digits = text.replace(".", "");
  if (scaled % 2 !== 1 || Number(digits[digits.length - 1]) % 2 === 0) return text;
  const even = (BigInt(digits) - 1n).toString().padStart(decimals + 1, "0");
  return decimals ? `${even.slice(0, -decimals)}.${even.slice(-decimals)}` : even;
}

/** Three digits, and all of those before the decimal point. */
export function rounded(number) {
  return fixed(number, number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2);
}

/** A number with so many digits at most, without zeros at its end, as "0.01" or "1e-6". */
export function digitsOf(number, digits) {
  if (!Number.isFinite(number) || !number) return number ? fixed(number) : "0";
  const power = Number(Math.abs(number).toExponential(digits - 1).split("e")[1]);
  if (power < -4 || power >= digits) {
    const [mantissa, exponent] = number.toExponential(digits - 1).split("e");
    return `${withoutZeros(mantissa)}e${exponent.replace("+", "")}`;
  }
  const minus = number < 0 ? "-" : "";
  return minus + withoutZeros(halfToEven(Math.abs(number), digits - 1 - power));
}

function withoutZeros(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A cost: whole, unless it is so small that its parts matter. */
export function counted(number) {
  return number >= 9.95 || number === fixedWhole(number) ? fixed(number) : digitsOf(number, 2);
}

function fixedWhole(number) {
  return Number.isInteger(number) ? number : NaN;
}

/** A cost in words, in powers of ten from ten million on: "1,255", "1.23e9". */
export function amount(number) {
  if (!(number >= 1e7)) return counted(number);
  if (!Number.isFinite(number)) return "inf";
  const power = Number(number.toExponential(2).split("e+")[1]);
  return `${fixed(roundedToEven(number / 10 ** (power - 2)) / 100, 2)}e${power}`;
}

function roundedToEven(number) {
  const whole = Math.round(number);
  return number % 1 === 0.5 && whole % 2 ? whole - 1 : whole;
}

/** A relative gap: "0.01", "1e-6". */
export function gapInWords(target) {
  return digitsOf(target, 6);
}

/** A cost of some kind: "1 call", "1,712 evaluations". */
export function plural(number, kind) {
  return `${counted(number)} ${kind}${counted(number) === "1" ? "" : "s"}`;
}
