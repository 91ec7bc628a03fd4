"""The rung of the page: the script of the live object "train", in a headless Chromium.

One document a step, as microgpt does. The worker that trains in a reader's page is
asked for whole runs, from the numbers and names of all other rungs; the seconds are
those that it counts itself. It has one thread and no compiler but the browser's.
"""

import http.server
import json
import statistics
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from algollm_helpers import book
from algollm_helpers.gpt.documents import Tokenizer, load_docs
from algollm_helpers.gpt.training import LR
from benchmarks.work import Work
from tools import doctor

OBJECTS = Path(book.__path__[0]) / "objects"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()
NOBODY_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PATIENCE = 120  # seconds
# Runs in which a young browser still starts parts of itself, and compiles: on one core
# its last and fastest form is there at the tenth to twelfth.
WARM = 20
PAGE = """<!doctype html><title>Training</title><script type="module">
const tell = (found) => fetch("/", { method: "POST", body: JSON.stringify(found) });
const worker = new Worker("/worker.js", { type: "module" });
worker.onerror = ({ message }) => tell({ failed: message });
const ask = (task, wish) => new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data.answer);
  worker.postMessage({ id: 0, task, wish });
});
try {
  const { names, params, rate, runs } = await (await fetch("/run.json")).json();
  const found = [];
  for (let i = 0; i < runs; i++) {
    await ask("start", { names, params: Float64Array.from(params), seed: 0 });
    found.push(await ask("advance", { most: names.length, rate }));
  }
  await tell({ runs: found, version: /Chrom\\w+\\/\\d+/.exec(navigator.userAgent)[0] });
} catch (error) {
  await tell({ failed: String(error) });
}
</script>"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Gives the page and the run out, and takes what came of it."""

    server: "Server"

    def log_message(self, *args: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Answer with the page, the run, or a script."""
        made = {"/": ("text/html", PAGE), "/run.json": ("text/json", self.server.run)}
        if self.path not in made:
            return super().do_GET()
        kind, text = made[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())
        return None

    def do_POST(self) -> None:
        """Keep the answer."""
        length = int(self.headers["Content-Length"])
        self.server.found = json.loads(self.rfile.read(length))
        self.send_response(204)
        self.end_headers()
        self.server.answered.set()


class Server(http.server.ThreadingHTTPServer):
    """On this machine alone, at a free port."""

    def __init__(self, run: str) -> None:
        self.run, self.found = run, {}
        self.answered = threading.Event()

        def handler(*args: Any) -> Handler:
            return Handler(*args, directory=str(OBJECTS))

        super().__init__(("127.0.0.1", 0), handler)


def answer(run: dict[str, Any]) -> dict[str, Any]:
    """Let a fresh browser carry out a run; return what its page says.

    Raises
    ------
    RuntimeError
        If there is no browser, or its page fails or says nothing.
    """
    path = doctor.chromium()
    if path is None:
        raise RuntimeError(f"no browser here, expected one of {doctor.CHROMIUM}")
    with Server(json.dumps(run)) as server, tempfile.TemporaryDirectory() as home:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        command = [path, *FLAGS, NOBODY_ELSE, f"--user-data-dir={home}", address]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        browser = subprocess.Popen(command, **quiet)
        try:
            server.answered.wait(PATIENCE)
        finally:
            browser.terminate()
            browser.wait()
            server.shutdown()
    if "runs" not in server.found:
        why = server.found.get("failed", f"no answer in {PATIENCE} s")
        raise RuntimeError(f"the page did not train: {why}")
    return server.found


def measured(work: Work, *, runs: int) -> dict[str, Any]:
    """Time whole runs of microgpt in a page that has trained for about a second.

    The first one, which a visitor sees, counts against the others as what a compiler
    takes.
    """
    tokenizer = Tokenizer.of(load_docs())
    names = [tokenizer.decode(tokens) for tokens in work.tokens]
    params = work.flat.tolist()
    wish = {"names": names, "params": params, "rate": LR, "runs": WARM + runs}
    found = answer(wish)
    seconds = [run["seconds"] for run in found["runs"]]
    middle = statistics.median(seconds[WARM:])
    return {
        "seconds": middle,
        "losses": found["runs"][-1]["losses"],
        "cores": 1.0,  # the worker has one thread, and the process one core
        "timed_steps": runs * len(names),
        "extrapolated": False,
        "compile": seconds[0] - middle,
        "version": found["version"].replace("/", " "),
    }
