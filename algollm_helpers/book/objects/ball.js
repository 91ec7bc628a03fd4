// A heavy ball on a parabola, as in algollm_helpers/heavy_ball.py.

/** Return the regime, the factor of the distance per step, and the steps of a swing. */
export function ride(product, beta) {
  const total = 1 + beta - product; // of the two roots, whose product is β
  const apart = total * total - 4 * beta;
  if (apart < 0) {
    const period = (2 * Math.PI) / Math.atan2(Math.sqrt(-apart), total);
    return { regime: "swings", factor: Math.sqrt(beta), period };
  }
  const factor = (Math.abs(total) + Math.sqrt(apart)) / 2;
  if (factor === 0) return { regime: "arrives", factor, period: Infinity };
  if (total > 0) return { regime: "creeps", factor, period: Infinity };
  const border = 2 * (1 + beta);
  if (product === border) return { regime: "stays", factor: 1, period: 2 };
  return { regime: product < border ? "alternates" : "flies", factor, period: 2 };
}

/** Return where the ball is after each step, from 1. */
export function walk(product, beta, steps) {
  let [w, v] = [1, 0];
  const path = [w];
  for (let k = 0; k < steps; k++) {
    v = beta * v + w;
    w -= product * v;
    path.push(w);
  }
  return path;
}

/**
 * Return the corners of the region in which no step keeps more than `factor` of the
 * distance, as products and shares: a trapezium, since its sides are lines of a root.
 */
export function region(factor) {
  const high = factor * factor;
  return {
    products: [1 - factor, (1 - factor) ** 2, (1 + factor) ** 2, 1 + factor],
    shares: [0, high, high, 0],
  };
}
