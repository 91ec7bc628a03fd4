// The object "attention": a name of one's own, read by the trained model letter by letter.

import { Bars } from "./bars.js";
import { choice, element, filled, fitted, number, slider, voice } from "./elements.js";
import { Gaze } from "./gaze.js";
import { uniform } from "./random.js";
import { LONGEST, fetched, read, tempered } from "./reader.js";

const START = { text: "emma", position: 3, temperature: 1, head: "all" };
const HEADS = 4;
const SIZES = { width: 16, heads: HEADS, block: LONGEST + 1 };
const SEED = 1; // of the letters drawn

function render({ model, el }) {
  const words = model.get("words");
  const letters = model.get("letters");
  const end = letters.length; // the boundary
  const now = { ...START };
  const spoken = voice();
  let reading = model.get("rest"); // until somebody types, no weights are needed
  let [gpt, wish, draw, note] = [null, 0, uniform(SEED), ""];

  const gaze = new Gaze({
    words, heads: HEADS, most: LONGEST + 1, chosen: (position) => change({ position }),
  });
  const signs = [...letters, "·"];
  const bars = new Bars({ across: words.next, up: words.probability }, signs, (token) => write(token));

  const field = element("input", {
    type: "text", value: now.text, maxLength: LONGEST, autocomplete: "off", spellcheck: false,
  });
  field.setAttribute("autocapitalize", "none");
  field.addEventListener("input", () => type(field.value.toLowerCase()));
  const said = element("p", { className: "live-said", attributes: { role: "status" } });
  const temperature = slider(words.temperature, {
    ...{ min: 0.1, max: 2, step: 0.1, value: now.temperature },
    said: (value) => number(value, 1),
    moved: (value) => change({ temperature: value }),
  });
  const numbers = Array.from({ length: HEADS }, (_, h) => [String(h), number(h + 1)]);
  const heads = choice(words.heads, { all: words.all, ...Object.fromEntries(numbers) }, now.head, (head) =>
    change({ head }));
  // Keys of an object that are numbers come first: "all" is put back in front.
  heads.append(...[...heads.querySelectorAll("label")].sort((a, b) =>
    (b.control.value === "all") - (a.control.value === "all")));
  heads.classList.add("live-small");
  const dice = element("button", { type: "button", className: "live-main" }, words.dice);
  dice.addEventListener("click", () => {
    const chances = tempered(reading.probabilities[now.position], now.temperature);
    let left = draw();
    write(Math.max(0, chances.findIndex((p) => (left -= p) < 0)));
  });
  const reset = element("button", { type: "button" }, words.reset);
  reset.addEventListener("click", () => el.reset());
  el.reset = () => {
    wish += 1; // nobody waits any longer for what was typed
    [reading, note, draw] = [model.get("rest"), "", uniform(SEED)];
    field.value = START.text;
    change(START);
  };
  const status = element("p", { className: "live-status" });

  /** Read another text; it waits for the model only the first time. */
  async function type(text, remark = "") {
    const mine = ++wish;
    const wrong = [...text].find((letter) => !letters.includes(letter));
    if (wrong) return tell(filled(words.refused, { letter: wrong }));
    try {
      gpt ??= fetched(model.get("data"), { ...SIZES, vocab: end + 1 });
      const ready = await gpt;
      if (mine !== wish) return; // something else was typed meanwhile
      reading = read(ready, [...text].map((letter) => letters.indexOf(letter)));
      if (field.value.toLowerCase() !== text) field.value = text;
      note = remark;
      change({ text, position: text.length });
    } catch (error) {
      gpt = null; // another try asks again
      tell(filled(words.failed, { why: error.message }));
    }
  }

  /** Let a letter stand behind those read so far; the boundary ends the name there. */
  function write(token) {
    const kept = now.text.slice(0, now.position);
    if (token === end) {
      type(kept, filled(words.ended, { text: kept }));
    } else if (kept.length < LONGEST) type(kept + letters[token]);
    else tell(filled(words.full, { most: number(LONGEST) }));
  }

  function tell(words) {
    note = words;
    change({});
  }

  const percent = (p) => number(100 * p, p < 0.1 ? 1 : 0);
  const placeOf = (u) => (u ? `“${now.text[u - 1]}”` : words.start);

  function told() {
    const { position: t, text } = now;
    const chances = tempered(reading.probabilities[t], now.temperature);
    const top = chances.indexOf(Math.max(...chances));
    const values = { read: text.slice(0, t), likeliest: signs[top], p: percent(chances[top]) };
    const sentences = [filled(top === end ? words.expectsEnd : words.expects, values)];
    if (t < text.length) {
      const right = reading.probabilities[t][letters.indexOf(text[t])];
      const comes = { right: text[t], p: percent(right), surprise: number(-Math.log(right), 2) };
      sentences.push(filled(words.comes, comes));
    }
    const looked = reading.attention.map((rows, h) => {
      const u = rows[t].indexOf(Math.max(...rows[t]));
      return filled(words.looks, { head: number(h + 1), where: placeOf(u), p: percent(rows[t][u]) });
    });
    return `${sentences.join(" ")}\n${filled(words.looked, { heads: looked.join("; ") })}`;
  }

  function paint() {
    if (!gaze.width) return;
    const { position: t, text, head } = now;
    gaze.draw([signs[end], ...text], t, reading.attention, head);
    const chances = tempered(reading.probabilities[t], now.temperature);
    bars.draw(chances, t < text.length ? letters.indexOf(text[t]) : -1);
    status.textContent = told();
    bars.svg.setAttribute("aria-label", status.textContent);
    said.textContent = note;
  }

  function change(wanted) {
    Object.assign(now, wanted);
    temperature.set(now.temperature);
    heads.querySelector(`[value="${now.head}"]`).checked = true;
    paint();
    spoken.say(status.textContent);
  }

  el.state = () => ({
    ...now,
    ...reading,
    tempered: tempered(reading.probabilities[now.position], now.temperature),
    surprises: [...now.text].map((letter, t) => -Math.log(reading.probabilities[t][letters.indexOf(letter)])),
  });
  const figure = element("div", { className: "live-plot" }, gaze.svg);
  const below = element("div", { className: "live-plot" }, bars.svg);
  const name = element("label", { className: "live-field" }, element("span", {}, words.name), field);
  el.append(
    element("div", { className: "live-bar" }, name, dice, reset),
    said, figure, heads, below,
    element("div", { className: "live-sliders" }, temperature.row),
    status, spoken.node,
  );
  fitted(figure, (width) => {
    gaze.resize(width);
    bars.resize(width);
    paint();
  });
  change({});
}

export default { render };
