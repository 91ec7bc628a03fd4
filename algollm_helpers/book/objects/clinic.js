// The object "clinic": runs that are ill, or not; one asks for instruments and names what is wrong.

import { choice, element, filled, fitted, number, voice } from "./elements.js";
import { Gauge } from "./gauge.js";
import { shuffled, uniform } from "./random.js";

const LOGARITHMIC = new Set(["grad_norm", "update_ratio", "lr"]);
const SPARSE = new Set(["valid", "leak"]); // read now and then
const BESIDE = { valid: "loss", grad_norm: "used_norm", update_ratio: "least_ratio" };
const LEAST = { agreement: 1.2, leak: 0.01 }; // that the axis reaches
const HIGH = 5; // times an even guess: what rises above it is drawn by powers of ten
const SEED = 1; // of the second order of the runs; the first is that of the data

/** Return how many places behind the point show three digits of a value. */
const places = (value) => (value ? Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))) : 0);

function render({ model, el }) {
  const words = model.get("words");
  const chance = uniform(SEED);
  const spoken = voice();
  let data = null; // runs, and a healthy one beside them
  let [order, at] = [[], 0];
  let [asked, instrument] = [[], null];
  let [picked, tried, solved] = [null, [], null]; // solved: "named", "shown" or not yet
  let tally = { seen: 0, right: 0, used: 0 };

  const heading = element("p", { className: "live-heading" }, words.wait);
  const score = element("p", { className: "live-proof live-score" });
  const loss = new Gauge(words.step);
  const other = new Gauge(words.step);
  const captions = { loss: element("p", { className: "live-key" }), other: element("p", { className: "live-key" }) };
  const panel = element("p", { className: "live-written" }, words.none);
  const second = element("div", { className: "live-panel" }, other.plot.svg, panel, captions.other);
  const first = element("div", {}, loss.plot.svg, captions.loss);
  const pair = element("div", { className: "live-plot live-pair live-ward" }, first, second);
  const key = element("p", { className: "live-key" });
  const instruments = choice(words.ask, words.instruments, null, (wanted) => ask(wanted));
  const suspects = choice(words.suspects, words.names, null, (name) => (picked = name));
  for (const fieldset of [instruments, suspects]) fieldset.classList.add("live-small");
  const button = (text, act, className = "") => {
    const made = element("button", { type: "button", className }, text);
    made.addEventListener("click", act);
    return made;
  };
  const judge = button(words.judge, () => answer(), "live-main");
  const reveal = button(words.reveal, () => close("shown"));
  const next = button(words.next, () => turn(at + 1));
  const reset = button(words.again, () => begin(shuffled(order, chance)));
  const told = element("p", { className: "live-status" });
  const lines = element("div", { className: "live-lines" });

  const run = () => data.runs[order[at]];
  const when = (name) => (SPARSE.has(name) ? data.measured : data.steps);
  const radios = (fieldset) => [...fieldset.querySelectorAll("input")];

  function tell(sentence) {
    told.textContent = sentence;
    spoken.say(sentence);
  }

  /** Show an instrument, or none yet; each that was asked for is remembered. */
  function ask(wanted) {
    instrument = wanted;
    if (wanted && !asked.includes(wanted)) {
      asked.push(wanted);
      if (!solved) tally.used++;
      count();
    }
    const drawn = wanted && wanted !== "sample";
    panel.hidden = drawn;
    other.plot.svg.toggleAttribute("hidden", !drawn);
    const { sample } = run();
    panel.textContent = !wanted ? words.none : sample.length ? sample.map((name) => `“${name}”`).join(", ") : words.nothing;
    if (drawn) show(other, wanted);
    key.textContent = [words.key, drawn && words.beside[wanted]].filter(Boolean).join(" ");
    captions.other.textContent = drawn ? describe(wanted) : "";
  }

  /** Draw an instrument of this run beside that of a healthy one, and what belongs to it. */
  function show(gauge, name) {
    const nats = name === "loss" || name === "valid";
    const log = LOGARITHMIC.has(name) || (nats && Math.max(...run()[name]) > HIGH * data.even);
    const beside = BESIDE[name] ? run()[BESIDE[name]] : [];
    gauge.show({
      ...{ label: words.axes[name], log, least: LEAST[name] ?? 0 },
      lines: [
        { steps: when(name), values: data.healthy[name] },
        { steps: data.steps, values: beside },
        { steps: when(name), values: run()[name] },
      ],
      ...(nats ? { level: { at: data.even, name: words.even }, least: data.even * 1.1 } : {}),
    });
    gauge.plot.svg.setAttribute("aria-label", `${words.axes[name]}: ${describe(name)}`);
  }

  /** Say how an instrument begins and ends. */
  function describe(name) {
    const values = run()[name];
    const end = values.findLastIndex((value) => value !== null);
    return filled(words.described, {
      ...{ first: number(values[0], places(values[0])), last: number(values[end], places(values[end])) },
      ...{ step: number(when(name)[end]), healthy: number(data.healthy[name].at(-1), places(data.healthy[name].at(-1))) },
    });
  }

  function begin(wanted) {
    order = wanted;
    tally = { seen: 0, right: 0, used: 0 };
    turn(0);
  }

  /** Go to a run, of which nothing is known but its loss. */
  function turn(to) {
    at = to % order.length;
    if (to && !at) return begin(shuffled(order, chance));
    [asked, picked, tried, solved] = [[], null, [], null];
    for (const input of [...radios(instruments), ...radios(suspects)]) input.checked = input.disabled = false;
    heading.textContent = filled(words.heading, { run: number(at + 1), runs: number(order.length) });
    show(loss, "loss");
    captions.loss.textContent = describe("loss");
    ask(null);
    lines.replaceChildren();
    tell(words.rest);
    count();
  }

  function count() {
    const { right, seen, used } = tally;
    score.textContent = filled(words.score, { right: number(right), seen: number(seen), used: number(used) });
    reveal.hidden = solved !== null;
    judge.hidden = solved !== null;
    next.classList.toggle("live-main", solved !== null);
  }

  /** Compare what was chosen with what ran. */
  function answer() {
    if (solved) return;
    if (!picked) return tell(words.choose);
    if (picked === run().name) return close("named");
    tried.push(picked);
    const input = radios(suspects).find(({ value }) => value === picked);
    input.disabled = true;
    input.checked = false;
    tell(filled(words.wrong, { name: words.names[picked], sign: words.signs[picked] }));
    picked = null;
    count();
  }

  /** Say what it is, by which sign, and which line ran in the place of which. */
  function close(how) {
    const { name } = run();
    solved = how;
    tally.seen++;
    if (how === "named" && !tried.length) tally.right++;
    radios(suspects).find(({ value }) => value === name).checked = true;
    tell(filled(how === "named" ? words.right : words.shown, { name: words.names[name], sign: words.signs[name] }));
    const line = words.lines[name];
    const code = (said, text, tag) => [element("dt", {}, said), element("dd", {}, element(tag, {}, element("code", {}, text)))];
    if (line) {
      const rows = [...code(filled(words.ran, line), line.wrong, "del"), ...code(words.should, line.right, "ins")];
      lines.replaceChildren(element("dl", {}, ...rows));
    }
    count();
  }

  el.state = () => ({
    ...{ at, order, asked: [...asked], instrument, picked, tried: [...tried], solved, ...tally },
    ...(data ? { name: run().name, seed: run().seed, steps: data.steps, even: data.even, run: run(), healthy: data.healthy } : {}),
  });
  el.reset = () => data && begin(data.runs.map((_, i) => i));
  el.append(
    element("div", { className: "live-bar live-below" }, heading, score),
    pair, key, instruments, suspects,
    element("div", { className: "live-bar live-actions" }, judge, reveal, next, reset),
    told, lines, spoken.node,
  );
  fitted(pair, () => {
    const wide = first.clientWidth;
    const height = Math.round(Math.min(250, wide * 0.62));
    for (const gauge of [loss, other]) gauge.resize(wide, height);
    panel.style.minHeight = `${height}px`; // so that an instrument moves nothing below
  });
  fetch(model.get("data")).then(async (reply) => {
    if (!reply.ok) throw new Error(`${reply.url}: ${reply.status}`);
    data = await reply.json();
    el.reset();
  }).catch((error) => (heading.textContent = filled(words.failed, { why: error.message })));
}

export default { render };
