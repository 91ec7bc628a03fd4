// What tools/run_in_page.py asks a page: to run a cell, and what that shows.
window.inPage = (() => {
  const bar = (number) => document.querySelector(`.run-bar[data-cell="${number}"]`);
  const cell = (number) => bar(number).closest(".cell");
  const fresh = (number) => cell(number).querySelector(":scope > [role=region]");
  const stored = (number) => cell(number).querySelector(":scope > .cell_output:not([role])");
  const texts = (root, selector) =>
    root ? [...root.querySelectorAll(selector)].map((one) => one.textContent.trim()) : [];
  const explorers = (root) => [...(root?.querySelectorAll(".explorer:not(.live-figure)") ?? [])];
  const rows = (root) => texts(root, "tr").join("\n");
  const VERDICT = ".claim > p:not([class^=run], .tried), .claim li p, .claim :is(th, td)";

  const words = (root) => ({
    printed: texts(root, ".stream pre").join("\n"),
    verdicts: texts(root, VERDICT).join("\n"),
    figures: String(texts(root, ".picture").length),
    errors: texts(root, ".run-error").join("\n"),
  });

  return {
    /** Press Run, as a reader does, wherever the cell is folded away. */
    press: (number) => bar(number).firstElementChild.click(),
    settled(number) {
      const state = window.algollm.runner.state();
      return state.ready && state.running === null && !cell(number).hasAttribute("aria-busy");
    },
    /** All frames of an explorer are drawn when its table is opened. */
    open(number) {
      for (const one of explorers(fresh(number))) one.querySelector("details").open = true;
    },
    whole(number) {
      const root = fresh(number);
      const drawn = (one) => one.querySelector("table[data-whole]");
      return Boolean(root?.querySelector(".run-error")) || explorers(root).every(drawn);
    },
    /** What the cell has stored, and what its run shows: texts by their kind. */
    said(number) {
      const before = words(stored(number));
      const after = words(fresh(number));
      for (const one of explorers(fresh(number))) {
        const name = one.id.replace(/-run-\d+$/, "");
        before[name] = rows(document.getElementById(name));
        after[name] = rows(one);
      }
      return { before, after };
    },
  };
})();
