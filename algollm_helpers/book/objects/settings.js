// What can be changed of a training run: speed, rate, seed, list of names, faults.

import { choice, element, filled, number, slider } from "./elements.js";
import { alphabetOf, namesIn, Refusal } from "./names.js";
import { LONGEST } from "./run.js";
import { AS_PUBLISHED, SEED } from "./trainer.js";

const PACES = { 5: 5, 200: 200, full: Infinity }; // steps a second
const MOST = 999_999_999; // of a seed

const rateAt = (place) => Number((10 ** (place / 10)).toPrecision(2));

/** Return the seed that was typed. */
export function seedIn(text) {
  const seed = /^\s*\d+\s*$/.test(text) ? Number(text) : NaN;
  if (!(seed <= MOST)) throw new Refusal("wrongSeed", { value: text, most: number(MOST) });
  return seed;
}

/** Return the controls; `renew` starts another run, `changed` goes on with this one. */
export function settings({ words, trainer, paced, renew, changed }) {
  const { settings } = trainer;
  const said = element("p", { attributes: { role: "status" }, className: "live-said" });

  /** Do what was asked, or say why not. */
  function attempt(act) {
    try {
      said.classList.remove("live-refused");
      said.textContent = act() ?? "";
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      said.textContent = filled(words.refusals[error.word], error.values);
      said.classList.add("live-refused");
    }
  }

  const speeds = Object.entries(PACES).map(([key, steps]) => [
    key,
    steps === Infinity ? words.full : filled(words.pace, { steps: number(steps) }),
  ]);
  const speed = choice(words.speed, Object.fromEntries(speeds), "200", (key) => paced(PACES[key]));

  const rate = slider(words.rate, {
    ...{ min: -35, max: 0, step: 1, value: 10 * Math.log10(AS_PUBLISHED.rate) },
    said: (place) => number(rateAt(place)),
    moved: (place) => {
      settings.rate = rateAt(place);
      changed();
    },
  });
  const temperature = slider(words.temperature, {
    ...{ min: 0.1, max: 2, step: 0.1, value: AS_PUBLISHED.temperature },
    said: (value) => number(value, 1),
    moved: (value) => (settings.temperature = value),
  });

  const seed = element("input", { inputMode: "numeric", value: SEED, autocomplete: "off" });
  seed.addEventListener("change", () => {
    attempt(() => renew({ seed: seedIn(seed.value) }));
  });

  const faults = ["unshifted", "unmasked"].map((fault) => {
    const box = element("input", { type: "checkbox", autocomplete: "off" });
    box.addEventListener("change", () => {
      settings[fault] = box.checked;
      seen.hidden = !box.checked;
      changed();
    });
    const seen = element("p", { hidden: true }, words.seen[fault]);
    return { box, seen, row: element("div", {}, element("label", {}, box, words.fault[fault]), seen) };
  });

  const typed = element("textarea", { rows: 6, spellcheck: false, autocomplete: "off" });
  const use = element("button", { type: "button" }, words.use);
  use.addEventListener("click", () => attempt(() => {
    const names = namesIn(typed.value);
    renew({ names });
    const long = names.filter((name) => [...name].length > LONGEST).length;
    const values = { count: number(names.length), letters: number(alphabetOf(names).length) };
    const cut = filled(words.cut, { count: number(long), most: LONGEST });
    return `${filled(words.using, values)} ${long ? cut : ""}`;
  }));
  const back = element("button", { type: "button" }, words.back);
  back.addEventListener("click", () => attempt(() => renew({ names: null })));

  const more = element("details", { className: "live-more" }, element("summary", {}, words.more));
  more.append(
    element("div", { className: "live-sliders" }, rate.row, temperature.row,
      element("label", { className: "live-field" }, element("span", {}, words.seed), seed)),
    element("fieldset", { className: "live-faults" },
      element("legend", {}, words.faults), ...faults.map(({ row }) => row)),
    element("label", { className: "live-field live-list" },
      element("span", {}, words.list), typed),
    element("div", { className: "live-bar" }, use, back),
    said,
  );

  /** Bring all but the speed back to the book's settings. */
  function reset() {
    Object.assign(settings, AS_PUBLISHED);
    rate.set(10 * Math.log10(AS_PUBLISHED.rate));
    temperature.set(AS_PUBLISHED.temperature);
    seed.value = SEED;
    for (const { box, seen } of faults) [box.checked, seen.hidden] = [false, true];
    attempt(() => "");
  }
  return { speed, more, reset };
}
