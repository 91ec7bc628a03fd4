// The layers of a small transformer as plain loops over float64, forward and back.
//
// A matrix is stored row by row: x of shape (T, n_in), w of shape (n_out, n_in). A
// function that ends in Back adds to the gradient of its input and sets the gradient of
// its weights. Nothing is allocated. Lengths other than T are multiples of 4, save n_out.
//
// Four sums at a time: one after the other, each would wait for its last addition.

/** Set y = x wᵀ. */
export function linear(x, w, y, T, nIn, nOut) {
  for (let t = 0; t < T; t++) {
    const xt = t * nIn;
    let o = 0;
    for (; o + 3 < nOut; o += 4) {
      let w0 = o * nIn;
      let w1 = w0 + nIn;
      let w2 = w1 + nIn;
      let w3 = w2 + nIn;
      let a = 0, b = 0, c = 0, d = 0;
      for (let i = xt; i < xt + nIn; i++) {
        const value = x[i];
        a += value * w[w0++];
        b += value * w[w1++];
        c += value * w[w2++];
        d += value * w[w3++];
      }
      const at = t * nOut + o;
      y[at] = a;
      y[at + 1] = b;
      y[at + 2] = c;
      y[at + 3] = d;
    }
    for (; o < nOut; o++) {
      let a = 0;
      for (let i = 0; i < nIn; i++) a += x[xt + i] * w[o * nIn + i];
      y[t * nOut + o] = a;
    }
  }
}

/** Add dy w to dx, and set dw = dyᵀ x. */
export function linearBack(x, w, dy, dx, dw, T, nIn, nOut) {
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < nIn; i += 4) {
      const at = t * nIn + i;
      let a = dx[at], b = dx[at + 1], c = dx[at + 2], d = dx[at + 3];
      for (let o = 0, k = i, g = t * nOut; o < nOut; o++, k += nIn, g++) {
        const blame = dy[g];
        a += blame * w[k];
        b += blame * w[k + 1];
        c += blame * w[k + 2];
        d += blame * w[k + 3];
      }
      dx[at] = a;
      dx[at + 1] = b;
      dx[at + 2] = c;
      dx[at + 3] = d;
    }
  }
  let o = 0;
  for (; o + 1 < nOut; o += 2) {
    for (let i = 0; i < nIn; i += 4) {
      let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
      for (let t = 0, k = i, r = o; t < T; t++, k += nIn, r += nOut) {
        const one = dy[r];
        const two = dy[r + 1];
        const x0 = x[k], x1 = x[k + 1], x2 = x[k + 2], x3 = x[k + 3];
        a += one * x0;
        b += one * x1;
        c += one * x2;
        d += one * x3;
        e += two * x0;
        f += two * x1;
        g += two * x2;
        h += two * x3;
      }
      const at = o * nIn + i;
      dw[at] = a;
      dw[at + 1] = b;
      dw[at + 2] = c;
      dw[at + 3] = d;
      const below = at + nIn;
      dw[below] = e;
      dw[below + 1] = f;
      dw[below + 2] = g;
      dw[below + 3] = h;
    }
  }
  if (o < nOut) {
    for (let i = 0; i < nIn; i++) {
      let a = 0;
      for (let t = 0; t < T; t++) a += dy[t * nOut + o] * x[t * nIn + i];
      dw[o * nIn + i] = a;
    }
  }
}

/** Set y = x · scale with scale = 1 / √(mean x² + 1e-5), row by row. */
export function norm(x, y, scale, T, C) {
  for (let t = 0; t < T; t++) {
    let total = 0;
    for (let i = t * C; i < t * C + C; i++) total += x[i] * x[i];
    scale[t] = 1 / Math.sqrt(total / C + 1e-5);
    for (let i = t * C; i < t * C + C; i++) y[i] = x[i] * scale[t];
  }
}

/** Add the gradient before `norm` to dx. */
export function normBack(dy, y, scale, dx, T, C) {
  for (let t = 0; t < T; t++) {
    let along = 0;
    for (let i = t * C; i < t * C + C; i++) along += dy[i] * y[i];
    along /= C;
    for (let i = t * C; i < t * C + C; i++) dx[i] += scale[t] * (dy[i] - y[i] * along);
  }
}

/** Turn n scores into probabilities, in place; return ln Σ exp(score). */
export function softmax(z, start, n) {
  let top = z[start];
  for (let i = start + 1; i < start + n; i++) top = Math.max(top, z[i]);
  let total = 0;
  for (let i = start; i < start + n; i++) {
    z[i] = Math.exp(z[i] - top);
    total += z[i];
  }
  for (let i = start; i < start + n; i++) z[i] /= total;
  return top + Math.log(total);
}

/**
 * Let each position look back at itself and those before it, head by head.
 *
 * q, k, v and y have shape (T, C), p of shape (H, block, block) holds the weights. With
 * `open` true, positions look ahead, too: the fault of a forgotten mask.
 */
export function attention(q, k, v, p, y, T, C, H, block, open) {
  const D = C / H;
  const scale = 1 / Math.sqrt(D);
  for (let h = 0; h < H; h++) {
    for (let t = 0; t < T; t++) {
      const row = (h * block + t) * block;
      const seen = open ? T : t + 1;
      for (let u = 0; u < seen; u++) {
        let total = 0;
        for (let j = h * D; j < h * D + D; j++) total += q[t * C + j] * k[u * C + j];
        p[row + u] = total * scale;
      }
      softmax(p, row, seen);
      for (let j = h * D; j < h * D + D; j++) {
        let total = 0;
        for (let u = 0; u < seen; u++) total += p[row + u] * v[u * C + j];
        y[t * C + j] = total;
      }
    }
  }
}

/** Set dq, dk and dv; `dp` of shape (block,) is scratch. */
export function attentionBack(q, k, v, p, dy, dq, dk, dv, dp, T, C, H, block, open) {
  const D = C / H;
  const scale = 1 / Math.sqrt(D);
  dq.fill(0, 0, T * C);
  dk.fill(0, 0, T * C);
  dv.fill(0, 0, T * C);
  for (let h = 0; h < H; h++) {
    for (let t = 0; t < T; t++) {
      const row = (h * block + t) * block;
      const seen = open ? T : t + 1;
      let mean = 0;
      for (let u = 0; u < seen; u++) {
        const weight = p[row + u];
        let total = 0;
        for (let j = h * D; j < h * D + D; j++) {
          total += dy[t * C + j] * v[u * C + j];
          dv[u * C + j] += weight * dy[t * C + j];
        }
        dp[u] = total;
        mean += weight * total;
      }
      for (let u = 0; u < seen; u++) {
        const g = p[row + u] * (dp[u] - mean) * scale;
        for (let j = h * D; j < h * D + D; j++) {
          dq[t * C + j] += g * k[u * C + j];
          dk[u * C + j] += g * q[t * C + j];
        }
      }
    }
  }
}
