// One equation with two unknowns, solved by descent in two ways of writing the weights.
//
// As algollm_helpers/descent.py and closed_form.py have them.

import { descended } from "./walking.js";

export const ROW = [1, 2]; // the equation is w₁ + 2 w₂ = 2
export const GOAL = 2;
const [RATE, STEPS] = [0.1, 60];
const [MOST, TOLERANCE] = [5000, 1e-6];

const missing = (w) => ROW[0] * w[0] + ROW[1] * w[1] - GOAL;
export const length = ([x, y]) => Math.hypot(x, y);
export const sizes = ([x, y]) => Math.abs(x) + Math.abs(y);

const square = ROW[0] ** 2 + ROW[1] ** 2;
export const SHORTEST = ROW.map((x) => (x * GOAL) / square);
export const FEWEST = [0, GOAL / ROW[1]]; // all on the weight that counts most

/** Return the way of plain descent on half the squared error, from a start. */
export function plain(start) {
  const grad = (w) => ROW.map((x) => missing(w) * x);
  return descended(grad, start, { rate: RATE, steps: STEPS });
}

/** Return the way of w = u² − v² from u = v = alpha, until the equation holds. */
export function squares(alpha) {
  const rate = 0.025 / Math.max(1, 2 * alpha * alpha); // a large start is steep
  const [u, v] = [[alpha, alpha], [alpha, alpha]];
  const path = [[0, 0]];
  for (let k = 0; k < MOST; k++) {
    const miss = missing(path[k]);
    if (Math.abs(miss) <= TOLERANCE) break;
    for (const i of [0, 1]) {
      const slope = 2 * rate * miss * ROW[i];
      u[i] -= slope * u[i];
      v[i] += slope * v[i];
    }
    path.push([0, 1].map((i) => u[i] * u[i] - v[i] * v[i]));
  }
  return path;
}
