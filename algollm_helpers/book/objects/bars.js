// A bar for each of some signs, which can be touched.

import { stroke } from "./elements.js";
import { Plot } from "./plot.js";

const HEIGHT = 190; // px
const LEAST = 0.4; // the top of the axis, if no bar is higher

export class Bars {
  /**
   * @param {{across: string, up: string}} labels of the axes
   * @param {string[]} signs one under each bar
   * @param {(index: number) => void} touched
   */
  constructor(labels, signs, touched) {
    this.plot = new Plot(
      { min: -0.7, max: signs.length - 0.3, label: labels.across, ticks: [] },
      { min: 0, max: LEAST, label: labels.up },
    );
    this.svg = this.plot.svg;
    this.svg.setAttribute("role", "img");
    this.columns = signs.map((sign, i) => {
      const hit = stroke("rect", { class: "live-hit", y: 0 });
      const bar = stroke("rect", { class: "live-bar-of" });
      const name = stroke("text", { "text-anchor": "middle" }, sign);
      const node = stroke("g", { class: "live-column" }, hit, bar, name);
      node.addEventListener("click", () => touched(i));
      this.plot.above.append(node);
      return { hit, bar, name };
    });
  }

  resize(width) {
    const { plot } = this;
    plot.resize(width, HEIGHT);
    const each = plot.x(1) - plot.x(0);
    this.columns.forEach(({ hit, bar, name }, i) => {
      for (const [part, room] of [[hit, 0], [bar, each * 0.12]]) {
        part.setAttribute("x", plot.x(i) - each / 2 + room);
        part.setAttribute("width", each - 2 * room);
      }
      hit.setAttribute("height", HEIGHT - 20);
      name.setAttribute("x", plot.x(i));
      name.setAttribute("y", plot.y(0) + 16);
    });
  }

  /** Draw these heights, one of them in another colour. */
  draw(heights, marked) {
    const { plot } = this;
    const top = Math.max(LEAST, Math.ceil(Math.max(...heights) * 5) / 5);
    if (plot.up.max !== top) {
      plot.up.max = top;
      this.resize(plot.width);
    }
    heights.forEach((height, i) => {
      const { bar } = this.columns[i];
      bar.setAttribute("y", plot.y(height));
      bar.setAttribute("height", plot.y(0) - plot.y(height));
      bar.classList.toggle("live-right", i === marked);
    });
  }
}
