// A gauge of a training run: one instrument over the steps, beside that of a healthy run.

import { number, scientific, stroke } from "./elements.js";
import { Plot, way } from "./plot.js";

/** Return whole powers of ten around positive values, as logarithms. */
function decades(values) {
  const logs = values.map(Math.log10);
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  return high > low ? [low, high] : [low, low + 1];
}

/** Return the parts of a line between those values that are no numbers. */
function pieces(plot, xs, ys) {
  const parts = [[]];
  ys.forEach((y, i) => (y === null ? parts.push([]) : parts.at(-1).push(i)));
  return parts.map((part) => way(plot, part.map((i) => xs[i]), part.map((i) => ys[i]))).join("");
}

export class Gauge {
  /** @param {string} step what stands under the axis */
  constructor(step) {
    this.plot = new Plot({ min: 0, max: 1, label: step }, { min: 0, max: 1, label: "" }, { left: 58, top: 14 });
    this.lines = ["live-twin", "live-second-line", "live-firm"].map((name) => stroke("path", { class: name }));
    this.level = stroke("path", { class: "live-level" });
    this.mark = stroke("text", { class: "live-muted", "text-anchor": "end" });
    this.plot.below.append(this.level, ...this.lines);
    this.plot.above.append(this.mark);
    this.plot.svg.setAttribute("role", "img");
  }

  /**
   * @param {object} reading
   * @param {string} reading.label of the instrument
   * @param {number[]} reading.steps
   * @param {(number|null)[][]} reading.lines of a healthy run, of a second kind, of this
   *   run; null where a value is no number
   * @param {boolean} reading.log whether the axis has powers of ten
   * @param {{at: number, name: string}} [reading.level] a line to compare with
   * @param {number} [reading.top] the least that the axis has to reach
   */
  show({ label, steps, lines, log, level, top = 0 }) {
    const seen = lines.flat().filter((value) => value !== null && (!log || value > 0));
    const { across, up } = this.plot;
    across.max = steps.at(-1);
    up.label = label;
    if (log) {
      [up.min, up.max] = decades(seen);
      up.ticks = Array.from({ length: up.max - up.min + 1 }, (_, i) => up.min + i);
      up.said = (power) => (power < -2 || power > 3 ? scientific(10 ** power).replace(/^.* × /, "") : number(10 ** power));
    } else {
      Object.assign(up, { min: 0, max: Math.max(top, ...seen) * 1.04, ticks: undefined, said: number });
    }
    const drawn = (value) => (value === null || (log && !(value > 0)) ? null : log ? Math.log10(value) : value);
    this.reading = { steps, lines: lines.map((line) => line.map(drawn)), level };
    this.draw();
  }

  resize(width, height) {
    Object.assign(this.plot, { width, height });
    this.draw();
  }

  draw() {
    const { plot, reading } = this;
    if (!plot.width || !reading) return;
    plot.resize(plot.width, plot.height);
    this.lines.forEach((line, i) => line.setAttribute("d", pieces(plot, reading.steps, reading.lines[i])));
    const { level } = reading;
    this.level.setAttribute("d", level ? way(plot, [0, plot.across.max], [level.at, level.at]) : "");
    this.mark.textContent = level ? level.name : "";
    if (!level) return;
    this.mark.setAttribute("x", plot.x(plot.across.max));
    this.mark.setAttribute("y", plot.y(level.at) - 5);
  }
}
