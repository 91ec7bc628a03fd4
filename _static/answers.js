// Answers to exercises, checked on the page as `check` does it in the notebook, and
// guesses, after which the reading of a figure opens: see answering.py and predicting.py,
// which write what is compared and what is said. What a reader types is kept on this
// device only.
document.addEventListener("DOMContentLoaded", () => {
  const KEY = "algollm-answers";
  const forms = [...document.querySelectorAll("form.answer")];
  const line = document.querySelector(".answers-kept");
  if (!forms.length) return;
  const forget = line.querySelector("button");

  // --- What is kept ---------------------------------------------------------------
  // Another program may have written there.
  function kept() {
    try {
      return new Map(Object.entries(JSON.parse(Device.read(KEY) ?? null) ?? {}));
    } catch (error) {
      if (error instanceof SyntaxError) return new Map();
      throw error;
    }
  }
  function keep(name, text) {
    const all = kept();
    if (text) all.set(name, text);
    else all.delete(name);
    if (all.size) Device.keep(KEY, JSON.stringify(Object.fromEntries(all)));
    else Device.forget(KEY);
    forget.hidden = !kept().size;
  }

  // --- Numbers as people type them --------------------------------------------------
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const GROUPS = /^\d{1,3}(?:([,.])\d{3}(?:\1\d{3})+|(?:[ _’']\d{3})+)$/;
  const DECIMAL = "(?:\\d+\\.?\\d*|\\.\\d+)";
  const NUMBER = new RegExp(`^([+-]?)(${DECIMAL})(?:e([+-]?\\d+))?$`, "i");
  const TENS = new RegExp(`^([+-]?)(?:(${DECIMAL})[·×*])?10(?:\\^|\\*\\*)\\(?([+-]?\\d+)\\)?$`);

  // One way to write each sign; what a browser or a keyboard makes of them varies.
  function plain(text) {
    return text
      .replace(/[−–‐‑]/g, "-")
      .replace(/⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (power) =>
        `^${[...power].map((c) => (c === "⁻" ? "-" : SUPERSCRIPTS.indexOf(c))).join("")}`)
      .replace(/(\d)([¼-¾⅐-⅞])/g, "$1 $2") // 1½ is not 11/2
      .normalize("NFKC") // ½, full width, narrow spaces
      .replace(/[⁄∕]/g, "/")
      .replace(/\s+/g, " ")
      .trim();
  }

  // A comma may stand before decimals or between thousands. Where only the reader
  // knows which, it is asked for: then this is a text with a `whole` and a `part`.
  function decimal(text) {
    const digits = text.replace(/^([+-]?)(.*)$/, "$2").trim();
    const sign = text.startsWith("-") ? "-" : "";
    if (GROUPS.test(digits)) return number(sign + digits.replace(/\D/g, ""));
    const mixed = digits.match(/^(\d{1,3}(?:([,.])\d{3})+)([,.])(\d+)$/);
    if (mixed && mixed[2] !== mixed[3]) {
      return number(`${sign}${mixed[1].replace(/\D/g, "")}.${mixed[4]}`);
    }
    if (/^[1-9]\d{0,2},\d{3}$/.test(digits)) {
      return { whole: sign + digits.replace(",", ""), part: sign + digits.replace(",", ".") };
    }
    return number(sign + digits.replace(/,(?=\d)/, "."));
  }

  function number(text) {
    const close = text.replace(/ ?([·×*]{1,2}|\^) ?/g, "$1").replace(/^([+-]) /, "$1");
    const power = close.match(TENS);
    if (power) return Number(`${power[1]}${power[2] ?? 1}e${power[3]}`);
    return NUMBER.test(close) ? Number(close) : null;
  }

  // A number, a fraction or a percentage; null is none of them.
  function value(typed) {
    const percent = typed.endsWith("%");
    const text = percent ? typed.slice(0, -1).trim() : typed;
    const [above, below, more] = text.split("/").map((part) => decimal(part.trim()));
    if (more !== undefined || above === null || below === null || below === 0) return null;
    const unclear = [above, below].find((part) => typeof part === "object");
    if (unclear) return unclear;
    const read = below === undefined ? above : above / below;
    return percent ? read / 100 : read;
  }

  // A list: "3, 4", "3 4", "[3, 4]", "0,5; 1,5".
  function values(typed) {
    const text = typed.replace(/^[[(](.*)[\])]$/, "$1").replace(/ ?\/ ?/g, "/").replace(/ %/g, "%").trim();
    const between = text.includes(";") ? /;/ : text.includes(" ") ? / ?, | ,?/ : /,/;
    return text.split(between).map((entry) => value(entry.trim()));
  }

  // --- The notebook's comparison ----------------------------------------------------
  function agree(given, stored, tolerance) {
    // A distance that is the tolerance on paper may exceed it by a last bit.
    const most = tolerance * (1 + 1e-9);
    return stored.every((number, i) => Math.abs(given[i] - number) <= most);
  }

  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const short = (text) => (text.length <= 60 ? text : `${text.slice(0, 57)}...`);

  function verdict(data, typed) {
    const text = plain(typed);
    const answer = short(typed.trim());
    if (!text) return ["none", data.none];
    const isList = Array.isArray(data.answer);
    const given = isList ? values(text) : [value(text)];
    const unclear = given.find((entry) => entry !== null && typeof entry === "object");
    if (unclear) return ["none", filled(data.twice, { answer, ...unclear })];
    const stored = [data.answer].flat();
    if (given.length !== stored.length || given.includes(null)) {
      return ["none", filled(data.kind, { answer })];
    }
    if (agree(given, stored, data.tolerance)) return ["right", data.right];
    const wrong = data.wrong.find(([mistake]) => agree(given, [mistake].flat(), data.tolerance));
    return ["wrong", wrong ? wrong[1] : filled(data.other, { answer })];
  }

  // --- The page ---------------------------------------------------------------------
  function open(form) {
    const button = form.querySelector("[aria-controls]");
    if (!button) return null; // its reading is not apart from other words
    button.hidden = true;
    const reading = document.getElementById(button.getAttribute("aria-controls"));
    reading.classList.add("open");
    return reading;
  }
  function reply(form, typed) {
    if (form.matches(".guess")) {
      const output = form.querySelector("output");
      output.textContent = output.dataset.kept;
      open(form);
      return;
    }
    const data = JSON.parse(form.querySelector("script").textContent);
    const [kind, words] = verdict(data, typed);
    form.dataset.verdict = kind;
    form.querySelector("output").textContent = words;
  }
  function empty(form) {
    form.querySelector("input").value = "";
    form.querySelector("output").textContent = "";
    delete form.dataset.verdict;
  }

  const before = kept();
  line.hidden = Device.read(KEY) === undefined;
  forget.hidden = !before.size;
  for (const form of forms) {
    const name = form.dataset.exercise;
    const field = form.querySelector("input");
    const known = before.get(name);
    if (typeof known === "string") {
      field.value = known;
      reply(form, known);
    }
    form.querySelector("[aria-controls]")?.addEventListener("click", () => {
      const reading = open(form);
      reading.tabIndex = -1; // the button, which had the focus, is gone
      reading.focus({ preventScroll: true });
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      keep(name, field.value.trim());
      reply(form, field.value);
    });
  }
  forget.addEventListener("click", () => {
    Device.forget(KEY);
    forms.forEach(empty);
    line.textContent = forget.dataset.forgotten;
  });
});
