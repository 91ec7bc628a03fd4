// A chart in the manner of the book's figures: two axes, dashed levels, pale and firm lines.

import { number, stroke } from "./elements.js";

const LEFT = 38;
const RIGHT = 62;
const TOP = 10;
const BOTTOM = 42;
const APART = 14; // between the names of two levels

/** Return heights near `wanted`, in the same order, each APART from the next. */
export function spread(wanted, low, high) {
  const order = wanted.map((_, i) => i).sort((i, j) => wanted[i] - wanted[j]);
  const placed = [...wanted];
  let least = low;
  for (const i of order) least = (placed[i] = Math.max(placed[i], least)) + APART;
  let most = high;
  for (const i of order.reverse()) most = (placed[i] = Math.min(placed[i], most)) - APART;
  return placed;
}

export class Chart {
  /** @param {{x: string, y: string}} labels of the axes */
  constructor(labels, { steps, top }) {
    Object.assign(this, { labels, steps, top });
    this.frame = stroke("g");
    this.pale = stroke("path", { class: "live-pale" });
    this.firm = stroke("path", { class: "live-firm" });
    this.svg = stroke("svg", { role: "img" }, this.pale, this.frame, this.firm);
    this.width = this.height = 0;
  }

  x(step) {
    return LEFT + (step / this.steps) * (this.width - LEFT - RIGHT);
  }

  /** What lies above the chart is drawn at its edge. */
  y(value) {
    const inside = Math.min(value, this.top) / this.top;
    return this.height - BOTTOM - inside * (this.height - TOP - BOTTOM);
  }

  /** Draw axes and levels, each a name and a height, for a place of this size. */
  resize(width, height, levels) {
    Object.assign(this, { width, height });
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("height", height);
    const right = width - RIGHT;
    const bottom = height - BOTTOM;
    const text = (words, attributes) => stroke("text", attributes, words);
    const marks = [stroke("path", { class: "live-axis", d: `M${LEFT} ${TOP}V${bottom}H${right}` })];
    for (let step = 0; step <= this.steps; step += this.steps / 4) {
      const x = this.x(step);
      marks.push(stroke("path", { class: "live-axis", d: `M${x} ${bottom}v4` }));
      marks.push(text(number(step), { x, y: bottom + 17, "text-anchor": "middle" }));
    }
    for (let value = 0; value <= this.top; value++) {
      const y = this.y(value);
      marks.push(stroke("path", { class: "live-axis", d: `M${LEFT - 4} ${y}h4` }));
      marks.push(text(number(value), { x: LEFT - 8, y: y + 4, "text-anchor": "end" }));
    }
    const middle = (TOP + bottom) / 2;
    const turned = `translate(12 ${middle}) rotate(-90)`;
    marks.push(text(this.labels.x, { x: (LEFT + right) / 2, y: height - 6, "text-anchor": "middle" }));
    marks.push(text(this.labels.y, { transform: turned, "text-anchor": "middle" }));
    const heights = levels.map(([, value]) => this.y(value));
    const places = spread(heights, TOP + 4, bottom);
    levels.forEach(([name], i) => {
      marks.push(stroke("path", { class: "live-level", d: `M${LEFT} ${heights[i]}H${right}` }));
      marks.push(text(name, { class: "live-muted", x: right + 6, y: places[i] + 4 }));
    });
    this.frame.replaceChildren(...marks);
  }

  /** Draw each value, pale, and firmly the mean of the last `window`. */
  draw(values, window) {
    const pale = [];
    const firm = [];
    let sum = 0;
    values.forEach((value, i) => {
      sum += value - (i < window ? 0 : values[i - window]);
      const x = this.x(i).toFixed(1);
      pale.push(`${x} ${this.y(value).toFixed(1)}`);
      if (i >= window - 1) firm.push(`${x} ${this.y(sum / window).toFixed(1)}`);
    });
    this.pale.setAttribute("d", pale.length ? `M${pale.join("L")}` : "");
    this.firm.setAttribute("d", firm.length ? `M${firm.join("L")}` : "");
  }
}
