// The trained model of the chapter on microgpt, which reads a name.

import { Gpt } from "./gpt.js";
import { softmax } from "./layers.js";
import { unpacked } from "./unpacked.js";

export const LONGEST = 15; // letters, beside the boundary, that it can see

/** Fetch the model. */
export async function fetched(address, sizes) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new Gpt(unpacked((await answer.json()).params), sizes);
}

/** Return probabilities after each token, and where each head looks from each. */
export function read(gpt, letters) {
  const { V, T: block, H } = gpt;
  const tokens = [V - 1, ...letters];
  const T = tokens.length;
  gpt.forward(tokens, T);
  const probabilities = tokens.map((_, t) => {
    softmax(gpt.z, t * V, V);
    return Array.from(gpt.z.subarray(t * V, (t + 1) * V));
  });
  const attention = Array.from({ length: H }, (_, h) =>
    tokens.map((_, t) => {
      const row = (h * block + t) * block;
      return tokens.map((_, u) => (u <= t ? gpt.weights[row + u] : 0));
    }));
  return { probabilities, attention };
}

/** Return probabilities at a temperature: those of all scores divided by it. */
export function tempered(probabilities, temperature) {
  const scores = Float64Array.from(probabilities, (p) => Math.log(p) / temperature);
  softmax(scores, 0, scores.length);
  return Array.from(scores);
}
