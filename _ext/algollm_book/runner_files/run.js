// Wakes the toolbars of code cells. Until a reader touches one, this is all there is:
// what runs cells, and Python with it, is asked for by the first click or focus.
{
  const folder = new URL("./", document.currentScript.src);
  const idle = { ready: false, running: null, seconds: { start: null, cell: null }, requests: [] };
  let page = null; // the module, once it is here
  let asked = null;

  (window.algollm ??= {}).runner = { state: () => (page ? page.state() : idle) };

  function load() {
    asked ??= import(new URL("page.js", folder)).then(async (module) => {
      await module.begin(folder);
      page = module;
    });
    return asked;
  }

  function say(words) {
    document.querySelector(".run-status").textContent = words;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const status = document.querySelector(".run-status");
    const places = document.querySelectorAll(".run-bar, .run-verdict");
    // A page from a disk may load no modules; asked, a browser would log an error.
    const able = location.protocol !== "file:" && window.Worker;
    for (const place of places) {
      place.addEventListener("click", async (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        if (!able) return say(status.dataset.refusal);
        await load();
        page.act(button);
      });
      if (able) place.addEventListener("focusin", load, { once: true });
    }
    // What a reader asked to keep is put back before it is looked for, and not run.
    if (able && Device.read("algollm-edits")?.includes(JSON.stringify(location.pathname))) load();
  });
}
