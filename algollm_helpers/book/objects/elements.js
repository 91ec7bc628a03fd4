// Elements of a page: made in one call, and with the words that the page was given.

/** Return an element with these properties and children. */
export function element(tag, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const made = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Return an element of a drawing. */
export function stroke(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const language = document.documentElement.lang || "en";

/** Return a number as the page's language writes it. */
export function number(value, digits) {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits ?? 6 };
  format.signDisplay = "negative"; // what rounds to 0 has no sign
  return new Intl.NumberFormat(language, format).format(value).replace("-", "−");
}

/** Return a small positive number as a product with a power of ten. */
export function scientific(value) {
  if (value === 0) return "0";
  const [digits, power] = value.toExponential(1).split("e");
  const raised = [...power].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)] ?? "");
  return `${number(Number(digits), 1)} × 10${raised.join("")}`;
}

/** Return a sentence with each {name} in it replaced. */
export function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A slider with its name before it and its value, in words, behind. */
export function slider(label, { min, max, step, value, said, moved }) {
  const input = element("input", { type: "range", autocomplete: "off", min, max, step, value });
  const output = element("output");
  const show = () => {
    output.textContent = said(input.valueAsNumber);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    show();
    moved(input.valueAsNumber);
  });
  show();
  const set = (number) => {
    input.value = number;
    show();
  };
  const row = element("label", { className: "live-slider" });
  row.append(element("span", {}, label), input, output);
  return { row, set };
}

/** A box to be ticked, with its name behind it. */
export function toggle(label, moved) {
  const input = element("input", { type: "checkbox", autocomplete: "off" });
  input.addEventListener("change", () => moved(input.checked));
  const row = element("label", { className: "live-toggle" }, input, element("span", {}, label));
  return { row, set: (on) => (input.checked = on) };
}

/** Buttons of which one is pressed: `options` maps values to words. */
export function choice(legend, options, chosen, picked) {
  const name = `live-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const buttons = Object.entries(options).map(([value, words]) => {
    const input = element("input", { type: "radio", name, value, autocomplete: "off" });
    input.checked = value === chosen;
    input.addEventListener("change", () => picked(value));
    return element("label", {}, input, element("span", {}, words));
  });
  return element("fieldset", { className: "live-choice" }, element("legend", {}, legend), ...buttons);
}

/** A voice for a screen reader: it speaks once nothing new has come for a while. */
export function voice(wait = 500) {
  const node = element("p", { className: "live-spoken", attributes: { role: "status" } });
  let timer;
  const say = (words) => {
    clearTimeout(timer);
    timer = setTimeout(() => (node.textContent = words), wait);
  };
  return { node, say };
}

/** Call `draw` with the width of a place now, and whenever it changes. */
export function fitted(place, draw) {
  const fit = () => place.clientWidth && draw(place.clientWidth);
  new ResizeObserver(fit).observe(place);
  fit();
}
