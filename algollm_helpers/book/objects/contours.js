// Lines of equal height on a map, by marching over a grid of squares.

/** Return what `d` of a path is for the lines of `heights`; `n` squares a side. */
export function contours(plot, loss, heights, n = 72) {
  const { across, up } = plot;
  const xs = Array.from({ length: n + 1 }, (_, i) => across.min + (i / n) * (across.max - across.min));
  const ys = Array.from({ length: n + 1 }, (_, j) => up.min + (j / n) * (up.max - up.min));
  const z = ys.map((y) => xs.map((x) => loss([x, y])));
  let d = "";
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const at = corners.map(([a, b]) => z[b][a]);
      const low = Math.min(...at);
      const high = Math.max(...at);
      for (const height of heights) {
        if (height <= low || height > high) continue;
        const cuts = [];
        for (let k = 0; k < 4; k++) {
          const [from, to] = [at[k], at[(k + 1) % 4]];
          if (from < height === to < height) continue;
          const share = (height - from) / (to - from);
          const [[a, b], [e, f]] = [corners[k], corners[(k + 1) % 4]];
          const x = plot.x(xs[a] + share * (xs[e] - xs[a]));
          const y = plot.y(ys[b] + share * (ys[f] - ys[b]));
          cuts.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
        }
        for (let k = 0; k + 1 < cuts.length; k += 2) d += `M${cuts[k]}L${cuts[k + 1]}`;
      }
    }
  }
  return d;
}
