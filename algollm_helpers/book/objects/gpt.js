// The GPT of the chapter on microgpt, one layer deep, and a step of its training.
//
// It repeats algollm_helpers/gpt/transformer.py and the published Adam in float64; a
// test holds every loss to Python's. All arrays are made once.

import { attention, attentionBack, linear, linearBack, norm, normBack, softmax } from "./layers.js";

const BETA1 = 0.85;
const BETA2 = 0.99;
const EPS = 1e-8;

/** What can be broken on purpose. */
export const HEALTHY = { unshifted: false, unmasked: false };

export class Gpt {
  /**
   * @param {Float64Array} flat all parameters, in the order wte, wpe, lm_head, wq, wk,
   *   wv, wo, fc1, fc2; copied
   * @param {{vocab: number, width: number, heads: number, block: number}} sizes
   */
  constructor(flat, { vocab: V, width: C, heads: H, block: T }) {
    const shapes = [V * C, T * C, V * C, C * C, C * C, C * C, C * C, 4 * C * C, 4 * C * C];
    const size = shapes.reduce((a, b) => a + b);
    if (flat.length !== size) {
      throw new RangeError(`expected ${size} parameters, got ${flat.length}`);
    }
    Object.assign(this, { V, C, H, T, size, updates: 0 });
    this.flat = Float64Array.from(flat);
    this.grad = new Float64Array(size);
    this.m = new Float64Array(size);
    this.v = new Float64Array(size);
    const views = (all) => {
      let at = 0;
      return shapes.map((n) => all.subarray(at, (at += n)));
    };
    [this.w, this.dw] = [views(this.flat), views(this.grad)];
    const rows = (n) => new Float64Array(T * n);
    this.x = [rows(C), rows(C), rows(C), rows(C)]; // embedded; and after norm, attention, MLP
    this.n = [rows(C), rows(C)]; // what enters attention and MLP, normalised
    this.scale = [rows(1), rows(1), rows(1)];
    [this.q, this.k, this.values, this.y] = [rows(C), rows(C), rows(C), rows(C)];
    [this.dq, this.dk, this.dv, this.dy] = [rows(C), rows(C), rows(C), rows(C)];
    [this.dx, this.dn] = [rows(C), rows(C)];
    [this.h, this.dh] = [rows(4 * C), rows(4 * C)];
    this.z = rows(V); // logits, then probabilities, then their gradient
    this.weights = new Float64Array(H * T * T); // of attention
    this.dp = rows(1);
  }

  /** Set the logits of each position of the first `T` tokens. */
  forward(tokens, T, { unmasked } = HEALTHY) {
    const { C, V, x, n, scale } = this;
    const [wte, wpe, head, wq, wk, wv, wo, fc1, fc2] = this.w;
    for (let t = 0; t < T; t++) {
      for (let i = 0; i < C; i++) x[0][t * C + i] = wte[tokens[t] * C + i] + wpe[t * C + i];
    }
    norm(x[0], x[1], scale[0], T, C);
    norm(x[1], n[0], scale[1], T, C);
    linear(n[0], wq, this.q, T, C, C);
    linear(n[0], wk, this.k, T, C, C);
    linear(n[0], wv, this.values, T, C, C);
    attention(this.q, this.k, this.values, this.weights, this.y, T, C, this.H, this.T, unmasked);
    linear(this.y, wo, x[2], T, C, C);
    for (let i = 0; i < T * C; i++) x[2][i] += x[1][i];
    norm(x[2], n[1], scale[2], T, C);
    linear(n[1], fc1, this.h, T, C, 4 * C);
    for (let i = 0; i < T * 4 * C; i++) this.h[i] = Math.max(this.h[i], 0);
    linear(this.h, fc2, x[3], T, 4 * C, C);
    for (let i = 0; i < T * C; i++) x[3][i] += x[2][i];
    linear(x[3], head, this.z, T, C, V);
  }

  /** Set `grad` to the gradient of the mean loss on one document; return that loss. */
  differentiate(tokens, faults = HEALTHY) {
    const { C, V, x, n, scale, z, dx, dn, dh } = this;
    const [, , head, wq, wk, wv, wo, fc1, fc2] = this.w;
    const [dWte, dWpe, dHead, dWq, dWk, dWv, dWo, dFc1, dFc2] = this.dw;
    const T = Math.min(this.T, tokens.length - 1);
    this.forward(tokens, T, faults);
    let loss = 0;
    for (let t = 0; t < T; t++) {
      const target = t * V + tokens[faults.unshifted ? t : t + 1];
      const score = z[target]; // −ln p from scores: finite where p is too small for it
      loss += (softmax(z, t * V, V) - score) / T;
      z[target] -= 1;
      for (let i = t * V; i < t * V + V; i++) z[i] /= T;
    }
    dx.fill(0, 0, T * C);
    linearBack(x[3], head, z, dx, dHead, T, C, V);
    dh.fill(0, 0, T * 4 * C);
    linearBack(this.h, fc2, dx, dh, dFc2, T, 4 * C, C);
    for (let i = 0; i < T * 4 * C; i++) if (this.h[i] === 0) dh[i] = 0;
    dn.fill(0, 0, T * C);
    linearBack(n[1], fc1, dh, dn, dFc1, T, C, 4 * C);
    normBack(dn, n[1], scale[2], dx, T, C);
    this.dy.fill(0, 0, T * C);
    linearBack(this.y, wo, dx, this.dy, dWo, T, C, C);
    attentionBack(
      this.q, this.k, this.values, this.weights, this.dy,
      this.dq, this.dk, this.dv, this.dp, T, C, this.H, this.T, faults.unmasked,
    );
    dn.fill(0, 0, T * C);
    linearBack(n[0], wq, this.dq, dn, dWq, T, C, C);
    linearBack(n[0], wk, this.dk, dn, dWk, T, C, C);
    linearBack(n[0], wv, this.dv, dn, dWv, T, C, C);
    normBack(dn, n[0], scale[1], dx, T, C);
    dn.fill(0, 0, T * C);
    normBack(dx, x[1], scale[0], dn, T, C);
    dWte.fill(0);
    dWpe.fill(0);
    for (let t = 0; t < T; t++) {
      for (let i = 0; i < C; i++) {
        dWte[tokens[t] * C + i] += dn[t * C + i];
        dWpe[t * C + i] = dn[t * C + i];
      }
    }
    return loss;
  }

  /** Take one step of Adam on one document; return the loss before it, nats per token. */
  step(tokens, lr, faults = HEALTHY) {
    const loss = this.differentiate(tokens, faults);
    this.updates += 1;
    const { flat, grad, m, v, size } = this;
    // lr · m̂ / (√v̂ + ε), with what does not depend on i outside: a division takes long.
    const rate = lr / (1 - BETA1 ** this.updates);
    const unbias = 1 / Math.sqrt(1 - BETA2 ** this.updates);
    for (let i = 0; i < size; i++) {
      const g = grad[i];
      const mean = BETA1 * m[i] + (1 - BETA1) * g;
      const square = BETA2 * v[i] + (1 - BETA2) * g * g;
      m[i] = mean;
      v[i] = square;
      flat[i] -= (rate * mean) / (Math.sqrt(square) * unbias + EPS);
    }
    return loss;
  }
}
