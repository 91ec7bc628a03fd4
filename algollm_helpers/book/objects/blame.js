// The object "blame": numbers run through a small factory, and blame runs back.

import { chooser } from "./chooser.js";
import { element, filled, fitted, number, slider, stroke, voice } from "./elements.js";
import { ARROWS, ASKED, backward, felt, forward } from "./factory.js";
import { player } from "./player.js";

const START = { x: 2, w1: 0.5, w2: 1.5, w3: 2, target: 6, asked: 5, arrow: 2 };
const INPUTS = {
  x: { min: -3, max: 3, step: 0.1 },
  w1: { min: -3, max: 3, step: 0.01 },
  w2: { min: -3, max: 3, step: 0.01 },
  w3: { min: -3, max: 3, step: 0.1 },
  target: { min: -10, max: 10, step: 0.5 },
};
const RATE = 0.01;
// Where the boxes stand: how far along, and how far across.
const PLACES = {
  x: [0, 2], A: [1, 2], w1: [1, 1], B: [2, 1], w2: [2, 0], C: [2, 3], w3: [2, 4],
  plus: [3, 2], minus: [4, 2], target: [4, 1], square: [5, 2], loss: [6, 2],
};
const [ALONG, ACROSS] = [6, 4];
const HALF = 15; // px of a box

/** Return a number in three digits, or as many as it has. */
const short = (value) => number(Number(value.toPrecision(3)) + 0);

function render({ model, el }) {
  const words = model.get("words");
  const now = { ...START };
  const spoken = voice();

  const options = ARROWS.map(() => {
    const parts = {
      hit: stroke("path", { class: "live-hit" }),
      blame: stroke("path", { class: "live-blame" }),
      line: stroke("path", { class: "live-arrow" }),
      value: stroke("text", { "text-anchor": "middle" }),
      share: stroke("text", { "text-anchor": "middle", class: "live-share" }),
    };
    return { node: stroke("g", { class: "live-edge" }, ...Object.values(parts)), ...parts };
  });
  const list = chooser({
    label: words.arrows,
    id: "live-blame",
    marks: options.map(({ node }) => node),
    chosen: (arrow) => change({ arrow }),
  });
  const boxes = Object.keys(PLACES).map((name) => {
    const leaf = name in INPUTS;
    const shape = name === "loss" ? [] : [stroke("rect", {
      class: leaf ? "live-leaf" : "live-box", x: -HALF, y: -HALF,
      width: 2 * HALF, height: 2 * HALF, rx: leaf ? HALF : 4,
    })];
    const text = stroke("text", { "text-anchor": "middle", y: 4 }, words.boxes[name]);
    return { name, node: stroke("g", {}, ...shape, text) };
  });
  const svg = stroke("svg", { role: "group", "aria-label": words.drawing }, list.node);
  svg.append(...boxes.map(({ node }) => node));

  const sliders = Object.fromEntries(Object.entries(INPUTS).map(([name, limits]) => [
    name,
    slider(words.inputs[name], {
      ...limits,
      value: now[name],
      said: (value) => number(value, limits.step === 0.01 ? 2 : 1),
      moved: (value) => change({ [name]: value, asked: ASKED.length }),
    }),
  ]));
  const asked = slider(words.asked, {
    ...{ min: 0, max: ASKED.length, step: 1, value: now.asked },
    said: (count) => filled(words.of, { count: number(count), all: number(ASKED.length) }),
    moved: (count) => change({ asked: count }),
  });
  const play = player({
    words,
    pause: 900,
    begin: () => change({ asked: 0 }, { playing: true }),
    next: () => {
      change({ asked: now.asked + 1 }, { playing: true });
      return now.asked < ASKED.length;
    },
  });
  const step = element("button", { type: "button" }, words.descend);
  step.addEventListener("click", () => {
    const { blame } = backward(forward(now));
    const turned = (name) => {
      const { min, max } = INPUTS[name]; // a screw ends somewhere
      return Math.min(max, Math.max(min, now[name] - RATE * blame[name]));
    };
    change({ w1: turned("w1"), w2: turned("w2"), asked: ASKED.length });
  });
  const reset = element("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => el.reset());
  const status = element("p", { className: "live-status" });
  const detail = element("p", { className: "live-status live-detail" });

  const answered = ([, to]) => to === "loss" || ASKED.indexOf(to) < now.asked;

  /** Say what the chosen arrow does, there and back. */
  function arrow(made, back) {
    const [from, to] = ARROWS[now.arrow];
    const values = { from: words.makers[from], to: words.boxes[to], value: short(made[from]) };
    if (to === "loss") return filled(words.verdict, values);
    values.slope = short(back.slopes[now.arrow]);
    const there = filled(words.there, values);
    if (!answered(ARROWS[now.arrow])) return `${there} ${filled(words.waits, values)}`;
    values.blame = short(back.blame[to]);
    values.share = short(back.shares[now.arrow]);
    const sentences = [there, filled(words.back, values)];
    const uses = ARROWS.filter(([maker]) => maker === from);
    values.all = short(back.blame[from]);
    values.felt = short(felt(inputs(), from));
    if (uses.every(answered)) {
      sentences.push(filled(uses.length > 1 ? words.sum : words.foot, values));
    }
    return sentences.join(" ");
  }

  const inputs = () => Object.fromEntries(Object.keys(INPUTS).map((name) => [name, now[name]]));

  function paint() {
    const made = forward(now);
    const back = backward(made);
    ARROWS.forEach((ends, i) => {
      const { node, value, share, blame } = options[i];
      const known = answered(ends);
      value.textContent = short(made[ends[0]]);
      share.textContent = known ? short(back.shares[i]) : "";
      const width = known ? Math.min(22, 2.2 * Math.sqrt(Math.abs(back.shares[i]))) : 0;
      blame.setAttribute("stroke-width", width.toFixed(1));
      const numbers = { value: value.textContent, share: share.textContent || words.unknown };
      node.setAttribute("aria-label", filled(words.arrow, {
        from: words.makers[ends[0]], to: words.boxes[ends[1]], ...numbers,
      }));
    });
    list.show(now.arrow);
    const next = ASKED[now.asked];
    const values = { loss: short(made.square), w1: short(back.blame.w1), w2: short(back.blame.w2) };
    status.textContent = next
      ? filled(words.walking, { ...values, next: words.boxes[next] })
      : filled(words.done, values);
    detail.textContent = arrow(made, back);
  }

  function change(wanted, { playing = false } = {}) {
    if (!playing) play.stop();
    Object.assign(now, wanted);
    for (const name of Object.keys(INPUTS)) sliders[name].set(now[name]);
    asked.set(now.asked);
    paint();
    spoken.say(`${status.textContent} ${detail.textContent}`);
  }

  /** Draw boxes and arrows: from left to right, or on a narrow screen downwards. */
  function layout(width) {
    const flat = width >= 480;
    const gap = flat ? { along: (width - 60) / ALONG, across: 58 } : { along: 66, across: (width - 62) / ACROSS };
    const height = 2 * 28 + (flat ? ACROSS * gap.across : ALONG * gap.along);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const place = (name) => {
      const [along, across] = PLACES[name];
      return flat
        ? [30 + along * gap.along, 28 + across * gap.across]
        : [31 + across * gap.across, 28 + along * gap.along];
    };
    for (const { name, node } of boxes) node.setAttribute("transform", `translate(${place(name)})`);
    ARROWS.forEach(([from, to], i) => {
      const [[x1, y1], [x2, y2]] = [place(from), place(to)];
      const [dx, dy] = [x2 - x1, y2 - y1];
      const length = Math.hypot(dx, dy);
      const [ux, uy] = [dx / length, dy / length];
      const edge = (HALF + 3) / Math.max(Math.abs(ux), Math.abs(uy));
      const [sx, sy] = [x1 + ux * edge, y1 + uy * edge];
      const [ex, ey] = [x2 - ux * edge, y2 - uy * edge];
      const d = `M${sx.toFixed(1)} ${sy.toFixed(1)}L${ex.toFixed(1)} ${ey.toFixed(1)}`;
      const head = [-1, 1].map((side) =>
        `M${ex.toFixed(1)} ${ey.toFixed(1)}l${(-7 * ux - side * 4 * uy).toFixed(1)} ${(-7 * uy + side * 4 * ux).toFixed(1)}`);
      const { hit, blame, line, value, share } = options[i];
      for (const path of [hit, blame]) path.setAttribute("d", d);
      line.setAttribute("d", d + head.join(""));
      // Above the arrow, or left of it, what goes there; below or right what comes back.
      let [nx, ny] = [uy, -ux];
      if (ny > 0.01 || (Math.abs(ny) <= 0.01 && nx > 0)) [nx, ny] = [-nx, -ny];
      const off = 11 + 12 * Math.abs(nx);
      const [mx, my] = [(sx + ex) / 2, (sy + ey) / 2 + 4];
      value.setAttribute("x", (mx + nx * off).toFixed(1));
      value.setAttribute("y", (my + ny * off).toFixed(1));
      share.setAttribute("x", (mx - nx * off).toFixed(1));
      share.setAttribute("y", (my - ny * off).toFixed(1));
    });
  }

  el.reset = () => change(START);
  el.state = () => {
    const made = forward(now);
    const back = backward(made);
    const [from] = ARROWS[now.arrow];
    return { ...now, made, ...back, felt: felt(inputs(), from), from, playing: play.playing() };
  };
  const figure = element("div", { className: "live-plot" }, svg);
  const rows = [...Object.values(sliders), asked].map(({ row }) => row);
  el.append(
    figure,
    detail,
    element("div", { className: "live-sliders live-pair" }, ...rows),
    element("div", { className: "live-bar live-below" }, play.button, step, reset),
    status, spoken.node,
  );
  change({});
  fitted(figure, layout);
}

export default { render };
