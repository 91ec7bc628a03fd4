// Runs the Python of a page away from the page, which stays free for its reader. One
// worker is one session; what is asked of it is done in turn.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const here = new URL("./", import.meta.url).href;
let python = null;
let current = 0; // the question that is being answered

async function start() {
  const packed = fetch(`${here}book.zip`).then((answer) => {
    if (!answer.ok) throw new Error(`book.zip: ${answer.status} ${answer.statusText}`);
    return answer.arrayBuffer();
  });
  const pyodide = await loadPyodide({
    indexURL: `${here}pyodide/`,
    packages: ["numpy", "matplotlib"],
    env: { HOME: "/home/pyodide", MPLBACKEND: "module://inpage.backend" },
    stdout: () => {}, // what Pyodide says itself; cells print by messages
    stderr: () => {},
  });
  pyodide.unpackArchive(await packed, "zip", { extractDir: "/" });
  pyodide.FS.chdir("/book/chapters"); // where the notebooks lie
  python = pyodide.pyimport("inpage");
  anew();
  return { requests: performance.getEntriesByType("resource").map((entry) => entry.name) };
}

function anew() {
  python.begin((kind, content) => postMessage({ id: current, kind, content: JSON.parse(content) }));
}

function run({ code, number, quiet }) {
  const from = performance.now();
  const ok = python.run(code, number, quiet);
  return { ok, seconds: (performance.now() - from) / 1000 };
}

const tasks = {
  start,
  anew,
  run,
  draw: ({ name, number }) => python.draw(name, number),
  tabulate: ({ name }) => python.tabulate(name),
  move: ({ name, values }) => python.move(name, values),
};

addEventListener("message", async ({ data: { id, task, wish } }) => {
  current = id;
  try {
    postMessage({ id, answer: await tasks[task](wish) });
  } catch (error) {
    postMessage({ id, failure: String(error.message ?? error) });
  }
});
