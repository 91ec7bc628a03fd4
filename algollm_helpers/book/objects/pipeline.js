// The object "pipeline": stages, micro-batches and a schedule, and what they come to.

import { choice, element, filled, fitted, number, slider, stroke, voice } from "./elements.js";
import { Handle, held as moves } from "./handle.js";
import { player } from "./player.js";
import { Plot, way } from "./plot.js";
import { held, holdings, simulate } from "./schedule.js";

const START = { stages: 4, micro: 8, schedule: "gpipe", time: 11 };
const [ROW, BAR] = [46, 24]; // px of a stage, and of a pass in it
const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;

function render({ model, el }) {
  const words = model.get("words");
  const now = { ...START };
  const spoken = voice();
  let table = null;

  const chart = new Plot(
    { min: 0, max: 1, label: words.axis },
    { min: -1, max: 0, label: words.stage, ticks: [], said: (row) => number(Math.abs(row)) },
    { top: 22 },
  );
  const passes = stroke("g");
  const line = stroke("path", { class: "live-cursor" });
  const when = { min: 0, max: 1, step: 1 };
  const cursor = new Handle({
    label: words.cursor,
    x: when,
    value: { x: now.time, y: 0.5 },
    said: ({ x }) => filled(words.at, { time: number(x) }),
    moved: ({ x }) => change({ time: x }),
  });
  chart.below.append(passes);
  chart.above.append(line, cursor.node);
  chart.svg.setAttribute("aria-label", words.chart);
  moves(chart, () => [cursor], { anywhere: true });

  const stages = slider(words.stages, {
    ...{ min: 1, max: 8, step: 1, value: now.stages },
    said: (value) => number(value),
    moved: (value) => change({ stages: value }),
  });
  const micro = slider(words.micro, {
    ...{ min: 1, max: 32, step: 1, value: now.micro },
    said: (value) => number(value),
    moved: (value) => change({ micro: value }),
  });
  const schedules = choice(words.schedule, words.schedules, now.schedule, (schedule) => change({ schedule }));
  const play = player({
    words,
    pause: CALM ? 900 : 220,
    begin: () => now.time >= table.span && change({ time: 0 }, { playing: true }),
    next: () => {
      change({ time: Math.min(table.span, now.time + (CALM ? 4 : 1)) }, { playing: true });
      return now.time < table.span;
    },
  });
  const reset = element("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => el.reset());
  const columns = ["stage", "does", "holds", "most"].map((key) =>
    element("th", { scope: "col" }, words.head[key]));
  const body = element("tbody");
  const list = element("table", { className: "live-table" },
    element("thead", {}, element("tr", {}, ...columns)), body);
  const status = element("p", { className: "live-status" });

  /** Return what a stage does at the time: the pass that has begun and not ended. */
  function doing(stage) {
    const { time } = now;
    const pass = table.events.find((event) =>
      event.stage === stage && event.start <= time && time < event.stop);
    return pass ? { kind: pass.kind, micro: pass.micro } : null;
  }
  const all = () => Array.from({ length: now.stages }, (_, s) => s);
  const counts = () => held(table.events, now.stages, now.time);

  function told() {
    const { stages: p, micro: m, time } = now;
    const waiting = all().filter((s) => !doing(s)).length;
    return [
      filled(words.told, {
        span: number(table.span), idle: number(100 * table.idle, 1), above: number(p - 1), below: number(m + p - 1),
      }),
      filled(words.memory, {
        time: number(time), waiting: number(waiting), stages: number(p),
        most: number(Math.max(...table.peak)), now: number(Math.max(...counts())),
      }),
    ].join("\n");
  }

  /** Draw the passes, and under those of each stage how many micro-batches it holds. */
  function lay() {
    if (!chart.width) return;
    chart.across.max = table.span;
    Object.assign(chart.up, { min: 0.5 - now.stages, max: 0.5, ticks: all().map((s) => -s) });
    const { top, bottom } = chart.room;
    chart.resize(chart.width, top + bottom + now.stages * ROW);
    const unit = chart.x(1) - chart.x(0);
    const [bars, signs] = [{ forward: "", backward: "" }, []];
    for (const { stage, kind, micro: i, start, stop } of table.events) {
      const [x, y] = [chart.x(start), chart.y(-stage) - ROW / 2 + 3];
      const width = (stop - start) * unit;
      bars[kind] += `M${x.toFixed(1)} ${y}h${width.toFixed(1)}v${BAR}h${-width.toFixed(1)}Z`;
      if (width < 13) continue; // too narrow for its number
      const about = { class: `live-on-${kind}`, x: x + width / 2, y: y + 16, "text-anchor": "middle" };
      signs.push(stroke("text", about, number(i + 1)));
    }
    const drawn = Object.entries(bars).map(([kind, d]) => stroke("path", { class: `live-${kind}`, d }));
    const highest = Math.max(...table.peak);
    const strips = all().map((s) => {
      const foot = chart.y(-s) + ROW / 2 - 2;
      const tall = (count) => foot - (count / highest) * (ROW - BAR - 8);
      let d = `M${chart.x(0)} ${foot}`;
      for (const { time, count } of holdings(table.events, s)) d += `H${chart.x(time).toFixed(1)}V${tall(count).toFixed(1)}`;
      return stroke("path", { class: "live-held-strip", d: `${d}V${foot}Z` });
    });
    passes.replaceChildren(...strips, ...drawn, ...signs);
    body.replaceChildren(...all().map((s) => element("tr", {},
      element("th", { scope: "row" }, number(s)), element("td"), element("td"), element("td"))));
  }

  function paint() {
    if (!chart.width) return;
    cursor.draw(chart);
    line.setAttribute("d", way(chart, [now.time, now.time], [0.5, 0.5 - now.stages]));
    const holds = counts();
    for (const [s, row] of [...body.children].entries()) {
      const pass = doing(s);
      const [, does, holding, most] = row.children;
      does.textContent = pass ? filled(words.passes[pass.kind], { micro: number(pass.micro + 1) }) : words.waits;
      holding.textContent = number(holds[s]);
      most.textContent = number(table.peak[s]);
    }
    status.textContent = told();
  }

  function change(wanted, { playing = false } = {}) {
    if (!playing) play.stop();
    const same = Object.keys(wanted).every((key) => key === "time");
    Object.assign(now, wanted);
    if (!same || !table) {
      table = simulate(now.schedule, now.stages, now.micro);
      lay();
    }
    now.time = Math.min(now.time, table.span);
    when.max = table.span;
    cursor.node.setAttribute("aria-valuemax", table.span);
    cursor.set({ x: now.time });
    stages.set(now.stages);
    micro.set(now.micro);
    schedules.querySelector(`[value="${now.schedule}"]`).checked = true;
    paint();
    if (!play.playing()) spoken.say(status.textContent);
  }

  el.reset = () => change(START);
  el.state = () => ({
    ...now, ...table, held: counts(), doing: all().map(doing), playing: play.playing(),
  });
  const figure = element("div", { className: "live-plot" }, chart.svg);
  el.append(
    schedules,
    element("div", { className: "live-sliders live-pair" }, stages.row, micro.row),
    figure,
    element("div", { className: "live-bar live-below" }, play.button, reset),
    status, list, spoken.node,
  );
  change({});
  fitted(figure, (width) => {
    chart.width = width;
    lay();
    paint();
  });
}

export default { render };
