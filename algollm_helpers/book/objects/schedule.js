// Who works when in a pipeline, as in algollm_helpers/pipeline_schedule.py.

const TAKES = { forward: 1, backward: 2 };

/** Return what one stage does, in order. */
function orderOfWork(schedule, stage, stages, micro) {
  const passes = (kind) => Array.from({ length: micro }, (_, i) => ({ kind, micro: i }));
  const [forward, backward] = [passes("forward"), passes("backward")];
  if (schedule === "gpipe") return [...forward, ...backward.reverse()];
  const ahead = Math.min(stages - 1 - stage, micro);
  const work = forward.slice(0, ahead);
  for (let i = ahead; i < micro; i++) work.push(forward[i], backward[i - ahead]);
  return [...work, ...backward.slice(micro - ahead)];
}

/** Let all stages work as early as they can; return events, span, idle part and peaks. */
export function simulate(schedule, stages, micro) {
  const todo = Array.from({ length: stages }, (_, s) => orderOfWork(schedule, s, stages, micro));
  const done = new Map(); // when each pass stopped
  const clock = Array(stages).fill(0);
  const events = [];
  while (todo.some((work) => work.length)) {
    for (let s = 0; s < stages; s++) {
      while (todo[s].length) {
        const [{ kind, micro: i }] = todo[s];
        const neighbour = kind === "forward" ? s - 1 : s + 1;
        const inside = neighbour >= 0 && neighbour < stages;
        const ready = inside ? done.get(`${neighbour} ${kind} ${i}`) : 0;
        if (ready === undefined) break;
        const start = Math.max(clock[s], ready);
        const stop = start + TAKES[kind];
        clock[s] = stop;
        done.set(`${s} ${kind} ${i}`, stop);
        events.push({ stage: s, kind, micro: i, start, stop });
        todo[s].shift();
      }
    }
  }
  events.sort((a, b) => a.start - b.start || a.stage - b.stage);
  const span = Math.max(...clock);
  const busy = events.reduce((sum, { start, stop }) => sum + stop - start, 0);
  const peak = clock.map((_, s) => Math.max(...holdings(events, s).map(({ count }) => count)));
  return { events, span, idle: 1 - busy / (stages * span), peak };
}

/** Return how many micro-batches each stage holds at a time. */
export function held(events, stages, time) {
  const counts = Array(stages).fill(0);
  for (const { stage, kind, start, stop } of events) {
    if (kind === "forward") counts[stage] += start <= time;
    else counts[stage] -= stop <= time;
  }
  return counts;
}

/** Return from when on a stage holds how many, while it works at `count`. */
export function holdings(events, stage) {
  let count = 0;
  const steps = [];
  for (const { stage: s, kind, start, stop } of events) {
    if (s !== stage) continue;
    count += kind === "forward" ? 1 : -1;
    steps.push({ time: kind === "forward" ? start : stop, count });
  }
  return steps;
}
