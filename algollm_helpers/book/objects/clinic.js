// The object "clinic": runs that are ill, or not; one asks for instruments and names what is wrong.

import { choice, element, filled, fitted, number, voice } from "./elements.js";
import { Gauge } from "./gauge.js";
import { shuffled, uniform } from "./random.js";

const LOGARITHMIC = new Set(["grad_norm", "update_ratio", "lr"]);
const SEED = 1; // of the second order of the runs; the first is that of the data

function render({ model, el }) {
  const words = model.get("words");
  const chance = uniform(SEED);
  const spoken = voice();
  let data = null; // runs, and a healthy one beside them
  let [order, at] = [[], 0];
  let [asked, instrument] = [[], null];
  let [picked, tried, solved] = [null, [], null]; // solved: "named", "shown" or not yet
  let tally = { seen: 0, right: 0 };

  const heading = element("p", { className: "live-heading" }, words.wait);
  const score = element("p", { className: "live-proof" });
  const loss = new Gauge(words.step);
  const other = new Gauge(words.step);
  const panel = element("p", { className: "live-written" }, words.none);
  const second = element("div", { className: "live-second-plot" }, other.plot.svg, panel);
  const pair = element("div", { className: "live-plot live-pair" }, loss.plot.svg, second);
  const instruments = choice(words.ask, words.instruments, null, (wanted) => ask(wanted));
  const suspects = choice(words.suspects, words.names, null, (name) => (picked = name));
  for (const fieldset of [instruments, suspects]) fieldset.classList.add("live-small");
  suspects.classList.add("live-suspects");
  const button = (text, act, className = "") => {
    const made = element("button", { type: "button", className }, text);
    made.addEventListener("click", act);
    return made;
  };
  const judge = button(words.judge, () => answer(), "live-main");
  const reveal = button(words.reveal, () => close("shown"));
  const next = button(words.next, () => turn(at + 1));
  const reset = button(words.reset, () => begin(shuffled(order, chance)));
  const told = element("p", { className: "live-status" });
  const lines = element("div", { className: "live-lines" });

  const run = () => data.runs[order[at]];
  const radios = (fieldset) => [...fieldset.querySelectorAll("input")];

  function tell(sentence) {
    told.textContent = sentence;
    spoken.say(sentence);
  }

  /** Show an instrument, or none; what was asked for is kept in the count. */
  function ask(wanted) {
    instrument = wanted;
    if (wanted && !asked.includes(wanted)) asked.push(wanted);
    const written = !wanted || wanted === "sample";
    panel.hidden = !written;
    other.plot.svg.toggleAttribute("hidden", written);
    panel.textContent = !wanted ? words.none : wanted === "sample" ? run().sample.join(", ") : "";
    if (!written) show(other, wanted, wanted === "valid" ? run().loss : []);
    describe();
  }

  /** Draw a series of this run, beside that of a healthy one and perhaps a second. */
  function show(gauge, key, second = []) {
    const log = LOGARITHMIC.has(key);
    const uniformly = { at: data.uniform, name: words.uniform };
    gauge.show({
      ...{ label: words.axes[key], steps: data.steps, log },
      lines: [data.healthy[key], second, run()[key]],
      ...(log ? {} : { level: uniformly, top: data.uniform }),
    });
  }

  /** Say in words what the two drawings show. */
  function describe() {
    const shown = (gauge, key) => {
      const values = run()[key];
      const end = values.findLastIndex((value) => value !== null);
      const [first, last, healthy] = [values.find((v) => v !== null), values[end], data.healthy[key].at(-1)];
      const at = { first: number(first), last: number(last), step: number(data.steps[end]), healthy: number(healthy) };
      gauge.plot.svg.setAttribute("aria-label", filled(words.described, { ...at, what: words.axes[key] }));
    };
    shown(loss, "loss");
    if (instrument && instrument !== "sample") shown(other, instrument);
  }

  function begin(wanted) {
    order = wanted;
    tally = { seen: 0, right: 0 };
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
    ask(null);
    lines.replaceChildren();
    tell(words.rest);
    count();
  }

  function count() {
    const { right, seen } = tally;
    score.textContent = filled(words.score, { right: number(right), seen: number(seen) });
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
    const first = how === "named" && !tried.length;
    tally = { seen: tally.seen + 1, right: tally.right + (first ? 1 : 0) };
    radios(suspects).find(({ value }) => value === name).checked = true;
    tell(filled(how === "named" ? words.right : words.shown, { name: words.names[name], sign: words.signs[name] }));
    const pair = words.lines[name];
    const code = (said, text, tag) => [element("dt", {}, said), element("dd", {}, element(tag, {}, element("code", {}, text)))];
    if (pair) {
      const rows = [...code(words.ran, pair.wrong, "del"), ...code(words.should, pair.right, "ins")];
      lines.replaceChildren(element("dl", {}, ...rows));
    }
    count();
  }

  el.state = () => ({
    ...{ at, order, asked: [...asked], instrument, picked, tried: [...tried], solved, ...tally },
    ...(data ? { name: run().name, seed: run().seed, steps: data.steps, run: run(), healthy: data.healthy } : {}),
  });
  el.reset = () => data && begin(data.runs.map((_, i) => i));
  el.append(
    element("div", { className: "live-bar live-below" }, heading, score),
    pair, instruments, suspects,
    element("div", { className: "live-bar live-below" }, element("div", { className: "live-bar" }, judge, reveal, next), reset),
    told, lines, spoken.node,
  );
  fitted(pair, () => {
    const wide = loss.plot.svg.getBoundingClientRect().width;
    for (const gauge of [loss, other]) gauge.resize(Math.round(wide), Math.round(Math.min(260, Math.max(190, wide * 0.62))));
  });
  fetch(model.get("data")).then(async (reply) => {
    if (!reply.ok) throw new Error(`${reply.url}: ${reply.status}`);
    data = await reply.json();
    el.reset();
  }).catch((error) => (heading.textContent = filled(words.failed, { why: error.message })));
}

export default { render };
