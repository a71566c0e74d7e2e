// Small elements of the player, all with a name.

/** An element with properties, a class and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A select with a label in front; `options` are pairs of value and text. */
export function labelledSelect(text, options, value, onchange) {
  const select = make("select");
  fillSelect(select, options, value);
  select.addEventListener("change", () => onchange(select.value));
  return { label: make("label", {}, make("span", {}, text), select), select };
}

/** Gives a select its options, and the chosen value if it is among them. */
export function fillSelect(select, options, value) {
  select.replaceChildren(...options.map(([key, text]) => make("option", { value: String(key) }, text)));
  select.value = String(value);
}

/** A checkbox with its label behind. */
export function labelledBox(text, checked, onchange) {
  const box = make("input", { type: "checkbox", checked });
  box.addEventListener("change", () => onchange(box.checked));
  return { label: make("label", {}, box, make("span", {}, text)), box };
}

/** A button with a text. */
export function labelledButton(text, onclick) {
  const button = make("button", { type: "button" }, text);
  button.addEventListener("click", onclick);
  return button;
}

/** The colour of a solver as a spot, described by the words beside it. */
export function colourSpot(colour) {
  const spot = make("span", { class: "player-spot", "aria-hidden": "true" });
  spot.style.backgroundColor = colour;
  return spot;
}
