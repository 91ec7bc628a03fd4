// Random numbers from a seed: not Python's, so a seed gives other numbers than there.

/** Return a function that draws from [0, 1): the generator "mulberry32". */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Return `size` draws from N(0, std²), by the method of Box and Muller. */
export function normal(size, std, draw) {
  return Float64Array.from({ length: size }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - draw()));
    return std * radius * Math.cos(2 * Math.PI * draw());
  });
}

/** Return the items in a random order, each order as likely as any other. */
export function shuffled(items, draw) {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
