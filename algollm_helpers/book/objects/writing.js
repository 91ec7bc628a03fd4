// Names written by a model, letter by letter.

import { HEALTHY } from "./gpt.js";
import { uniform } from "./random.js";

/**
 * Return `count` names, as lists of tokens; the boundary is the last token.
 *
 * A name ends where the boundary is drawn, or where the block is full.
 */
export function written(gpt, count, { temperature, seed, faults = HEALTHY }) {
  const draw = uniform(seed);
  const end = gpt.V - 1;
  const names = [];
  for (let i = 0; i < count; i++) {
    const tokens = [end];
    while (tokens.length <= gpt.T) {
      gpt.forward(tokens, tokens.length, faults);
      const scores = gpt.z.subarray((tokens.length - 1) * gpt.V, tokens.length * gpt.V);
      const token = drawn(scores, temperature, draw());
      if (token === end) break;
      tokens.push(token);
    }
    names.push(tokens.slice(1));
  }
  return names;
}

/** Return the token at which the summed probability first exceeds `at`, 0 <= at < 1. */
function drawn(scores, temperature, at) {
  const top = scores.reduce((a, b) => Math.max(a, b));
  const mass = scores.map((score) => Math.exp((score - top) / temperature));
  let left = at * mass.reduce((a, b) => a + b);
  for (let token = 0; token < mass.length; token++) {
    left -= mass[token];
    if (left < 0) return token;
  }
  return scores.indexOf(top); // rounding has left a crumb
}
