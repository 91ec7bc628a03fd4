// Losses of a single answer, with their slopes, as algollm_helpers/loss.py has them.

const LEVEL = 0.9; // of the quantile loss
const WIDTH = 1; // within which Huber's loss is squared

/** By name: the loss and its slope at an answer z, where y was asked for. */
export const LOSSES = {
  squared: (z, y) => [(z - y) ** 2, 2 * (z - y)],
  absolute: (z, y) => [Math.abs(z - y), Math.sign(z - y)],
  quantile(z, y) {
    const gap = z - y;
    const slope = gap > 0 ? 1 - LEVEL : gap < 0 ? -LEVEL : 0;
    return [gap * slope, slope];
  },
  huber(z, y) {
    const gap = z - y;
    const near = Math.min(WIDTH, Math.max(-WIDTH, gap));
    return [near * (2 * gap - near), 2 * near];
  },
};

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** Return the mean loss of one answer for all of `ys`. */
export const cost = (loss, z, ys) => mean(ys.map((y) => loss(z, y)[0]));

/** Return the answer with the smallest mean loss, the smallest of the best, by halving. */
export function favourite(loss, ys, low, high) {
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    const slope = mean(ys.map((y) => loss(middle, y)[1]));
    if (slope >= 0) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
