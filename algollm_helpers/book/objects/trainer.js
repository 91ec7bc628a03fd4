// A training run as a page sees it: what was asked of the worker, and what came of it.

import { floorOf } from "./names.js";
import { STEPS } from "./run.js";

export const SEED = 42; // of the book's run
export const AS_PUBLISHED = { rate: 0.01, temperature: 0.5, unshifted: false, unmasked: false };
const SHOWN = 6; // names that are written at a time

export class Trainer {
  /** @param {Worker} worker @param {() => Promise<object>} load the book's own run */
  constructor(worker, load) {
    this.worker = worker;
    this.load = load;
    this.waiting = new Map();
    this.asked = 0;
    this.settings = { ...AS_PUBLISHED };
    worker.addEventListener("message", ({ data: { id, answer } }) => {
      this.waiting.get(id).resolve(answer);
      this.waiting.delete(id);
    });
    worker.addEventListener("error", (event) => {
      for (const { reject } of this.waiting.values()) reject(event);
      this.waiting.clear();
    });
    this.choose({ seed: SEED, names: null });
  }

  /** Stand at the start of a run: the book's list if `names` is null. */
  choose({ seed = this.seed, names = this.names }) {
    Object.assign(this, { seed, names, losses: [], seconds: 0, samples: [] });
    Object.assign(this, { step: 0, started: null, sizes: null, asBook: true });
    this.floor = names && floorOf(names);
  }

  get done() {
    return this.step === STEPS;
  }

  get faults() {
    const { unshifted, unmasked } = this.settings;
    return { unshifted, unmasked };
  }

  /** Take up to `most` steps, or as many as fit into `ms`; return how many. */
  async advance(most, ms) {
    const run = (this.started ??= this.#start());
    await run;
    const { rate } = this.settings;
    const { faults } = this;
    const book = rate === AS_PUBLISHED.rate && !faults.unshifted && !faults.unmasked;
    const { losses, seconds } = await this.#ask("advance", { most, ms, rate, faults });
    if (run !== this.started) return 0; // of a run that is no longer there
    if (losses.length) this.asBook &&= book;
    this.losses.push(...losses);
    this.step += losses.length;
    this.seconds += seconds;
    return losses.length;
  }

  /** Let the model write. */
  async write() {
    const run = (this.started ??= this.#start());
    await run;
    const { temperature } = this.settings;
    const wish = { count: SHOWN, temperature, faults: this.faults };
    const samples = await this.#ask("write", wish);
    if (run === this.started) this.samples = samples;
  }

  /** The largest difference from the Python run so far; null if this is another run. */
  get difference() {
    if (!this.comparable || !this.asBook || !this.step) return null;
    const gaps = this.losses.map((loss, i) => Math.abs(loss - this.python[i]));
    return Math.max(...gaps);
  }

  get comparable() {
    return this.names === null && this.seed === SEED;
  }

  async #start() {
    const book = await this.load();
    this.python = book.losses;
    const names = this.names ?? book.names;
    const params = this.comparable ? book.params : null;
    this.sizes = await this.#ask("start", { names, params, seed: this.seed });
  }

  #ask(task, wish) {
    const id = this.asked++;
    this.worker.postMessage({ id, task, wish });
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
}
