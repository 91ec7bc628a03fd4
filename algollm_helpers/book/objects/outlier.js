// The object "outlier": numbers that can be dragged, and how each pulls at one answer.

import { choice, element, filled, fitted, number, stroke, voice } from "./elements.js";
import { Handle, held } from "./handle.js";
import { cost, favourite, LOSSES } from "./losses.js";
import { Plot, way } from "./plot.js";

const NUMBERS = [1.2, 1.5, 1.9, 2, 2.2, 2.6, 2.9, 8];
const [LEFT, RIGHT] = [0, 9];
// How long a pull of 1 is, on the axis: with squares an arrow nearly reaches its number.
const PULL = { squared: 0.42, absolute: 1, quantile: 1.5, huber: 0.42 };
const CURVE = [9.2, 12.6]; // where the curve of the mean loss stands, in lanes

function render({ model, el }) {
  const words = model.get("words");
  const { node: spoken, say } = voice();
  let [kind, ys, free] = ["squared", [...NUMBERS], null]; // free: an answer of one's own
  const plot = new Plot(
    { min: LEFT, max: RIGHT, label: words.x },
    { min: 0, max: CURVE[1], label: "", ticks: [] },
    { left: 14, right: 14 },
  );
  plot.svg.setAttribute("aria-label", words.plot);

  const curve = stroke("path", { class: "live-ground" });
  const name = stroke("text", { class: "live-muted live-label" }, words.cost);
  const ropes = stroke("path", { class: "live-rope" });
  const arrows = stroke("path", { class: "live-arrow" });
  const answer = stroke("path", { class: "live-answer" });
  const others = Object.keys(LOSSES).map((_, i) => stroke("path", { class: `live-favourite live-kind-${i + 1}` }));
  plot.below.append(ropes, ...others, curve, name, answer, arrows);

  const said = ({ x }) => filled(words.value, { value: number(x) });
  const along = { min: LEFT, max: RIGHT, step: 0.1, grain: 0.01 };
  const points = NUMBERS.map((_, i) => new Handle({
    label: filled(words.number, { n: number(i + 1) }),
    x: along,
    value: { x: ys[i], y: i + 1 },
    said,
    moved({ x }) {
      ys[i] = x;
      free = null;
      change();
    },
    mark: i < NUMBERS.length - 1
      ? stroke("circle", { class: "live-knob", r: 7 })
      : stroke("path", { class: "live-knob", d: "M0-9L9 0L0 9L-9 0Z" }),
  }));
  const grip = new Handle({
    label: words.answer,
    x: along,
    value: { x: 0, y: 0 },
    said,
    moved({ x }) {
      free = x;
      change();
    },
    mark: stroke("path", { class: "live-knob", d: "M0-7L8 7H-8Z" }),
  });
  plot.above.append(...points.map(({ node }) => node), grip.node);
  held(plot, () => [...points, grip]);

  const picker = choice(words.loss, words.losses, kind, (wanted) => {
    [kind, free] = [wanted, null];
    change();
  });
  picker.classList.add("live-small");
  const reset = element("button", { type: "button" }, words.reset);
  const tally = element("p", { className: "live-proof live-tally" });
  const status = element("p", { className: "live-status" });
  const told = element("p", { className: "live-proof" });

  const best = (which) => favourite(LOSSES[which], ys, LEFT, RIGHT + 11);
  const stands = () => free ?? best(kind);

  function pulls() {
    const z = stands();
    return ys.map((y) => -LOSSES[kind](z, y)[1] + 0); // + 0: −0 is a 0
  }

  const sum = (values, sign) =>
    values.filter((v) => v * sign > 0).reduce((a, b) => a + b * sign, 0);

  function middle() {
    const sorted = [...ys].sort((a, b) => a - b);
    return sorted.slice(ys.length / 2 - 1, ys.length / 2 + 1);
  }

  function paint() {
    if (!plot.width) return;
    const z = stands();
    const [x, foot] = [plot.x(z), plot.y(0)];
    const forces = pulls();
    ropes.setAttribute("d", ys.map((y, i) => `M${x} ${plot.y(i + 1)}H${plot.x(y)}`).join(""));
    arrows.setAttribute("d", forces.map((force, i) => {
      const end = plot.x(z + PULL[kind] * force);
      const head = Math.sign(end - x) * Math.min(6, Math.abs(end - x));
      return force && `M${x} ${plot.y(i + 1)}H${end}m${-head} -4l${head} 4l${-head} 4`;
    }).filter(Boolean).join(""));
    answer.setAttribute("d", `M${x} ${foot}V${plot.y(CURVE[1])}`);
    Object.keys(LOSSES).forEach((which, i) => {
      const at = plot.x(best(which)).toFixed(1);
      others[i].setAttribute("d", `M${at} ${foot}V${plot.y(CURVE[0] - 0.4)}`);
    });
    const answers = Array.from({ length: 91 }, (_, i) => LEFT + i / 10);
    const costs = answers.map((a) => cost(LOSSES[kind], a, ys));
    const most = Math.max(...costs);
    const heights = costs.map((c) => CURVE[0] + (c / most) * (CURVE[1] - CURVE[0]));
    curve.setAttribute("d", way(plot, answers, heights));
    name.setAttribute("x", plot.x(LEFT) + 8);
    name.setAttribute("y", plot.y(CURVE[0]) + 11);
    points.forEach((point, i) => {
      point.set({ x: ys[i] });
      point.draw(plot);
    });
    grip.set({ x: z });
    grip.draw(plot);
  }

  function story() {
    const [low, high] = middle();
    const values = { z: number(best(kind), 2), low: number(low), high: number(high) };
    return filled(words.kinds[kind], values);
  }

  function balance() {
    const [left, right] = [sum(pulls(), -1), sum(pulls(), 1)];
    const z = stands();
    const values = { z: number(z, 2), cost: number(cost(LOSSES[kind], z, ys), 3) };
    const shown = filled(words.pulls, { ...values, left: number(left, 2), right: number(right, 2) });
    const even = Math.abs(right - left) < 1e-9;
    if (free === null) return even ? shown : `${shown} ${words.kink}`;
    return `${shown} ${right > left ? words.rightward : right < left ? words.leftward : ""}`;
  }

  function change() {
    tally.replaceChildren(...Object.keys(LOSSES).map((which, i) =>
      element("span", { className: `live-kind-${i + 1}${which === kind ? " live-chosen" : ""}` },
        filled(words.favourites[which], { z: number(best(which), 2) }))));
    status.textContent = story();
    told.textContent = balance();
    paint();
    say(`${free === null ? story() : ""} ${balance()}`);
  }

  el.state = () => ({
    kind,
    numbers: [...ys],
    answer: stands(),
    favourites: Object.fromEntries(Object.keys(LOSSES).map((which) => [which, best(which)])),
    pulls: pulls(),
    left: sum(pulls(), -1),
    right: sum(pulls(), 1),
    cost: cost(LOSSES[kind], stands(), ys),
    middle: middle(),
  });
  el.reset = () => {
    [kind, ys, free] = ["squared", [...NUMBERS], null];
    picker.querySelector("[value=squared]").checked = true;
    change();
  };
  reset.addEventListener("click", () => el.reset());
  const place = element("div", { className: "live-plot" }, plot.svg);
  el.append(
    element("div", { className: "live-bar" }, picker, reset),
    place, tally, status, told, spoken,
  );
  change();
  fitted(place, (width) => {
    plot.resize(width, 360);
    paint();
  });
}

export default { render };
