// What the page says and draws: words of its own HTML, and codes as squares.

import { encode } from "./qr.js";

const SVG = "http://www.w3.org/2000/svg", QUIET = 4;

export const at = (id) => document.getElementById(id);

/** A copy of one of the page's words, in both languages. */
export function word(name) {
  const found = document.querySelector(`#words [data-word="${CSS.escape(`:${name}`)}"]`);
  const said = document.createElement("span");
  said.append(...(found ?? said).cloneNode(true).childNodes);
  return said;
}

export const dayOf = (seconds) => new Date(seconds * 1000).toLocaleDateString("fr-FR");
export const momentOf = (seconds) => new Date(seconds * 1000).toLocaleString("fr-FR", { dateStyle: "short", timeStyle: "short" });

/** Say something, once: what stands there already is not read aloud again; without content, nothing. */
export function notice(id, ...content) {
  const said = content.map((each) => each.textContent).join("");
  if (at(id).textContent !== said) at(id).replaceChildren(...content);
  at(id).hidden = !content.length;
}

/** Draw `text` as a QR code into `box`. */
export function draw(box, text, level, label) {
  const rows = encode(text, { level }), size = rows.length + 2 * QUIET;
  const dark = rows.flatMap((row, y) => row.flatMap((each, x) => (each ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])));
  const image = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  image.setAttribute("viewBox", `0 0 ${size} ${size}`);
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", label);
  image.setAttribute("shape-rendering", "crispEdges");
  path.setAttribute("d", dark.join(""));
  image.append(path);
  box.replaceChildren(image);
}
