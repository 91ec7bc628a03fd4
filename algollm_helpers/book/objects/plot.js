// A plot in the manner of the book's figures: two linear axes around what is drawn.

import { number, stroke } from "./elements.js";

const ROOM = { left: 46, right: 12, top: 10, bottom: 40 };
let plots = 0;

/** Return round numbers from `min` to `max`, about `most` of them. */
export function ticks(min, max, most) {
  const rough = (max - min) / Math.max(most, 1);
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((n) => n * ten >= rough * (1 - 1e-9)) * ten;
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Return what `d` of a path is for points in a plot; x and y of equal length. */
export function way(plot, xs, ys) {
  const points = Array.from(xs, (x, i) => `${plot.x(x).toFixed(1)} ${plot.y(ys[i]).toFixed(1)}`);
  return points.length ? `M${points.join("L")}` : "";
}

export class Plot {
  /**
   * @param {{min: number, max: number, label: string, ticks?: number[],
   *   said?: (value: number) => string}} across its ticks, and how they are written
   * @param {{min: number, max: number, label: string, ticks?: number[],
   *   said?: (value: number) => string}} up
   * @param {object} [room] px around the axes where they differ from ROOM
   */
  constructor(across, up, room = {}) {
    Object.assign(this, { across, up, room: { ...ROOM, ...room } });
    const id = `live-plot-${plots++}`;
    this.window = stroke("rect");
    this.below = stroke("g", { "clip-path": `url(#${id})` }); // cut at the axes
    this.frame = stroke("g");
    this.above = stroke("g"); // handles, and words that may stand out
    const clip = stroke("clipPath", { id }, this.window);
    this.svg = stroke("svg", { role: "group" }, stroke("defs", {}, clip), this.below);
    this.svg.append(this.frame, this.above);
    this.width = this.height = 0;
  }

  x(value) {
    const { min, max } = this.across;
    const { left, right } = this.room;
    return left + ((value - min) / (max - min)) * (this.width - left - right);
  }

  y(value) {
    const { min, max } = this.up;
    const { top, bottom } = this.room;
    return this.height - bottom - ((value - min) / (max - min)) * (this.height - top - bottom);
  }

  /** Return the values under an event, which may lie beyond the axes. */
  at({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    const px = ((clientX - box.x) * this.width) / box.width;
    const py = ((clientY - box.y) * this.height) / box.height;
    const { left, right, top, bottom } = this.room;
    const x = (px - left) / (this.width - left - right);
    const y = (this.height - bottom - py) / (this.height - top - bottom);
    const { across, up } = this;
    return {
      x: across.min + x * (across.max - across.min),
      y: up.min + y * (up.max - up.min),
    };
  }

  /** Say whether an event lies between the axes. */
  holds(event) {
    const { x, y } = this.at(event);
    const inside = (value, { min, max }) => value >= min && value <= max;
    return inside(x, this.across) && inside(y, this.up);
  }

  /** Draw the axes for a place of this size. */
  resize(width, height) {
    Object.assign(this, { width, height });
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("height", height);
    const { left, right: edge, top, bottom: foot } = this.room;
    const [right, bottom] = [width - edge, height - foot];
    const size = { x: left, y: top, width: right - left, height: bottom - top };
    for (const [name, value] of Object.entries(size)) this.window.setAttribute(name, value);
    const text = (words, attributes) => stroke("text", attributes, words);
    const written = ({ said = number }, value) => said(value);
    const { across, up } = this;
    let lines = `M${left} ${top}V${bottom}H${right}`;
    const marks = [];
    for (const value of across.ticks ?? ticks(across.min, across.max, size.width / 55)) {
      const x = this.x(value);
      lines += `M${x} ${bottom}v4`;
      marks.push(text(written(across, value), { x, y: bottom + 17, "text-anchor": "middle" }));
    }
    for (const value of up.ticks ?? ticks(up.min, up.max, size.height / 40)) {
      const y = this.y(value);
      lines += `M${left} ${y}h-4`;
      marks.push(text(written(up, value), { x: left - 8, y: y + 4, "text-anchor": "end" }));
    }
    const middle = `translate(12 ${(top + bottom) / 2}) rotate(-90)`;
    marks.push(stroke("path", { class: "live-axis", d: lines }));
    marks.push(text(across.label, { x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }));
    marks.push(text(up.label, { transform: middle, "text-anchor": "middle" }));
    this.frame.replaceChildren(...marks);
  }
}
