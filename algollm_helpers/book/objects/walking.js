// Gradient descent as algollm_helpers/descent.py has it, over one parameter or more.

/** Return the places visited, the start first; a place is a list of numbers. */
export function descended(grad, start, { rate, steps }) {
  const path = [start];
  for (let k = 0; k < steps; k++) {
    const slope = grad(path[k]);
    path.push(path[k].map((w, i) => w - rate * slope[i]));
  }
  return path;
}

/** Name what a rate does on a parabola, where a step keeps `1 - rate * curvature`. */
export function regime(rate, curvature) {
  const product = rate * curvature;
  if (product < 1) return "approaches";
  if (product === 1) return "lands";
  if (product < 2) return "crosses";
  return product === 2 ? "bounces" : "flees";
}
