// A race down a ravine that can be turned, as in algollm_helpers/ravine.py.

const STEEP = 20; // curvature from wall to wall
const START = [-6, 2]; // along the floor and across it
export const STEPS = 40;
export const RATES = Array.from({ length: 31 }, (_, i) => 0.003 * 10 ** (i / 10));
const [BETA, BETA1, BETA2, EPS] = [0.9, 0.9, 0.999, 1e-8];

/** Return the Hessian's entries xx, xy and yy, and where all start. */
export function ravine(steepness, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const gentle = STEEP / steepness;
  return {
    xx: c * c * gentle + s * s * STEEP,
    xy: c * s * (gentle - STEEP),
    yy: s * s * gentle + c * c * STEEP,
    start: [c * START[0] - s * START[1], s * START[0] + c * START[1]],
  };
}

export const height = ({ xx, xy, yy }, x, y) => 0.5 * (x * (xx * x + xy * y) + y * (xy * x + yy * y));

/**
 * Let a walker go at one rate, which falls to 0 for Adam; return the loss at its end.
 *
 * `visit`, if there is one, is called with each place.
 */
function go(walker, rate, ground, visit) {
  const { xx, xy, yy } = ground;
  let [x, y] = ground.start;
  let [mx, my, vx, vy] = [0, 0, 0, 0];
  visit?.(x, y);
  for (let k = 0; k < STEPS; k++) {
    const gx = xx * x + xy * y;
    const gy = xy * x + yy * y;
    if (walker === "plain") {
      x -= rate * gx;
      y -= rate * gy;
    } else if (walker === "momentum") {
      mx = BETA * mx + gx;
      my = BETA * my + gy;
      x -= rate * mx;
      y -= rate * my;
    } else {
      mx = BETA1 * mx + gx;
      my = BETA1 * my + gy;
      vx = BETA2 * vx + gx * gx;
      vy = BETA2 * vy + gy * gy;
      const { shrink, size } = UNBIAS[k];
      const lr = rate * (1 - k / STEPS) * size;
      x -= (lr * mx) / (Math.sqrt(vx) + EPS * shrink);
      y -= (lr * my) / (Math.sqrt(vy) + EPS * shrink);
    }
    visit?.(x, y);
  }
  return height(ground, x, y);
}

/** What Adam's sums lack to be means, by step: for the root of the second, and in all. */
const UNBIAS = Array.from({ length: STEPS }, (_, k) => {
  const shrink = Math.sqrt((1 - BETA2 ** (k + 1)) / (1 - BETA2));
  return { shrink, size: (shrink * (1 - BETA1)) / (1 - BETA1 ** (k + 1)) };
});

/** Return the rate of RATES at which a walker ends lowest, and that end. */
export function best(walker, ground) {
  let found = { rate: RATES[0], end: Infinity };
  for (const rate of RATES) {
    const end = go(walker, rate, ground);
    if (end < found.end) found = { rate, end };
  }
  return found;
}

/** Return the way of a walker at its best rate. */
export function track(walker, ground) {
  const { rate } = best(walker, ground);
  const way = { rate, xs: [], ys: [], losses: [] };
  go(walker, rate, ground, (x, y) => {
    way.xs.push(x);
    way.ys.push(y);
    way.losses.push(height(ground, x, y));
  });
  return way;
}
