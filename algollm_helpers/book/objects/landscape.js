// The object "landscape": walkers dropped on a map, which takes the colour of their ends.

import { contours } from "./contours.js";
import { choice, element, filled, fitted, number, stroke, voice } from "./elements.js";
import { GROUNDS, walked } from "./grounds.js";
import { Handle, held } from "./handle.js";
import { Plot, way } from "./plot.js";

const START = { valleys: [-0.1, 1.4], saddle: [1.2, 0.02], plateau: [1.5, 1.2] };
const MANY = 250; // walkers that one press drops
const AT_ONCE = 5; // of them between two drawings
const MOST = 4000; // walkers that leave a mark

function render({ model, el }) {
  const words = model.get("words");
  const { node: spoken, say } = voice();
  let [name, ground, seen, filling] = ["valleys", GROUNDS.valleys, [], null];
  let [start, walk, dropped] = [START.valleys, null, 0];
  const plot = new Plot({ label: words.x }, { label: words.y });

  const rings = stroke("path", { class: "live-contour" });
  const basins = [1, 2, 0].map((kind) => stroke("path", { class: `live-basin live-kind-${kind}` }));
  const trail = stroke("path");
  const feet = stroke("path");
  const crosses = stroke("path", { class: "live-cross" });
  const labels = stroke("g", { class: "live-label" });
  const last = stroke("circle", { r: 5 });
  plot.below.append(...basins, rings, crosses, labels, trail, feet, last);
  const walker = new Handle({
    label: words.walker,
    role: words.role,
    x: { min: 0, max: 1, step: 0.05, grain: 0.01 },
    y: { min: 0, max: 1, step: 0.05, grain: 0.01 },
    value: { x: 0, y: 0 },
    said: ({ x, y }) => filled(words.at, { x: number(x), y: number(y) }),
    moved: ({ x, y }) => drop([x, y]),
    left: tell,
    mark: stroke("circle", { class: "live-knob live-ring", r: 8 }),
  });
  plot.above.append(walker.node);
  held(plot, () => [walker], { anywhere: true });

  const grounds = choice(words.ground, words.grounds, name, (wanted) => on(wanted));
  grounds.classList.add("live-small");
  const many = element("button", { type: "button", className: "live-main" },
    filled(words.many, { count: number(MANY) }));
  const reset = element("button", { type: "button" }, words.reset);
  const status = element("p", { className: "live-status" });
  const tally = element("p", { className: "live-proof live-tally" });

  /** Return which colour a place has: its number among the places, 0 for none. */
  const kind = (place) => Object.keys(ground.places).indexOf(place) + 1;

  function counted() {
    const counts = Object.fromEntries([...Object.keys(ground.places), "nowhere"].map((n) => [n, 0]));
    for (const { place } of seen) counts[place ?? "nowhere"]++;
    return counts;
  }

  /** Let a walker loose from there, and keep what became of it. */
  function drop(from) {
    start = from;
    walk = walked(ground, from);
    seen.push({ start: from, place: walk.place });
    seen.splice(0, seen.length - MOST);
    paint();
  }

  function paint() {
    if (!plot.width || !walk) return;
    [1, 2, 0].forEach((n, i) => {
      const those = seen.filter(({ place }) => kind(place) === n);
      const spots = those.map(({ start: [x, y] }) => `M${plot.x(x).toFixed(1)} ${plot.y(y).toFixed(1)}h0`);
      basins[i].setAttribute("d", spots.join(""));
    });
    const path = walk.path.slice(0, (walk.after ?? walk.path.length - 1) + 1);
    const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
    trail.setAttribute("d", way(plot, xs, ys));
    feet.setAttribute("d", xs.map((x, k) => `M${plot.x(x).toFixed(1)} ${plot.y(ys[k]).toFixed(1)}h0`).join(""));
    trail.setAttribute("class", `live-trail live-kind-${kind(walk.place)}`);
    feet.setAttribute("class", `live-feet live-kind-${kind(walk.place)}`);
    last.setAttribute("class", `live-end live-kind-${kind(walk.place)}`);
    last.setAttribute("cx", plot.x(xs.at(-1)));
    last.setAttribute("cy", plot.y(ys.at(-1)));
    walker.set({ x: start[0], y: start[1] });
    walker.draw(plot);
    status.textContent = story();
    const counts = counted();
    tally.replaceChildren(...Object.entries(counts).map(([place, count]) =>
      element("span", { className: `live-kind-${kind(place)}` },
        `${words.short[name][place]}: ${number(count)}`)));
  }

  function story() {
    const end = walk.path.at(-1);
    const values = { after: number(walk.after ?? walk.path.length - 1) };
    [values.x, values.y] = start.map((v) => number(v, 2));
    [values.endX, values.endY] = end.map((v) => number(v, 2));
    values.loss = number(ground.loss(start), 3);
    values.end = number(ground.loss(end), 3);
    const from = filled(words.from, values);
    return `${from} ${filled(words.stories[name][walk.place ?? "nowhere"], values)}`;
  }

  function tell() {
    say(story());
  }

  /** Go to another ground, on which nothing has been tried. */
  function on(wanted) {
    [name, ground, filling, dropped] = [wanted, GROUNDS[wanted], null, 0];
    seen = [];
    Object.assign(plot.across, { min: -ground.wide, max: ground.wide });
    Object.assign(plot.up, { min: -ground.high, max: ground.high });
    for (const [axis, most] of [["x", ground.wide], ["y", ground.high]]) {
      Object.assign(walker.axes[axis], { min: -most, max: most });
    }
    walker.bound();
    draw();
    drop(START[name]);
    tell();
  }

  function draw() {
    if (!plot.width) return;
    plot.resize(plot.width, plot.height);
    rings.setAttribute("d", contours(plot, ground.loss, ground.heights));
    const [a, b] = [5, 10];
    crosses.setAttribute("d", ground.level.map(([x, y]) =>
      `M${plot.x(x) - a} ${plot.y(y) - a}l${b} ${b}m0 ${-b}l${-b} ${b}`).join(""));
    labels.replaceChildren(...Object.entries(ground.labels).map(([label, [x, y]]) =>
      stroke("text", { x: plot.x(x), y: plot.y(y), "text-anchor": "middle" }, words.labels[label])));
    plot.svg.setAttribute("aria-label", words.map[name]);
  }

  /** Drop many walkers, spread evenly: no two of them near each other. */
  function more() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const mine = (filling = {});
    const end = dropped + MANY;
    const next = () => {
      if (filling !== mine) return;
      const until = calm ? end : Math.min(end, dropped + AT_ONCE);
      while (dropped < until) {
        dropped++;
        // Multiples of the powers of 1/1.3247…, where each new one falls into a gap
        const part = (share) => 2 * ((0.5 + dropped * share) % 1) - 1;
        start = [part(0.7548776662466927) * ground.wide, part(0.5698402909980532) * ground.high];
        start = start.map((v) => Number(v.toFixed(2)));
        walk = walked(ground, start);
        seen.push({ start, place: walk.place });
      }
      seen.splice(0, Math.max(0, seen.length - MOST));
      paint();
      if (dropped < end) return requestAnimationFrame(next);
      filling = null;
      const counts = Object.entries(counted());
      say(counts.map(([place, count]) => `${words.short[name][place]}: ${number(count)}`).join(", "));
    };
    next();
  }

  el.state = () => ({
    ground: name,
    start,
    loss: ground.loss(start),
    end: walk.path.at(-1),
    endLoss: ground.loss(walk.path.at(-1)),
    place: walk.place,
    after: walk.after,
    path: walk.path,
    tried: seen.length,
    counts: counted(),
    filling: filling !== null,
  });
  el.reset = () => {
    grounds.querySelector("[value=valleys]").checked = true;
    on("valleys");
  };
  many.addEventListener("click", more);
  reset.addEventListener("click", () => el.reset());
  const place = element("div", { className: "live-plot live-map" }, plot.svg);
  el.append(
    grounds, place, tally,
    element("div", { className: "live-bar" }, many, reset),
    status, spoken,
  );
  on(name);
  fitted(place, (width) => {
    const { left, right, top, bottom } = plot.room;
    Object.assign(plot, { width, height: Math.round((width - left - right) * (1.5 / 1.7)) + top + bottom });
    draw();
    paint();
  });
}

export default { render };
