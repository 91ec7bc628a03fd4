// A gauge of a training run: one instrument over the steps, beside that of a healthy run.

import { number, scientific, stroke } from "./elements.js";
import { Plot, ticks, way } from "./plot.js";

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
    this.strokes = ["live-twin", "live-beside", "live-firm"].map((name) => stroke("path", { class: name }));
    this.even = stroke("path", { class: "live-level" });
    this.name = stroke("text", { class: "live-muted live-label", "text-anchor": "end" });
    this.plot.below.append(this.even, ...this.strokes);
    this.plot.above.append(this.name);
    this.plot.svg.setAttribute("role", "img");
  }

  /**
   * @param {object} reading
   * @param {string} reading.label of the instrument
   * @param {{steps: number[], values: (number|null)[]}[]} reading.lines of a healthy run,
   *   of what belongs to the instrument, of this run; null where a value is no number
   * @param {boolean} reading.log whether the axis has powers of ten
   * @param {number} reading.least what an axis of numbers reaches at least
   * @param {{at: number, name: string}} [reading.level] a line to compare with
   */
  show({ label, lines, log, least, level }) {
    const drawn = (value) => (value === null || (log && value <= 0) ? null : log ? Math.log10(value) : value);
    this.lines = lines.map(({ steps, values }) => ({ steps, values: values.map(drawn) }));
    this.level = level && { ...level, at: drawn(level.at) };
    const seen = this.lines.flatMap(({ values }) => values).filter((value) => value !== null);
    const { across, up } = this.plot;
    across.max = lines[0].steps.at(-1);
    up.label = label;
    if (log) {
      Object.assign(up, { min: Math.floor(Math.min(...seen)), max: Math.ceil(Math.max(...seen)) });
      if (up.max === up.min) up.max++;
      up.ticks = ticks(up.min, up.max, Math.min(6, up.max - up.min)).filter(Number.isInteger);
      up.said = (power) => (Math.abs(power) > 3 ? scientific(10 ** power).split(" × ").at(-1) : number(10 ** power));
    } else Object.assign(up, { min: 0, max: 1.04 * Math.max(least, ...seen), ticks: undefined, said: number });
    this.draw();
  }

  resize(width, height) {
    Object.assign(this.plot, { width, height });
    this.draw();
  }

  draw() {
    const { plot, level } = this;
    if (!plot.width || !this.lines) return;
    plot.resize(plot.width, plot.height);
    this.lines.forEach(({ steps, values }, i) => this.strokes[i].setAttribute("d", pieces(plot, steps, values)));
    this.even.setAttribute("d", level ? way(plot, [0, plot.across.max], [level.at, level.at]) : "");
    this.name.textContent = level ? level.name : "";
    if (!level) return;
    this.name.setAttribute("x", plot.x(plot.across.max));
    this.name.setAttribute("y", plot.y(level.at) - 5);
  }
}
