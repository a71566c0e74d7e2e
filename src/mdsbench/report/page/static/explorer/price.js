// The slider of the price of a gradient: from 0 to n, finer where prices are small.

import { make } from "../player/elements.js";

const SLIDER_STEPS = 400;

/** The price at a place of the slider from 0 to 1, for n variables: 0 at its left end, n at its right. */
export function priceAtPlace(place, n) {
  const price = Math.expm1(place * Math.log1p(n));
  return price < 10 ? Math.round(100 * price) / 100 : Number(price.toPrecision(3));
}

/** The place of a price on the slider. */
export function placeOfPrice(price, n) {
  return Math.min(1, Math.log1p(price) / Math.log1p(n));
}

/** A slider for `price` of the state; `settle(n)` gives it its range. */
export function createPrice(state) {
  const slider = make("input", { type: "range", min: "0", max: String(SLIDER_STEPS), step: "1" });
  const number = make("input", { type: "number", min: "0", step: "any", class: "price" });
  const byVariable = make("input", { type: "checkbox" });
  let n = 1;
  slider.addEventListener("input", () => state.set({ price: priceAtPlace(slider.value / SLIDER_STEPS, n) }));
  number.addEventListener("change", () => {
    const price = Number(number.value);
    if (Number.isFinite(price) && price >= 0) state.set({ price });
  });
  byVariable.addEventListener("change", () => state.set({ price: byVariable.checked ? "dimension" : 1 }));
  const settle = (variables) => {
    n = Math.max(1, variables);
    const price = state.get("price");
    byVariable.checked = price === "dimension";
    const shown = price === "dimension" ? n : price;
    slider.value = String(Math.round(SLIDER_STEPS * placeOfPrice(shown, n)));
    slider.setAttribute("aria-valuetext", `a gradient counts as ${shown} function values`);
    number.value = String(shown);
    number.disabled = byVariable.checked;
    slider.disabled = byVariable.checked;
    const counts = state.get("cost") === "calls";
    element.hidden = !counts;
  };
  const element = make(
    "div", { class: "controls price" },
    make("label", {}, make("span", {}, "A gradient counts as"), slider), make("label", {}, number, make("span", {}, "function values")),
    make("label", {}, byVariable, make("span", {}, "n, one for each variable")),
  );
  return { element, settle };
}
