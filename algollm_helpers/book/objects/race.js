// The object "race": three optimisers in a ravine that the hand turns.

import { element, filled, fitted, number, scientific, slider, stroke, voice } from "./elements.js";
import { Handle, held } from "./handle.js";
import { player } from "./player.js";
import { Plot, way } from "./plot.js";
import { WALKERS, mark, ranking } from "./ranking.js";
import { STEPS, best, ravine, track } from "./ravine.js";

const START = { degrees: 0, steepness: 400, step: STEPS };
const [WIDE, REACH] = [9, 7.6]; // of the window, and where the handle is
const WALLS = [0.3, 0.7, 1.2, 1.8, 2.5, 3.5, 5, 7]; // half widths of the level curves
const EACH = 3; // degrees between two places of the chart below
const LOW = -4; // power of ten at the chart's foot
const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Return a steepness, two digits of it, for a place on the slider. */
const steepnessAt = (power) => Number((10 ** power).toPrecision(2));
const ratio = (times) => (times > 1e4 ? scientific(times) : number(times, times < 10 ? 1 : 0));
const written = (loss) => (loss < 0.001 ? scientific(loss) : number(loss, loss < 0.1 ? 4 : 2));

function render({ model, el }) {
  const words = model.get("words");
  const now = { ...START };
  const spoken = voice();
  let [ground, tracks, around, known] = [null, {}, [], null];

  const plane = new Plot(
    { min: -WIDE, max: WIDE, label: words.w1 },
    { min: -WIDE, max: WIDE, label: words.w2 },
  );
  const levels = WALLS.map(() => stroke("ellipse", { class: "live-oval" }));
  const cross = stroke("path", { class: "live-axis" });
  const lines = WALKERS.map((name) => stroke("path", { class: `live-runner live-${name}` }));
  const marks = WALKERS.map((name) => stroke("path", { class: `live-mark live-${name}` }));
  const rim = stroke("circle", { class: "live-rim" });
  plane.below.append(...levels, rim, cross, ...lines, ...marks);
  const handle = new Handle({
    label: words.turn,
    x: { min: -360, max: 720, step: 1 }, // a turn more either way, to go round
    value: { x: now.degrees, y: 0 },
    said: ({ x }) => filled(words.degrees, { degrees: number(x) }),
    moved: ({ x }) => change({ degrees: (x + 360) % 360 }),
  });
  handle.node.setAttribute("aria-valuemin", 0);
  handle.node.setAttribute("aria-valuemax", 360);
  for (const part of [handle.node, ...handle.node.children]) {
    part.style.touchAction = "none"; // it goes round
  }
  plane.above.append(handle.node);
  // To the handle, the plane is a circle, on which x is an angle.
  const turned = () => (now.degrees * Math.PI) / 180;
  held(
    {
      svg: plane.svg,
      at: (event) => {
        const { x, y } = plane.at(event);
        const angle = (Math.atan2(y, x) * 180) / Math.PI;
        // Of all turns that lead there, the one nearest to where it is.
        return { x: angle + 360 * Math.round((now.degrees - angle) / 360), y: 0 };
      },
      holds: (event) => plane.holds(event),
    },
    () => [handle],
    { anywhere: true },
  );

  const round = new Plot(
    { min: 0, max: 360, label: words.turned, ticks: [0, 90, 180, 270, 360] },
    { min: LOW, max: 1, label: words.end, ticks: [-4, -3, -2, -1, 0, 1], said: ten },
    { left: 62 },
  );
  round.svg.setAttribute("role", "img");
  const curves = WALKERS.map((name) => stroke("path", { class: `live-runner live-${name}` }));
  const here = stroke("path", { class: "live-level" });
  const spots = WALKERS.map((name) => stroke("path", { class: `live-mark live-${name}` }));
  round.below.append(here, ...curves, ...spots);

  const angle = slider(words.turned, {
    ...{ min: 0, max: 360, step: 1, value: now.degrees },
    said: (degrees) => filled(words.degrees, { degrees: number(degrees) }),
    moved: (degrees) => change({ degrees }),
  });
  const steep = slider(words.steepness, {
    ...{ min: 0, max: 3, step: 0.05, value: Math.log10(now.steepness) },
    said: (power) => filled(words.times, { times: number(steepnessAt(power)) }),
    moved: (power) => change({ steepness: steepnessAt(power) }),
  });
  const step = slider(words.step, {
    ...{ min: 0, max: STEPS, step: 1, value: now.step },
    said: (value) => number(value),
    moved: (value) => change({ step: value }),
  });
  const play = player({
    words,
    pause: CALM ? 600 : 90,
    begin: () => now.step === STEPS && change({ step: 0 }, { playing: true }),
    next: () => {
      const ahead = Math.min(STEPS, now.step + (CALM ? 8 : 1));
      change({ step: ahead }, { playing: true });
      return ahead < STEPS;
    },
  });
  const reset = element("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => el.reset());
  const table = ranking(words);
  const status = element("p", { className: "live-status" });

  function ends() {
    return WALKERS.map((name) => ({ name, end: tracks[name].losses[STEPS] }))
      .sort((a, b) => a.end - b.end);
  }

  function told() {
    const [first, second, third] = ends();
    const values = { degrees: number(now.degrees), times: ratio(second.end / first.end) };
    for (const [i, { name }] of [first, second, third].entries()) {
      values[["first", "second", "third"][i]] = words.walkers[name];
    }
    return filled(words.told, values);
  }

  function run() {
    ground = ravine(now.steepness, now.degrees);
    for (const name of WALKERS) tracks[name] = track(name, ground);
    if (known === now.steepness) return;
    known = now.steepness;
    // Adam's rule knows the axes but not their names: a quarter turn changes nothing.
    const quarter = Array.from({ length: 90 / EACH }, (_, i) =>
      best("adam", ravine(known, i * EACH)).end);
    around = [...quarter, ...quarter, ...quarter, ...quarter, quarter[0]];
  }

  const low = (loss) => Math.min(1.5, Math.max(LOW, Math.log10(loss)));

  function paint() {
    if (!plane.width) return;
    const radius = (value) => plane.x(value) - plane.x(0);
    const [cx, cy] = [plane.x(0), plane.y(0)];
    levels.forEach((level, i) => {
      const long = Math.min(200, WALLS[i] * Math.sqrt(now.steepness));
      const size = { cx, cy, rx: radius(long), ry: radius(WALLS[i]) };
      size.transform = `rotate(${-now.degrees} ${cx} ${cy})`;
      for (const [name, value] of Object.entries(size)) level.setAttribute(name, value);
    });
    const [c, s] = [Math.cos(turned()), Math.sin(turned())];
    const place = `translate(${plane.x(REACH * c)} ${plane.y(REACH * s)})`;
    handle.node.setAttribute("transform", place);
    WALKERS.forEach((name, i) => {
      const { xs, ys, losses } = tracks[name];
      const end = now.step + 1;
      const near = (values) => values.slice(0, end).map((v) => Math.min(99, Math.max(-99, v)));
      lines[i].setAttribute("d", way(plane, near(xs), near(ys)));
      marks[i].setAttribute("d", mark(name, plane.x(xs[now.step]), plane.y(ys[now.step])));
      const [last, height] = [losses[STEPS], low(losses[STEPS])];
      const [x, y] = name === "adam" ? [around.keys(), around.map(low)] : [[0, 120], [height, height]];
      curves[i].setAttribute("d", way(round, Array.from(x, (k) => k * EACH), y));
      spots[i].setAttribute("d", mark(name, round.x(now.degrees), round.y(height)));
      table.tell(i, [number(tracks[name].rate, 3), written(losses[now.step]), written(last)]);
    });
    here.setAttribute("d", way(round, [now.degrees, now.degrees], [LOW, 1]));
    status.textContent = told();
    round.svg.setAttribute("aria-label", filled(words.chart, { told: told() }));
  }

  function change(wanted, { playing = false } = {}) {
    if (!playing) play.stop();
    const same = wanted.degrees === undefined && wanted.steepness === undefined;
    Object.assign(now, wanted);
    if (!same || !ground) run();
    handle.set({ x: now.degrees });
    angle.set(now.degrees);
    steep.set(Math.log10(now.steepness));
    step.set(now.step);
    paint();
    if (!play.playing()) spoken.say(status.textContent);
  }

  el.reset = () => change(START);
  el.state = () => ({
    ...now,
    tracks: structuredClone(tracks),
    around: { every: EACH, ends: around },
    playing: play.playing(),
  });
  const [left, right] = [plane, round].map(({ svg }) => element("div", { className: "live-plot" }, svg));
  el.append(
    element("div", { className: "live-pair" }, left, right),
    table.node,
    element("div", { className: "live-sliders" }, angle.row, steep.row, step.row),
    element("div", { className: "live-bar live-below" }, play.button, reset),
    status, spoken.node,
  );
  change({});
  fitted(left, (width) => {
    const size = Math.min(width, 360);
    plane.room.right = 12 + width - size; // as wide as high
    plane.resize(width, size - 8);
    const axes = [[-WIDE, WIDE], [0, 0]];
    cross.setAttribute("d", way(plane, ...axes) + way(plane, ...axes.toReversed()));
    const circle = { cx: plane.x(0), cy: plane.y(0), r: plane.x(REACH) - plane.x(0) };
    for (const [name, value] of Object.entries(circle)) rim.setAttribute(name, value);
    const beside = right.offsetTop === left.offsetTop;
    round.resize(right.clientWidth, beside ? size - 8 : 210);
    paint();
  });
}

const ten = (power) => (power === 0 ? "1" : power === 1 ? "10" : scientific(10 ** power).replace(/^.* × /, ""));

export default { render };
