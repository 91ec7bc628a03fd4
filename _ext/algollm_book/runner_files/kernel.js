// Python in a worker, as a page sees it: it is asked, it tells what a cell shows, and it
// answers. To stop it is to end the worker; the next question starts another one.

export class Kernel {
  /** @param {URL} folder of the worker @param {() => void} starting called before it starts */
  constructor(folder, starting) {
    this.folder = folder;
    this.starting = starting;
    this.requests = [];
    this.seconds = null; // of the last start
    this.stop();
  }

  get ready() {
    return this.session !== null && this.up;
  }

  /** Start Python, if it is not there. */
  start() {
    this.session ??= this.#begin();
    return this.session;
  }

  async #begin() {
    this.starting();
    // A worker from a blob is bound by the policy of the page; from an address, by none.
    const from = JSON.stringify(new URL("worker.js", this.folder).href);
    const blob = URL.createObjectURL(new Blob([`import ${from};`], { type: "text/javascript" }));
    const worker = new Worker(blob, { type: "module" });
    this.worker = worker;
    worker.addEventListener("message", ({ data }) => this.#heard(data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#reject(new Error(event.message || "The worker did not load."));
    });
    const start = performance.now();
    const { requests } = await this.ask("start");
    if (worker !== this.worker) return;
    URL.revokeObjectURL(blob);
    this.requests.push(...requests);
    this.seconds = (performance.now() - start) / 1000;
    this.up = true;
  }

  /** Ask for a task; `hear` is given what it tells meanwhile. */
  ask(task, wish = {}, hear = () => {}) {
    const id = ++this.asked;
    this.worker.postMessage({ id, task, wish });
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject, hear }));
  }

  stop() {
    this.worker?.terminate();
    this.worker = this.session = null;
    this.up = false;
    this.asked = 0;
    const left = this.waiting;
    this.waiting = new Map();
    for (const { reject } of left?.values() ?? []) reject(new Error("stopped"));
  }

  #heard({ id, kind, content, answer, failure }) {
    const one = this.waiting.get(id);
    if (!one) return;
    if (kind) return one.hear({ kind, ...content });
    if (failure !== undefined) return this.#reject(new Error(failure));
    this.waiting.delete(id);
    one.resolve(answer);
  }

  #reject(error) {
    const left = this.waiting;
    this.waiting = new Map();
    for (const { reject } of left.values()) reject(error);
  }
}
