// One code cell of a page: its code, its toolbar, and what it shows.

import { Editor } from "./editor.js";
import { Output } from "./output.js";

export class Cell {
  /**
   * @param {Element} bar its toolbar
   * @param {object} page what all cells share: `text` makes words, `kernel` is Python,
   *   `asked` runs a cell, `changed` hears of each edit
   */
  constructor(bar, page) {
    this.page = page;
    this.number = Number(bar.dataset.cell);
    this.bar = bar;
    [this.runButton, this.editButton, this.stopButton, this.resetButton] = bar.children;
    this.element = bar.closest(".cell");
    this.shown = bar.parentElement.querySelector(".highlight");
    this.source = this.shown.querySelector("pre").textContent.replace(/\n$/, "");
    this.stored = this.element.querySelector(":scope > .cell_output");
    this.editor = this.output = null;
    this.forget();
    bar.addEventListener("keydown", (event) => this.#key(event));
    bar.addEventListener("focusin", (event) => this.#stopAt(event.target));
  }

  get edited() {
    return this.code() !== this.source;
  }

  code() {
    return this.editor ? this.editor.code : this.source;
  }

  /** What ran is gone: Python begins anew. */
  forget() {
    this.ran = null; // the code that ran last, if it came to its end
    this.turn = 0; // when that was
    this.output?.end();
  }

  edit(code = this.source) {
    this.editor ??= new Editor(this, code);
    this.#enable();
    this.editor.focus();
  }

  reset() {
    this.editor?.remove();
    this.output?.remove();
    this.#verdicts().forEach((fresh) => fresh.remove());
    this.editor = this.output = null;
    if (this.stored) this.stored.hidden = false;
    this.#enable();
  }

  /** Whether it runs, or will. */
  wait(waiting) {
    this.waiting = waiting;
    if (waiting) this.element.setAttribute("aria-busy", "true");
    else this.element.removeAttribute("aria-busy");
    this.#enable();
  }

  /** What is told from now on is of another run. */
  begin() {
    this.heard = false;
  }

  hear(told) {
    if (!this.heard) this.#showOutput();
    this.heard = true;
    this.output.add(told);
  }

  /** It came to its end, perhaps without a word. */
  close() {
    if (!this.heard && (this.stored || this.output)) this.hear({ kind: "nothing" });
  }

  /** What was measured anew, beside what is stored. */
  #verdicts() {
    return [...(this.stored?.querySelectorAll(".run-fresh") ?? [])];
  }

  #showOutput() {
    this.output?.remove();
    this.output = new Output(this);
    if (this.stored) this.stored.hidden = true;
    this.element.append(this.output.element);
    this.#enable();
  }

  #enable() {
    this.stopButton.disabled = !this.waiting;
    this.resetButton.disabled = !this.editor && !this.output && !this.#verdicts().length;
    const lost = this.bar.querySelector("[tabindex='0']:disabled, button:not([tabindex]):disabled");
    if (!lost) return;
    const focused = document.activeElement === lost || document.activeElement === document.body;
    this.#stopAt(this.runButton);
    if (focused) this.runButton.focus({ preventScroll: true });
  }

  /** The one Tab stop of the toolbar. */
  #stopAt(button) {
    for (const one of this.bar.children) one.tabIndex = one === button ? 0 : -1;
  }

  #key(event) {
    const able = [...this.bar.children].filter((button) => !button.disabled);
    const at = able.indexOf(document.activeElement);
    const to = {
      ArrowRight: (at + 1) % able.length,
      ArrowLeft: (at - 1 + able.length) % able.length,
      Home: 0,
      End: able.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    able[to].focus();
  }
}
