// A run of training: 1,000 steps, one name each, at a rate that falls in a line to 0.

import { Gpt, HEALTHY } from "./gpt.js";
import { normal, shuffled, uniform } from "./random.js";
import { alphabetOf, encoded } from "./names.js";
import { written } from "./writing.js";

export const STEPS = 1000;
const SIZES = { width: 16, heads: 4, block: 16 };
export const LONGEST = SIZES.block - 1; // letters of a name whose end is predicted, too
const STD = 0.08; // of every parameter at the start

export class Run {
  /**
   * @param {string[]} names in the order in which they are read
   * @param {?Float64Array} params at the start; drawn from the seed if null, and the
   *   names are then read in an order of that seed
   * @param {number} seed of all that is drawn here
   */
  constructor(names, params, seed) {
    const draw = uniform(seed);
    const order = params ? names : shuffled(names, draw);
    const alphabet = alphabetOf(names);
    const vocab = alphabet.length + 1;
    const { width: C, block: T } = SIZES;
    const size = 2 * vocab * C + T * C + 12 * C * C;
    this.documents = encoded(order, alphabet, T);
    this.gpt = new Gpt(params ?? normal(size, STD, draw), { vocab, ...SIZES });
    Object.assign(this, { alphabet, seed });
  }

  get step() {
    return this.gpt.updates;
  }

  /**
   * Take up to `most` steps, and no more once `ms` milliseconds have passed.
   *
   * @returns {{losses: number[], seconds: number}} the loss before each update, and the
   *   time that all of it took
   */
  advance({ most, ms = Infinity, rate, faults = HEALTHY }) {
    const start = performance.now();
    const losses = [];
    const end = Math.min(STEPS, this.step + most);
    while (this.step < end && performance.now() - start < ms) {
      const document = this.documents[this.step % this.documents.length];
      losses.push(this.gpt.step(document, rate * (1 - this.step / STEPS), faults));
    }
    return { losses, seconds: (performance.now() - start) / 1000 };
  }

  /** Return names that the model writes as it stands: the same ones when asked again. */
  write({ count, temperature, faults }) {
    const seed = this.seed * STEPS + this.step;
    const names = written(this.gpt, count, { temperature, seed, faults });
    return names.map((tokens) => tokens.map((token) => this.alphabet[token]).join(""));
  }
}
