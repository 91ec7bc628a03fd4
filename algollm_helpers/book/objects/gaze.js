// Where heads look from a letter: arcs above the letters, and shares below, row by row.

import { chooser } from "./chooser.js";
import { filled, number, stroke } from "./elements.js";

const [ARCS, TILE, CELL, NAMES] = [96, 30, 20, 54]; // px

const set = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
};
const show = (node, seen) => set(node, { visibility: seen ? "visible" : "hidden" });

export class Gaze {
  /**
   * @param {object} wish
   * @param {object} wish.words of the page
   * @param {number} wish.heads
   * @param {number} wish.most letters, with the start
   * @param {(position: number) => void} wish.chosen called when a letter is
   */
  constructor({ words, heads, most, chosen }) {
    this.words = words;
    this.arcs = Array.from({ length: heads * most }, (_, i) =>
      stroke("path", { class: `live-arc live-head-${i % heads}` }));
    this.tiles = Array.from({ length: most }, () => {
      const box = stroke("rect", { class: "live-tile", height: TILE, rx: 4, y: ARCS });
      const sign = stroke("text", { "text-anchor": "middle", y: ARCS + 20 });
      return { node: stroke("g", { class: "live-letter" }, box, sign), box, sign };
    });
    this.rows = Array.from({ length: heads }, (_, h) => {
      const y = ARCS + TILE + 10 + h * CELL;
      const about = { class: `live-headname live-head-${h}`, x: 0, y: y + 12 };
      const name = stroke("text", about, filled(words.head, { head: number(h + 1) }));
      const cells = this.tiles.map(() => ({
        box: stroke("rect", { class: `live-cell live-head-${h}`, height: CELL - 4, rx: 2, y }),
        share: stroke("text", { "text-anchor": "middle", "font-size": 10, y: y + 12 }),
      }));
      return { name, cells };
    });
    const marks = this.tiles.map(({ node }) => node);
    this.list = chooser({ label: words.letters, id: "live-attention", marks, chosen });
    const parts = this.rows.flatMap(({ name, cells }) =>
      [name, ...cells.flatMap(({ box, share }) => [box, share])]);
    const looks = stroke("g", { "aria-hidden": true }, ...this.arcs, ...parts);
    this.svg = stroke("svg", { role: "group", "aria-label": words.drawing }, looks, this.list.node);
  }

  resize(width) {
    const height = ARCS + TILE + 14 + this.rows.length * CELL;
    this.width = width;
    set(this.svg, { viewBox: `0 0 ${width} ${height}`, height });
  }

  /** Draw shares of attention from place t of these signs; `head` is one, or "all". */
  draw(signs, t, attention, head) {
    const gap = Math.min(this.width > 500 ? 64 : 46, (this.width - NAMES - 4) / signs.length);
    const x = (u) => NAMES + (u + 0.5) * gap;
    const room = (u) => ({ x: x(u) - gap / 2 + 1.5, width: gap - 3 });
    const lit = (h) => head === "all" || head === String(h);
    this.list.show(t, signs.length);
    signs.forEach((name, u) => {
      const { node, box, sign } = this.tiles[u];
      set(box, room(u));
      set(sign, { x: x(u), opacity: u > t ? 0.45 : 1 }); // not read yet
      sign.textContent = name;
      node.setAttribute("aria-label", u ? name : this.words.start);
    });
    const H = this.rows.length;
    this.arcs.forEach((arc, i) => {
      const [h, u] = [i % H, Math.floor(i / H)];
      show(arc, u <= t && lit(h));
      if (u > t) return;
      const share = attention[h][t][u];
      const shift = (h - (H - 1) / 2) * Math.min(5, gap / 6);
      set(arc, {
        d: bow(x(t) + shift, x(u) + shift, 6 * h),
        "stroke-width": (0.6 + 8 * share).toFixed(2),
        "stroke-opacity": (0.3 + 0.6 * share).toFixed(2),
      });
    });
    this.rows.forEach(({ cells }, h) => cells.forEach(({ box, share }, u) => {
      show(box, u <= t);
      show(share, u <= t);
      if (u > t) return;
      const weight = attention[h][t][u];
      set(box, room(u));
      box.setAttribute("fill-opacity", ((lit(h) ? 1 : 0.3) * (0.04 + 0.5 * weight)).toFixed(2));
      share.setAttribute("x", x(u));
      share.textContent = weight >= 0.095 && gap > 18 ? number(Math.round(100 * weight)) : "";
    }));
  }
}

/** Return an arc above the letters, or, to where it begins, a loop. */
function bow(from, to, higher) {
  const foot = ARCS - 4;
  if (from === to) return `M${from - 4} ${foot}c-9 -30 17 -30 8 0`;
  const high = foot - Math.min(ARCS - 14, 26 + Math.abs(from - to) * 0.55 + higher);
  return `M${from} ${foot}C${from} ${high} ${to} ${high} ${to} ${foot}`;
}
