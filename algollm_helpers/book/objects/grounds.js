// Grounds over two parameters, as algollm_helpers/grounds.py has them.

import { descended } from "./walking.js";

const STEPS = 200;
const NEAR = 0.05; // of a floor: there
const FAR = 2; // along w₂ on the saddle: gone

// Where the ground of the valleys is level: the roots of its slope 4x³ − 4x + 0.3
const LEVEL = [-1, 0, 1].map((x) => {
  for (let k = 0; k < 50; k++) x -= (4 * x ** 3 - 4 * x + 0.3) / (12 * x * x - 4);
  return x;
});
const near = (x) => (w) => Math.hypot(w[0] - x, w[1]) < NEAR;

// Of each: the half widths of its map, its level places, where
// words stand on it, and where walks end.
export const GROUNDS = {
  valleys: {
    rate: 0.05,
    wide: 1.7,
    high: 1.5,
    heights: [-0.2, 0, 0.2, 0.5, 1, 1.5, 2, 3, 4],
    level: LEVEL.map((x) => [x, 0]),
    labels: { west: [-1.04, -0.3], pass: [0.08, -0.3], east: [0.96, -0.3] },
    places: { west: near(LEVEL[0]), east: near(LEVEL[2]) },
    loss: ([x, y]) => (x * x - 1) ** 2 + 0.3 * x + y * y,
    grad: ([x, y]) => [4 * x * x * x - 4 * x + 0.3, 2 * y],
  },
  saddle: {
    rate: 0.1,
    wide: 1.7,
    high: 1.5,
    heights: [-2, -1.5, -1, -0.5, -0.1, 0.1, 0.5, 1, 1.5, 2],
    level: [[0, 0]],
    labels: { north: [0, 1.3], south: [0, -1.4], saddle: [0.42, -0.06] },
    places: { north: (w) => w[1] > FAR, south: (w) => w[1] < -FAR },
    loss: ([x, y]) => x * x - y * y,
    grad: ([x, y]) => [2 * x, -2 * y],
  },
  plateau: {
    rate: 0.1,
    wide: 3.4,
    high: 3,
    heights: [-0.9, -0.7, -0.5, -0.3, -0.1, -0.03, -0.01],
    level: [[0, 0]],
    labels: { hollow: [0, -0.45], plateau: [2.5, -2.7] },
    places: { floor: near(0) },
    loss: ([x, y]) => -Math.exp(-(x * x + y * y)),
    grad([x, y]) {
      const slope = 2 * Math.exp(-(x * x + y * y));
      return [slope * x, slope * y];
    },
  },
};

/** Let a walker loose; return its path, and the first place it reaches, if any. */
export function walked(ground, start) {
  const path = descended(ground.grad, start, { rate: ground.rate, steps: STEPS });
  let [place, after] = [null, null];
  for (const [name, there] of Object.entries(ground.places)) {
    const first = path.findIndex(there);
    if (first >= 0 && (after === null || first < after)) [place, after] = [name, first];
  }
  return { path, place, after };
}
