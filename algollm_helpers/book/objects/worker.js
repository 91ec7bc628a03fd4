// Trains away from the page, so that the page stays free for its reader. It does what it
// is asked, one thing at a time, and nothing in between: who stops asking has paused it.

import { Run } from "./run.js";

let run = null;

const answers = {
  start({ names, params, seed }) {
    run = new Run(names, params, seed);
    return { parameters: run.gpt.size, vocab: run.gpt.V };
  },
  advance: (wish) => run.advance(wish),
  write: (wish) => run.write(wish),
};

addEventListener("message", ({ data: { id, task, wish } }) => {
  postMessage({ id, answer: answers[task](wish) });
});
