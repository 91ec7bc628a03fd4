// The object "hill": a walker on a parabola, with the rate and the start in one's hand.

import { choice, element, filled, fitted, number, scientific, slider, stroke, voice } from "./elements.js";
import { Handle, held } from "./handle.js";
import { player } from "./player.js";
import { Plot, way } from "./plot.js";
import { descended, regime } from "./walking.js";

const FLOOR = 3;
const CURVATURE = 2;
const STEPS = 15;
const [LEFT, RIGHT] = [-2, 8];
const AT_REST = { rate: 0.1, start: 0, step: 1 };
const EXAMPLES = { approaches: 0.1, lands: 0.5, crosses: 0.9, bounces: 1, flees: 1.1 };
const POWERS = [-6, 6]; // of ten, in the chart of losses

export const loss = (w) => (w - FLOOR) ** 2 + 1;
export const slope = (w) => CURVATURE * (w - FLOOR);

function render({ model, el }) {
  const words = model.get("words");
  const now = { ...AT_REST };
  const { node: spoken, say } = voice();
  const ground = new Plot(
    { min: LEFT, max: RIGHT, label: words.w },
    { min: 0, max: loss(LEFT), label: words.loss },
  );
  const fall = new Plot(
    { min: -0.5, max: STEPS + 0.5, label: words.step, ticks: [0, 5, 10, 15] },
    { min: POWERS[0], max: POWERS[1], label: words.above, ticks: [-6, -3, 0, 3, 6], said: ten },
    { left: 60 },
  );

  const curve = stroke("path", { class: "live-ground" });
  const land = stroke("path", { class: "live-land" });
  const stairs = stroke("path", { class: "live-stairs" });
  const dots = stroke("path", { class: "live-dots" });
  const tangent = stroke("path", { class: "live-tangent" });
  const arrow = stroke("path", { class: "live-arrow" });
  const ball = stroke("circle", { class: "live-ball", r: 7 });
  ground.below.append(land, curve, stairs, dots, tangent, ball, arrow);
  const start = new Handle({
    label: words.start,
    x: { min: LEFT, max: RIGHT, step: 0.1, grain: 0.01 },
    value: { x: now.start, y: loss(now.start) },
    said: ({ x }) => filled(words.startAt, { w: number(x) }),
    moved: ({ x }) => change({ start: x, step: STEPS }),
    mark: stroke("circle", { class: "live-knob live-ring", r: 8 }),
  });
  ground.above.append(start.node);

  const line = stroke("path", { class: "live-firm" });
  const level = stroke("path", { class: "live-level" });
  const levelName = stroke("text", { class: "live-muted live-label", "text-anchor": "end" }, words.level);
  const spots = stroke("path", { class: "live-dots" });
  const here = stroke("circle", { class: "live-ball", r: 6 });
  fall.below.append(level, levelName, line, spots, here);
  fall.svg.setAttribute("role", "img");

  const rate = slider(words.rate, {
    ...{ min: 0.01, max: 1.2, step: 0.005, value: now.rate },
    said: (value) => number(value, 3),
    moved: (value) => change({ rate: value, step: STEPS }),
  });
  const step = slider(words.step, {
    ...{ min: 0, max: STEPS, step: 1, value: now.step },
    said: (value) => number(value),
    moved: (value) => change({ step: value }),
  });
  const kinds = choice(words.regime, words.regimes, "approaches", (kind) =>
    change({ rate: EXAMPLES[kind], step: STEPS }));
  kinds.classList.add("live-small");
  const play = player({
    words,
    pause: 500,
    begin: () => now.step === STEPS && change({ step: 0 }, { playing: true }),
    next: () => {
      change({ step: now.step + 1 }, { playing: true });
      return now.step < STEPS;
    },
  });
  const reset = element("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => el.reset());
  const status = element("p", { className: "live-status" });
  const told = element("p", { className: "live-proof" });
  let path = [];

  function walk() {
    path = descended(([w]) => [slope(w)], [now.start], { rate: now.rate, steps: STEPS });
    path = path.map(([w]) => w);
  }

  function paint() {
    if (!ground.width) return;
    const seen = path.slice(0, now.step + 1);
    const w = path[now.step];
    const ahead = w - now.rate * slope(w);
    start.set({ x: now.start, y: loss(now.start) });
    start.draw(ground);
    // Along the ground to the next place, then down, or up, to its height
    const at = (x, y) => `${ground.x(x).toFixed(1)} ${ground.y(y).toFixed(1)}`;
    stairs.setAttribute("d", seen.map((x, k) =>
      k ? `L${at(x, loss(seen[k - 1]))}L${at(x, loss(x))}` : `M${at(x, loss(x))}`).join(""));
    dots.setAttribute("d", seen.map((x) => `M${at(x, loss(x))}h0`).join(""));
    const rise = 0.8 * slope(w);
    tangent.setAttribute("d", `M${at(w - 0.8, loss(w) - rise)}L${at(w + 0.8, loss(w) + rise)}`);
    arrow.setAttribute("d", pointed(ground.x(w), ground.x(ahead), ground.y(loss(w))));
    ball.setAttribute("cx", ground.x(w));
    ball.setAttribute("cy", ground.y(loss(w)));
    const heights = path.map((x) => Math.max(POWERS[0] - 1, Math.log10(loss(x) - 1)));
    line.setAttribute("d", way(fall, heights.keys(), heights));
    spots.setAttribute("d", heights.map((y, k) => `M${fall.x(k)} ${fall.y(y)}h0`).join(""));
    here.setAttribute("cx", fall.x(now.step));
    here.setAttribute("cy", fall.y(heights[now.step]));
    level.setAttribute("d", way(fall, [0, STEPS], [heights[0], heights[0]]));
    levelName.setAttribute("x", fall.x(STEPS));
    levelName.setAttribute("y", fall.y(heights[0]) - 6);
    status.textContent = verdict();
    told.textContent = numbers();
    fall.svg.setAttribute("aria-label", filled(words.chart, { verdict: verdict() }));
  }

  function verdict() {
    const factor = 1 - now.rate * CURVATURE;
    const kind = regime(now.rate, CURVATURE);
    const values = { factor: number(factor, 3), share: number(Math.abs(factor), 3) };
    values.product = number(now.rate * CURVATURE, 3);
    return filled(`${words.factor} ${words.kinds[kind]}`, values);
  }

  function numbers() {
    const w = path[now.step];
    const off = w < ground.across.min || w > ground.across.max;
    const values = { step: number(now.step), w: shown(w), loss: shown(loss(w)) };
    values.slope = shown(slope(w));
    values.ahead = shown(-now.rate * slope(w));
    return `${filled(words.numbers, values)} ${off ? words.off : ""}`;
  }

  /** Change what the hand has hold of. */
  function change(wanted, { playing = false } = {}) {
    if (!playing) play.stop();
    Object.assign(now, wanted);
    walk();
    rate.set(now.rate);
    step.set(now.step);
    kinds.querySelector(`[value=${regime(now.rate, CURVATURE)}]`).checked = true;
    paint();
    say(`${verdict()} ${numbers()}`);
  }

  el.state = () => ({
    ...now,
    factor: 1 - now.rate * CURVATURE,
    regime: regime(now.rate, CURVATURE),
    path,
    losses: path.map(loss),
    slope: slope(path[now.step]),
    ahead: -now.rate * slope(path[now.step]),
    playing: play.playing(),
  });
  el.reset = () => change(AT_REST);

  held(ground, () => [start], { anywhere: true });
  const [left, right] = [ground, fall].map(({ svg }) => element("div", { className: "live-plot" }, svg));
  el.append(
    element("div", { className: "live-sliders live-pair" }, rate.row, step.row),
    kinds,
    element("div", { className: "live-pair live-uneven" }, left, right),
    element("div", { className: "live-bar" }, play.button, reset),
    status, told, spoken,
  );
  change({});
  fitted(left, (width) => {
    ground.resize(width, 240);
    const xs = Array.from({ length: 101 }, (_, i) => LEFT + i / 10);
    const line = way(ground, xs, xs.map(loss));
    curve.setAttribute("d", line);
    land.setAttribute("d", `${line}V${ground.y(0)}H${ground.x(LEFT)}Z`);
    fall.resize(right.clientWidth, right.offsetTop > left.offsetTop ? 170 : ground.height);
    paint();
  });
}

/** Write a number with four digits behind the point, or shorter if it is large. */
const shown = (value) => number(value, Math.abs(value) < 100 ? 4 : 0);

function ten(power) {
  return power === 0 ? "1" : scientific(10 ** power).replace(/^.* × /, "");
}

/** Return an arrow from x to `end` at height y. */
function pointed(x, end, y) {
  const head = Math.sign(end - x) * Math.min(7, Math.abs(end - x));
  return `M${x} ${y}H${end}m${-head} -4l${head} 4l${-head} 4`;
}

export default { render };
