// The object "start": which of infinitely many solutions descent picks, by its start.

import { element, filled, fitted, number, slider, stroke, voice } from "./elements.js";
import { Handle, held } from "./handle.js";
import { Plot, way } from "./plot.js";
import { FEWEST, GOAL, length, plain, ROW, SHORTEST, sizes, squares } from "./solving.js";

const WINDOW = { x: [-1.5, 2.5], y: [-1, 2] };
const AT_REST = { start: [1.8, 1.4], alpha: 0.01 };
const EXPONENTS = { min: -2, max: 0.5, step: 0.01 }; // of ten

const alphaAt = (exponent) => Number((10 ** exponent).toPrecision(2));

function render({ model, el }) {
  const words = model.get("words");
  const { node: spoken, say } = voice();
  const now = { ...AT_REST };
  let [walk, other] = [[], []];
  const [[left, right], [low, high]] = [WINDOW.x, WINDOW.y];
  const plot = new Plot({ min: left, max: right, label: words.x }, { min: low, max: high, label: words.y });
  plot.svg.setAttribute("aria-label", words.plot);

  const axes = stroke("path", { class: "live-zero" });
  const line = stroke("path", { class: "live-solutions" });
  const round = stroke("path", { class: "live-level" });
  const sharp = stroke("path", { class: "live-level" });
  const marks = stroke("path", { class: "live-cross" });
  const names = stroke("g", { class: "live-label" });
  const trails = [1, 2].map((kind) => ({
    trail: stroke("path", { class: `live-trail live-kind-${kind}` }),
    feet: stroke("path", { class: `live-feet live-kind-${kind}` }),
    end: stroke("circle", { class: `live-end live-kind-${kind}`, r: 6 }),
  }));
  plot.below.append(axes, round, sharp, line, names, marks);
  for (const { trail, feet, end } of trails) plot.below.append(trail, feet, end);
  const grip = new Handle({
    label: words.start,
    role: words.role,
    x: { min: left, max: right, step: 0.05, grain: 0.01 },
    y: { min: low, max: high, step: 0.05, grain: 0.01 },
    value: { x: 0, y: 0 },
    said: ({ x, y }) => filled(words.at, { x: number(x), y: number(y) }),
    moved: ({ x, y }) => change({ start: [x, y] }),
    mark: stroke("circle", { class: "live-knob live-ring", r: 8 }),
  });
  plot.above.append(grip.node);
  held(plot, () => [grip], { anywhere: true });

  const exponent = Math.log10(now.alpha);
  const alpha = slider(words.alpha, {
    ...{ ...EXPONENTS, value: exponent },
    said: (value) => number(alphaAt(value)),
    moved: (value) => change({ alpha: alphaAt(value) }),
  });
  const zero = element("button", { type: "button" }, words.zero);
  zero.addEventListener("click", () => change({ start: [0, 0] }));
  const reset = element("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => el.reset());
  const told = [1, 2].map((kind) => element("p", { className: `live-told live-kind-${kind}` }));

  function scene() {
    const [a, b] = [plot.x(0), plot.y(0)];
    axes.setAttribute("d", `M${a} ${plot.y(low)}V${plot.y(high)}M${plot.x(left)} ${b}H${plot.x(right)}`);
    line.setAttribute("d", way(plot, WINDOW.x, WINDOW.x.map((x) => (GOAL - ROW[0] * x) / ROW[1])));
    const r = plot.x(length(SHORTEST)) - a;
    round.setAttribute("d", `M${a - r} ${b}a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0`);
    const s = sizes(FEWEST);
    sharp.setAttribute("d", `${way(plot, [s, 0, -s, 0], [0, s, 0, -s])}Z`);
    const both = { shortest: SHORTEST, fewest: FEWEST };
    marks.setAttribute("d", Object.values(both).map(([x, y]) =>
      `M${plot.x(x) - 5} ${plot.y(y) - 5}l10 10m0 -10l-10 10`).join(""));
    const name = (text, x, y, anchor) =>
      stroke("text", { x: plot.x(x), y: plot.y(y), "text-anchor": anchor }, text);
    names.replaceChildren(
      name(words.all, -1.45, 1, "start"),
      name(words.shortest, 0.46, 0.9, "start"),
      name(words.fewest, 0.06, 1.3, "start"),
    );
  }

  function paint() {
    if (!plot.width) return;
    for (const [i, path] of [walk, other].entries()) {
      const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
      const { trail, feet, end } = trails[i];
      trail.setAttribute("d", way(plot, xs, ys));
      const spots = path.filter((_, k) => i === 0 || k % 10 === 0);
      feet.setAttribute("d", spots.map(([x, y]) => `M${plot.x(x).toFixed(1)} ${plot.y(y).toFixed(1)}h0`).join(""));
      end.setAttribute("cx", plot.x(xs.at(-1)));
      end.setAttribute("cy", plot.y(ys.at(-1)));
    }
    grip.set({ x: now.start[0], y: now.start[1] });
    grip.draw(plot);
  }

  /** Return how far a start lies along the line from the shortest solution. */
  function kept() {
    const [x, y] = now.start;
    return Math.abs(ROW[1] * x - ROW[0] * y) / length(ROW);
  }

  function stories() {
    const values = (end) => ({
      ...{ endX: number(end[0], 3), endY: number(end[1], 3) },
      ...{ length: number(length(end), 3), sum: number(sizes(end), 3) },
      ...{ shortest: number(length(SHORTEST), 3), fewest: number(sizes(FEWEST), 3) },
    });
    const [x, y] = now.start.map((v) => number(v));
    const plainly = { ...values(walk.at(-1)), x, y, kept: number(kept(), 3) };
    const squarely = { ...values(other.at(-1)), alpha: number(now.alpha) };
    return [filled(words.plainly, plainly), filled(words.squarely, squarely)];
  }

  function change(wanted) {
    Object.assign(now, wanted);
    [walk, other] = [plain(now.start), squares(now.alpha)];
    told.forEach((node, i) => (node.textContent = stories()[i]));
    paint();
    say(stories()["alpha" in wanted ? 1 : 0]);
  }

  el.state = () => ({
    ...now,
    plain: walk.at(-1),
    plainLength: length(walk.at(-1)),
    kept: kept(),
    squares: other.at(-1),
    squaresLength: length(other.at(-1)),
    squaresSum: sizes(other.at(-1)),
    shortest: length(SHORTEST),
    fewest: sizes(FEWEST),
  });
  el.reset = () => {
    alpha.set(Math.log10(AT_REST.alpha));
    change(AT_REST);
  };
  const place = element("div", { className: "live-plot live-map" }, plot.svg);
  el.append(
    place,
    element("div", { className: "live-sliders" }, alpha.row),
    element("div", { className: "live-bar" }, zero, reset),
    ...told, spoken,
  );
  change({});
  fitted(place, (width) => {
    const { left: l, right: r, top, bottom } = plot.room;
    plot.resize(width, Math.round((width - l - r) * 0.75) + top + bottom);
    scene();
    paint();
  });
}

export default { render };
