// Downloads of a figure as SVG and PNG, and of its numbers as CSV.

const CLASSES = { grid: { stroke: "#dddddd" }, axis: { stroke: "#6b6b6b" }, rule: { stroke: "#6b6b6b" }, tick: { fill: "#444444" }, name: { fill: "#1a1a1a" } };
const PNG_SCALE = 2;

/** Three buttons that save what `chart` shows under its name. */
export function downloadButtons(svg, chart, make) {
  const name = (kind) => `${chart.name}.${kind}`;
  const button = (text, save) => {
    const element = make("button", { type: "button" }, text);
    element.addEventListener("click", save);
    return element;
  };
  return [
    button("SVG", () => saveBlob(new Blob([svgText(svg)], { type: "image/svg+xml" }), name("svg"))),
    button("PNG", async () => saveBlob(await pngOf(svg), name("png"))),
    button("CSV", () => saveBlob(new Blob([csvOf(chart.figure)], { type: "text/csv" }), name("csv"))),
  ];
}

/** The numbers of a figure as CSV; a cell that a spreadsheet would compute begins with an apostrophe. */
export function csvOf({ x, y, series }) {
  const rows = [["series", "about", x.title, y.title]];
  for (const { name, about, points } of series) for (const [a, b] of points) rows.push([name, about ?? "", a, b]);
  return rows.map((row) => row.map(csvCell).join(",")).join("\n") + "\n";
}

function csvCell(value) {
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function svgText(svg) {
  const copy = svg.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.querySelector(".pointed")?.remove();
  for (const [name, looks] of Object.entries(CLASSES)) {
    for (const element of copy.querySelectorAll(`.${name}`)) for (const [key, value] of Object.entries(looks)) element.setAttribute(key, value);
  }
  return new XMLSerializer().serializeToString(copy);
}

async function pngOf(svg) {
  const address = URL.createObjectURL(new Blob([svgText(svg)], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [PNG_SCALE * image.width, PNG_SCALE * image.height];
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

function saveBlob(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
