// The code of a cell as a text that can be changed. Tab leaves it, as any other field.

import { coloured } from "./colours.js";
import { isKeeping, keepFrom } from "./keeping.js";

const INDENT = "    ";

export class Editor {
  constructor(cell, code) {
    this.cell = cell;
    const { text, changed } = cell.page;
    const label = text("code", { number: cell.number });
    this.area = Object.assign(document.createElement("textarea"), {
      className: "run-editor",
      value: code,
      spellcheck: false,
      autocapitalize: "off",
      autocomplete: "off",
      ariaLabel: label,
    });
    this.area.setAttribute("aria-label", label);
    this.area.setAttribute("wrap", "off");
    this.area.addEventListener("keydown", (event) => this.#key(event));
    this.area.addEventListener("input", () => {
      this.#paint();
      changed();
    });
    this.paint = document.createElement("pre"); // in the same place, and as large as its text
    this.paint.setAttribute("aria-hidden", "true");
    this.paper = document.createElement("div");
    this.paper.className = "run-paper highlight";
    this.paper.append(this.area, this.paint);
    this.foot = document.createElement("p");
    this.foot.className = "run-foot";
    this.foot.append(text("keys"), " ", this.#keeper(text("keep")));
    cell.shown.hidden = true;
    cell.shown.after(this.paper, this.foot);
    this.#paint();
    this.area.setSelectionRange(0, 0); // else a long last line is shown from its end
  }

  get code() {
    return this.area.value;
  }

  focus() {
    this.area.focus();
  }

  remove() {
    this.paper.remove();
    this.foot.remove();
    this.cell.shown.hidden = false;
  }

  #keeper(words) {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: isKeeping() });
    box.addEventListener("change", () => keepFrom(box.checked, this.cell.page.changed));
    label.append(box, words);
    return label;
  }

  #paint() {
    const tokens = coloured(this.code).map(([className, text]) =>
      Object.assign(document.createElement("span"), { className, textContent: text }),
    );
    this.paint.replaceChildren(...tokens, "\n"); // which the last line needs if it is empty
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      this.cell.page.asked(this.cell);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#type(`\n${this.#indentation()}`);
    } else if (event.key === "Backspace" && this.#isInIndentation()) {
      event.preventDefault();
      this.#erase(((this.#before().length - 1) % INDENT.length) + 1);
    } else if (event.key === "Escape") {
      this.cell.runButton.focus();
    }
  }

  /** What stands between the cursor and the start of its line. */
  #before() {
    const { value, selectionStart } = this.area;
    return value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
  }

  #isInIndentation() {
    const { selectionStart, selectionEnd } = this.area;
    return selectionStart === selectionEnd && /^ +$/.test(this.#before());
  }

  #indentation() {
    const line = this.#before();
    const own = line.match(/^ */)[0];
    if (/:\s*(#.*)?$/.test(line)) return own + INDENT;
    if (/^\s*(return|pass|break|continue|raise)\b/.test(line)) return own.slice(INDENT.length);
    return own;
  }

  // Typed by the browser, so that it can be undone; there is no other way to that.
  #type(text) {
    document.execCommand("insertText", false, text);
  }

  #erase(count) {
    const at = this.area.selectionStart;
    this.area.setSelectionRange(at - count, at);
    document.execCommand("delete");
  }
}
