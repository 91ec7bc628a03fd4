// The switch that opens all folded code of a page, and closes it; how it stands is kept
// on this device. Each fold is a native <details> and opens without this script.
(() => {
  const KEY = "algollm-code";
  const remembered = Device.read(KEY) === "open";

  function show(all) {
    document.querySelectorAll("details.fold.code").forEach((fold) => (fold.open = all));
  }

  // Opened while the page is read, before it is painted: nothing jumps.
  const reading = new MutationObserver(() => show(true));
  if (remembered) reading.observe(document, { childList: true, subtree: true });

  document.addEventListener("DOMContentLoaded", () => {
    reading.disconnect();
    const box = document.querySelector(".fold-switch input");
    if (!box) return;
    if (remembered) show(true);
    box.checked = remembered;
    box.addEventListener("change", () => {
      if (box.checked) Device.keep(KEY, "open");
      else Device.forget(KEY);
      show(box.checked);
    });
  });
})();
