// Grounds over two parameters, as algollm_helpers/grounds.py has them.

export const GROUNDS = {
  valleys: {
    rate: 0.05,
    loss: ([x, y]) => (x * x - 1) ** 2 + 0.3 * x + y * y,
    grad: ([x, y]) => [4 * x * x * x - 4 * x + 0.3, 2 * y],
  },
  saddle: {
    rate: 0.1,
    loss: ([x, y]) => x * x - y * y,
    grad: ([x, y]) => [2 * x, -2 * y],
  },
  plateau: {
    rate: 0.1,
    loss: ([x, y]) => -Math.exp(-(x * x + y * y)),
    grad([x, y]) {
      const slope = 2 * Math.exp(-(x * x + y * y));
      return [slope * x, slope * y];
    },
  },
};
