// The cells of a page and what its buttons do. Cells above one that is run are run first,
// as far as they have not been; a claim's verdict is measured from the top.

import { Cell } from "./cell.js";
import { Kernel } from "./kernel.js";
import { kept, keep } from "./keeping.js";
import { compare } from "./output.js";

let cells, kernel, words;
let queue = Promise.resolve(); // one thing at a time, in the order of the clicks
let epoch = 0; // of what was asked before the last Stop, nothing more is done
let turn = 0;
let running = null;
let seconds = null;

const filled = (sentence, values = {}) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function say(name, values) {
  document.querySelector(".run-status").textContent = filled(words[name], values);
}

/** Read the page; nothing runs yet. */
export async function begin(folder) {
  words = await (await fetch(new URL("words.json", folder))).json();
  kernel = new Kernel(folder, () => say("fetch", words));
  const text = (name, values) => filled(words[name], values);
  const shared = { text, kernel, asked: run, changed, line, anyEdited };
  cells = [...document.querySelectorAll(".run-bar")].map((bar) => new Cell(bar, shared));
  for (const [cell, code] of kept(cells)) cell.edit(code);
}

/** What checks may ask. */
export function state() {
  return {
    ready: kernel.ready,
    running: running?.number ?? null,
    seconds: { start: kernel.seconds, cell: seconds },
    requests: [...kernel.requests],
  };
}

/** Do what a button says. */
export function act(button) {
  const place = button.closest("[data-cell]");
  const cell = cells.find((one) => one.number === Number(place.dataset.cell));
  if (place.matches(".run-verdict")) return judge(cell);
  const what = ["run", "edit", "stop", "reset"][[...place.children].indexOf(button)];
  ({ run: () => run(cell), edit: () => cell.edit(), stop, reset: () => reset(cell) })[what]();
}

function changed() {
  keep(cells);
}

/** A line of a cell, as it stands on the page. */
function line(number, at) {
  return cells.find((cell) => cell.number === number)?.code().split("\n")[at - 1]?.trim();
}

/** Whether a cell, or one above it, is not the book's. */
function anyEdited(cell) {
  return cells.slice(0, cells.indexOf(cell) + 1).some((one) => one.edited);
}

function reset(cell) {
  cell.reset();
  changed();
  say("reset", { number: cell.number });
}

function run(cell) {
  enqueue(cell, { begin: () => cell.begin(), hear: (told) => cell.hear(told), end: () => cell.close() });
}

/** Measure a claim anew, from nothing, as the book did. */
function judge(cell) {
  const from = cells.slice(cells.indexOf(cell));
  enqueue(cell, {
    prepare: async () => from.some((one) => one.ran !== null) && (await anew()),
    begin: () => cell.begin(),
    hear: (told) => {
      const box = told.kind === "claim" && document.getElementById(`claim-${told.id.toLowerCase()}`);
      if (box) compare(box, told, cell);
      else if (told.kind === "error") cell.hear(told);
    },
  });
}

async function anew() {
  await kernel.ask("anew");
  cells.forEach((cell) => cell.forget());
}

function enqueue(cell, { prepare, ...told }) {
  const mine = epoch;
  cell.wait(true);
  queue = queue.then(async () => {
    if (mine !== epoch) return;
    try {
      await kernel.start();
      if (mine !== epoch) return;
      await prepare?.();
      await through(cell, told, mine);
    } catch (error) {
      if (mine === epoch) breakDown(error);
    } finally {
      if (mine === epoch) cell.wait(false);
    }
  });
}

/** Run a cell, and before it those above it whose turn it is. */
async function through(cell, { begin, hear, end }, mine) {
  for (const other of stale(cell)) {
    say("above", { number: cell.number, other: other.number });
    other.begin();
    const { ok } = await once(other, true, (told) => other.hear(told));
    if (mine !== epoch) return;
    if (!ok) return say("raisedAbove", { number: cell.number, other: other.number });
  }
  say("running", { number: cell.number });
  begin();
  const answer = await once(cell, false, hear);
  if (mine !== epoch) return;
  seconds = answer.seconds;
  say(answer.ok ? "done" : "raised", { number: cell.number, seconds: seconds.toFixed(1) });
  if (answer.ok) end?.();
}

/** The cells above one from the first on that has not run as it stands, or in its turn. */
function stale(cell) {
  const above = cells.slice(0, cells.indexOf(cell));
  let last = 0;
  const first = above.findIndex((one) => {
    if (one.ran !== one.code() || one.turn < last) return true;
    last = one.turn;
    return false;
  });
  return first < 0 ? [] : above.slice(first);
}

async function once(cell, quiet, hear) {
  const code = cell.code();
  running = cell;
  try {
    const answer = await kernel.ask("run", { code, number: cell.number, quiet }, hear);
    cell.ran = answer.ok ? code : null;
    cell.turn = ++turn;
    return answer;
  } finally {
    running = null;
  }
}

function stop() {
  giveUp();
  say("stopped");
}

/** Python itself has ended: not enough memory, or calls too deep. */
function breakDown(error) {
  giveUp();
  say("broken", { why: `${error.message ?? error}`.split("\n")[0] });
}

function giveUp() {
  epoch += 1;
  kernel.stop();
  for (const cell of cells) {
    cell.forget();
    cell.wait(false);
  }
}
