// Who runs in the race: the mark of each, and the table that names them.

import { element, stroke } from "./elements.js";

export const WALKERS = ["plain", "momentum", "adam"];

/** Return a mark around a place; each walker has its own. */
export function mark(name, x, y) {
  const at = `M${x.toFixed(1)} ${y.toFixed(1)}`;
  if (name === "plain") return `${at}m-5 -5h10v10h-10z`;
  if (name === "momentum") return `${at}m0 -7l6 12h-12z`;
  return `${at}m-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z`;
}

/** Return a table with a row for each walker, and what fills a row. */
export function ranking(words) {
  const rows = WALKERS.map((name) => {
    const sample = stroke("svg", { viewBox: "0 0 34 14", width: 34, height: 14, "aria-hidden": true },
      stroke("path", { class: `live-runner live-${name}`, d: "M1 7H33" }),
      stroke("path", { class: `live-mark live-${name}`, d: mark(name, 17, 7) }));
    const cells = [element("td"), element("td"), element("td")];
    const head = element("th", { scope: "row" }, sample, ` ${words.walkers[name]}`);
    return { row: element("tr", {}, head, ...cells), cells };
  });
  const head = ["walker", "rate", "now", "last"].map((key) =>
    element("th", { scope: "col" }, words.head[key]));
  const node = element("table", { className: "live-table" },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows.map(({ row }) => row)));
  const tell = (index, texts) =>
    rows[index].cells.forEach((cell, i) => (cell.textContent = texts[i]));
  return { node, tell };
}
