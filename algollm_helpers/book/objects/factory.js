// The factory of the chapter on backpropagation: A's part goes to B and to C, and what
// they make of it is added. Its rules are those of algollm_helpers/backprop.py.

/** Arrows, each from the maker of a number to the operation that uses it. */
export const ARROWS = [
  ["x", "A"], ["w1", "A"], ["A", "B"], ["w2", "B"], ["A", "C"], ["w3", "C"],
  ["B", "plus"], ["C", "plus"], ["plus", "minus"], ["target", "minus"],
  ["minus", "square"], ["square", "loss"],
];
/** Operations in the order in which they are asked for blame. */
export const ASKED = ["square", "minus", "plus", "C", "B", "A"];

/** Return the number that each box makes. */
export function forward({ x, w1, w2, w3, target }) {
  const A = x * w1;
  const [B, C] = [A * w2, A * w3];
  const plus = B + C;
  const minus = plus - target;
  return { x, w1, w2, w3, target, A, B, C, plus, minus, square: minus ** 2 };
}

/** Return the local slope of each arrow's operation, in the order of ARROWS. */
function slopes({ x, w1, w2, w3, A, minus }) {
  return [w1, x, w2, A, w3, A, 1, 1, 1, -1, 2 * minus, 1];
}

/** Return each arrow's slope and the blame that comes back along it, and all blames. */
export function backward(made) {
  const blame = { loss: 1 };
  for (const name of Object.keys(made)) blame[name] = 0;
  const local = slopes(made);
  const shares = Array(ARROWS.length);
  for (let i = ARROWS.length - 1; i >= 0; i--) {
    const [from, to] = ARROWS[i];
    shares[i] = local[i] * blame[to];
    blame[from] += shares[i];
  }
  return { slopes: local, shares, blame };
}

/** Return how fast the loss changes with the number of a box, by two feet. */
export function felt(inputs, box, distance = 0.001) {
  const made = forward(inputs);
  const at = (value) => {
    if (box in inputs) return forward({ ...inputs, [box]: value }).square;
    // What comes behind the box is made anew with the number that it is given.
    const { w2, w3, target } = inputs;
    const A = box === "A" ? value : made.A;
    const B = box === "B" ? value : A * w2;
    const C = box === "C" ? value : A * w3;
    const plus = box === "plus" ? value : B + C;
    const minus = box === "minus" ? value : plus - target;
    return box === "square" ? value : minus ** 2;
  };
  return (at(made[box] + distance) - at(made[box] - distance)) / (2 * distance);
}
