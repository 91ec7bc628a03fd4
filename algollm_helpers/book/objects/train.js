// The object "train": a GPT that trains in the page, in a worker, step by step.

import { Chart } from "./chart.js";
import { element, filled, number, scientific } from "./elements.js";
import { STEPS } from "./run.js";
import { alphabetOf } from "./names.js";
import { settings } from "./settings.js";
import { SEED, Trainer } from "./trainer.js";
import { unpacked } from "./unpacked.js";

const WINDOW = 50; // steps: of the mean, and between two lists of names
const KEPT = new Set([1, 10, 50, 100, 200, 500, STEPS]); // whose names stay in view
const SLICE = 12; // ms of training between two drawings
const SAID = 250; // steps between two messages to a screen reader
const SAME = 1e-9; // what a sum in another order and another exp may change

/** Fetch the run that Python made when the site was built. */
async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const { names, params, losses } = await answer.json();
  return { names, params: unpacked(params), losses: unpacked(losses) };
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

function render({ model, el }) {
  const words = model.get("words");
  const book = model.get("book");
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  let loading = null;
  const trainer = new Trainer(worker, () => (loading ??= fetched(model.get("data"))));
  const chart = new Chart({ x: words.step, y: words.loss }, { steps: STEPS, top: 4 });
  let [pace, running, pages, trouble] = [200, null, [], ""];

  const button = (word, act, className = "") => {
    const made = element("button", { type: "button", className }, words[word]);
    made.addEventListener("click", () => act().catch(failed));
    return made;
  };
  const play = button("train", () => (running ? pause() : train()), "live-main");
  const shown = element("p", { className: "live-status" });
  const proof = element("p", { className: "live-proof" });
  const spoken = element("p", { className: "live-spoken", attributes: { role: "status" } });
  const list = element("dl", { className: "live-names" });
  const figure = element("div", { className: "live-chart" }, chart.svg);
  const panel = settings({
    words,
    trainer,
    paced: (steps) => (pace = steps),
    renew: (wanted) => renew(wanted),
    changed: () => paint(),
  });

  const vocab = () => (trainer.names ? alphabetOf(trainer.names).length + 1 : book.vocab);

  /** What other players of the game pay: on a list of one's own, only two are known. */
  function levels() {
    const uniform = Math.log(vocab());
    return trainer.names ? { uniform, floor: trainer.floor } : { uniform, ...book.levels };
  }

  const mean = () => {
    const last = trainer.losses.slice(-WINDOW);
    return last.reduce((a, b) => a + b, 0) / last.length;
  };

  function status() {
    if (trouble) return trouble;
    if (!trainer.step) return filled(words.rest, { names: number(trainer.names?.length ?? STEPS) });
    const values = { step: number(trainer.step), steps: number(STEPS), mean: number(mean(), 2) };
    const last = number(trainer.losses.at(-1), 2);
    const now = filled(words.status, { ...values, last });
    const time = { steps: values.step, seconds: number(trainer.seconds, 2) };
    return `${now} ${filled(words.time, time)}`;
  }

  function comparison() {
    const { difference, step } = trainer;
    if (!step) return "";
    if (difference === null) return words.other;
    const values = { steps: number(step), difference: scientific(difference) };
    return filled(difference <= SAME ? words.same : words.apart, values);
  }

  function paint() {
    shown.textContent = status();
    proof.textContent = comparison();
    play.textContent = running ? words.pause : words.train;
    chart.draw(trainer.losses, WINDOW);
    const rows = pages.filter(({ step }, i) => KEPT.has(step) || i === pages.length - 1);
    list.replaceChildren(
      ...rows.flatMap(({ step, names }) => [
        element("dt", {}, filled(words.at, { step: number(step) })),
        element("dd", {}, names.map((name) => name || words.nothing).join(", ")),
      ]),
    );
  }

  function label() {
    chart.svg.setAttribute("aria-label", filled(words.chart, { status: status() }));
  }

  function say() {
    spoken.textContent = `${status()} ${trainer.done ? comparison() : ""}`;
    label();
  }

  function scale() {
    const named = Object.entries(levels()).map(([name, value]) => [
      filled(words.levels[name], { vocab: number(vocab()) }),
      value,
    ]);
    chart.top = Math.max(4, Math.ceil(named[0][1] + 0.2));
    const width = figure.clientWidth || 480;
    chart.resize(width, Math.round(Math.min(340, Math.max(240, width * 0.7))), named);
    paint();
  }

  function renew(wanted) {
    running = null;
    trainer.choose(wanted);
    [pages, trouble] = [[], ""];
    scale();
    say();
  }

  function failed(error) {
    running = loading = trainer.started = null; // another press asks again
    trouble = filled(words.failed, { why: error.message });
    paint();
    say();
  }

  async function written() {
    await trainer.write();
    pages = pages.filter(({ step }) => step !== trainer.step);
    pages.push({ step: trainer.step, names: trainer.samples });
  }

  /** Take steps, but stop where names are to be written; return how many. */
  async function go(most, ms) {
    const { step } = trainer;
    const next = Math.min(...[...KEPT].filter((mark) => mark > step));
    const stop = Math.min(next, step - (step % WINDOW) + WINDOW);
    const taken = await trainer.advance(Math.min(most, stop - step), ms);
    if (taken && trainer.step === stop) await written();
    if (taken && Math.floor(step / SAID) < Math.floor(trainer.step / SAID)) say();
    return taken;
  }

  async function train() {
    if (trainer.done) renew({});
    const mine = (running = {});
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let [before, due, painted] = [performance.now(), 1, 0];
    paint();
    while (running === mine && !trainer.done) {
      const now = await frame();
      const passed = Math.max(0, now - before) / 1000;
      due = pace === Infinity ? STEPS : Math.min(due + passed * pace, pace);
      before = now;
      if (due >= 1) due -= await go(Math.floor(due), SLICE);
      if (running === mine && (!calm || now - painted > 500)) {
        paint();
        painted = now;
      }
    }
    if (running === mine) await pause();
  }

  async function pause() {
    running = null;
    if (trainer.step) await written();
    paint();
    say();
  }

  async function step() {
    running = null;
    if (trainer.done) renew({});
    await go(1);
    await pause();
  }

  el.state = () => ({
    step: trainer.step,
    steps: STEPS,
    losses: [...trainer.losses],
    mean: trainer.step ? mean() : null,
    seconds: trainer.seconds,
    samples: trainer.samples,
    difference: trainer.difference,
    levels: levels(),
    names: trainer.names?.length ?? STEPS,
    seed: trainer.seed,
    running: running !== null,
    ...trainer.settings,
    ...trainer.sizes,
  });
  el.run = async (steps) => {
    if (!Number.isInteger(steps) || steps < 0) {
      throw new RangeError(`steps must be a whole number >= 0, got ${steps}`);
    }
    const mine = (running = {});
    for (let left = steps; left && running === mine && !trainer.done; ) left -= await go(left);
    if (running === mine) await pause();
    return el.state();
  };
  el.reset = () => {
    panel.reset();
    renew({ seed: SEED, names: null });
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden && running) pause().catch(failed);
  });
  worker.addEventListener("error", (event) => failed(event));
  const bar = element("div", { className: "live-bar" }, play, button("oneStep", step));
  bar.append(button("reset", async () => el.reset()), panel.speed);
  const work = element("div", { className: "live-work" }, figure, list);
  el.append(bar, work, shown, proof, spoken, panel.more);
  new ResizeObserver(scale).observe(figure);
  scale();
  label();
}

export default { render };
