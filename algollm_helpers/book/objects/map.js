// The object "map": a heavy ball's walk, for any place of the plane rate × momentum.

import { ride, region, walk } from "./ball.js";
import { element, filled, fitted, number, slider, stroke, toggle, voice } from "./elements.js";
import { Handle, held } from "./handle.js";
import { Plot, way } from "./plot.js";

const STEPS = 40;
const START = { product: 2.5, beta: 0.5, ravine: false };
const GENTLER = 20; // times: the curvature of the second direction
const SLOW = [0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
const RATE = { min: 0.02, max: 4.2, step: 0.02 };
const SHARE = { min: 0, max: 0.98, step: 0.01 };

function render({ model, el }) {
  const words = model.get("words");
  const at = { ...START };

  const chart = new Plot(
    { min: 0, max: 4.2, label: words.product },
    { min: 0, max: 1, label: words.beta },
  );
  const time = new Plot(
    { min: 0, max: STEPS, label: words.step },
    { min: -2, max: 2, label: words.place },
  );
  chart.svg.setAttribute("aria-label", words.chart);
  time.svg.setAttribute("role", "img");
  const bands = SLOW.map(() => stroke("path", { class: "live-band" }));
  const borders = ["", " live-dashed", " live-dashed"].map((dashes) =>
    stroke("path", { class: `live-border${dashes}` }),
  );
  const names = ["creeps", "swings", "flies"].map((name) =>
    stroke("text", { class: "live-region", "text-anchor": "middle" }, words.regions[name]),
  );
  const tied = stroke("path", { class: "live-tie" });
  const second = stroke("circle", { class: "live-second", r: 6 });
  const handle = new Handle({
    label: words.handle,
    role: words.point,
    x: RATE,
    y: SHARE,
    value: { x: at.product, y: at.beta },
    said: ({ x, y }) => `${words.product} ${number(x)}, ${words.beta} ${number(y)}`,
    moved: ({ x, y }) => change({ product: x, beta: y }),
  });
  chart.below.append(...bands, ...borders, ...names);
  chart.above.append(tied, second, handle.node);
  held(chart, () => [handle], { anywhere: true });
  const floor = stroke("path", { class: "live-level" });
  const paths = ["live-gentle", "live-steep"].map((name) => stroke("path", { class: name }));
  const dots = ["live-gentle", "live-steep"].map((name) =>
    stroke("path", { class: `${name} live-dots` }),
  );
  time.below.append(floor, ...paths, ...dots);

  const rate = slider(words.product, {
    ...RATE, value: at.product, said: (x) => number(x, 2),
    moved: (product) => change({ product }),
  });
  const share = slider(words.beta, {
    ...SHARE, value: at.beta, said: (x) => number(x, 2), moved: (beta) => change({ beta }),
  });
  const ravine = toggle(words.ravine, (on) => change({ ravine: on }));
  const reset = element("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => el.reset());
  const status = element("p", { className: "live-status" });
  const spoken = voice();

  /** Return how the ball moves in a direction, and where it is after each step. */
  function measured(product) {
    return { product, ...ride(product, at.beta), path: walk(product, at.beta, STEPS) };
  }
  const steep = () => measured(at.product);
  const gentle = () => (at.ravine ? measured(at.product / GENTLER) : null);

  function sentence({ regime, factor, period }) {
    const values = { factor: number(factor, 3), period: number(period, 1) };
    values.steps = number(Math.ceil(Math.log(1000) / -Math.log(factor)));
    return filled(words.said[regime], values);
  }

  function told() {
    const [one, two] = [steep(), gentle()];
    if (!two) return sentence(one);
    const worse = number(Math.max(one.factor, two.factor), 3);
    return [
      filled(words.steep, { told: sentence(one) }),
      filled(words.gentle, { told: sentence(two) }),
      filled(words.both, { worse }),
    ].join("\n");
  }

  function draw() {
    const [one, two] = [steep(), gentle()];
    handle.draw(chart);
    tied.setAttribute("visibility", two ? "visible" : "hidden");
    second.setAttribute("visibility", two ? "visible" : "hidden");
    if (two) {
      second.setAttribute("cx", chart.x(two.product));
      second.setAttribute("cy", chart.y(at.beta));
      tied.setAttribute("d", way(chart, [two.product, one.product], [at.beta, at.beta]));
    }
    [two, one].forEach((ball, i) => {
      const seen = ball ? ball.path.map((w) => Math.min(9, Math.max(-9, w))) : [];
      const line = way(time, seen.keys(), seen);
      paths[i].setAttribute("d", line);
      dots[i].setAttribute("d", line && `${line.replaceAll("L", "h0M")}h0`);
    });
    status.textContent = told();
    time.svg.setAttribute("aria-label", filled(words.walk, { told: status.textContent }));
  }

  function change(wanted) {
    Object.assign(at, wanted);
    handle.set({ x: at.product, y: at.beta });
    rate.set(at.product);
    share.set(at.beta);
    ravine.set(at.ravine);
    draw();
    spoken.say(status.textContent);
  }

  function scale(width) {
    const each = Math.round(chart.svg.getBoundingClientRect().width);
    const beside = each < 0.7 * width;
    const height = Math.round(Math.min(320, each * 0.9));
    chart.resize(each, height);
    time.resize(each, beside ? height : Math.round(height * 0.6));
    const shares = Array.from({ length: 51 }, (_, i) => i / 50);
    const root = (sign) => shares.map((beta) => (1 + sign * Math.sqrt(beta)) ** 2);
    const lines = [shares.map((beta) => 2 * (1 + beta)), root(-1), root(1)];
    borders.forEach((line, i) => line.setAttribute("d", way(chart, lines[i], shares)));
    bands.forEach((band, i) => {
      const { products, shares: corners } = region(SLOW[i]);
      band.setAttribute("d", `${way(chart, products, corners)}Z`);
    });
    [[0.35, 0.02], [1.6, 0.72], [3.4, 0.1]].forEach(([x, y], i) => {
      names[i].setAttribute("x", chart.x(x));
      names[i].setAttribute("y", chart.y(y));
    });
    floor.setAttribute("d", way(time, [0, STEPS], [0, 0]));
    draw();
  }

  el.reset = () => change(START);
  el.state = () => ({ ...at, steep: steep(), gentle: gentle() });
  const figure = element("div", { className: "live-plot live-pair" }, chart.svg, time.svg);
  el.append(
    figure,
    element("div", { className: "live-sliders" }, rate.row, share.row),
    element("div", { className: "live-bar live-below" }, ravine.row, reset),
    status,
    spoken.node,
  );
  fitted(figure, scale);
}

export default { render };
