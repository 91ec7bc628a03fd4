// What a cell shows when it has run: it stands in place of what the book has stored.

import { wake } from "./moving.js";

const STREAMS = ["stdout", "stderr", "text"];

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
};

/** Return the element that a text of HTML describes. Scripts in it do not run. */
export function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export class Output {
  constructor(cell) {
    this.cell = cell;
    this.text = cell.page.text;
    this.figures = 0;
    this.element = make("div", "cell_output run-output");
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", this.text("output", { number: cell.number }));
  }

  remove() {
    this.element.remove();
  }

  /** Python is gone: what it drew cannot be moved any more. */
  end() {
    this.element.dataset.ended = "";
  }

  add(told) {
    if (STREAMS.includes(told.kind)) this.#print(told);
    else this.element.append(this[`_${told.kind}`](told));
  }

  #print({ kind, text }) {
    let last = this.element.lastElementChild;
    if (last?.dataset.kind !== kind) {
      last = make("div", `output stream run-${kind}`, make("div", "highlight", make("pre", "")));
      last.dataset.kind = kind;
      this.element.append(last);
    }
    last.querySelector("pre").append(text);
  }

  _nothing() {
    return make("p", "run-quiet", this.text("empty"));
  }

  _cut() {
    return make("p", "run-quiet", this.text("cut"));
  }

  _figure({ html }) {
    const picture = make("div", "picture", parsed(html));
    picture.setAttribute("role", "img");
    const stored = this.cell.stored?.querySelectorAll(".picture")[this.figures++];
    const label = !this.cell.edited && stored?.getAttribute("aria-label");
    picture.setAttribute("aria-label", label || this.text("figure"));
    return picture;
  }

  _html({ html }) {
    const block = make("div", "output", parsed(html));
    for (const explorer of block.querySelectorAll(".explorer")) wake(explorer, this);
    return block;
  }

  _claim({ verdict, claim, finding, same }) {
    const box = make("div", `claim ${slug(verdict)}`, parsed(claim + finding));
    box.append(make("p", "run-compared", this.text(verdictOf(this.cell, same))));
    return box;
  }

  _error({ title, cell, line, trace }) {
    const box = make("div", "run-error", make("p", "", make("strong", "", title)));
    const code = cell && this.cell.page.line(cell, line);
    if (code) {
      box.append(make("p", "", `${this.text("place", { cell, line })} `, make("code", "", code)));
    }
    const calls = make("details", "", make("summary", "", this.text("calls")));
    calls.append(make("pre", "", trace));
    box.append(calls);
    return box;
  }
}

const slug = (verdict) => `verdict-${verdict.replaceAll(" ", "-")}`;

function verdictOf(cell, same) {
  if (same) return "same";
  return cell.page.anyEdited(cell) ? "edited" : "apart";
}

/** Put the verdict of a new run beside the one that a box of the page has. */
export function compare(box, { verdict, finding, same }, cell) {
  const { text } = cell.page;
  box.querySelector(".run-fresh")?.remove();
  const fresh = make("div", `run-fresh ${slug(verdict)}`, make("p", "run-here", text("here")));
  fresh.append(parsed(finding), make("p", "run-compared", text(verdictOf(cell, same))));
  box.append(fresh);
}
