// The switch that opens all folded code of a page, and closes it; how it stands is kept
// on this device. Each fold is a native <details> and opens without this script.
document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".fold-switch input");
  if (!box) return;
  const KEY = "algollm-code";

  function show() {
    document.querySelectorAll("details.fold").forEach((fold) => (fold.open = box.checked));
  }

  let memory = null;
  try {
    memory = localStorage;
  } catch {
    // The browser keeps nothing for this site: the switch works and forgets.
  }
  if (memory?.getItem(KEY) === "open") {
    box.checked = true;
    show();
  }
  box.addEventListener("change", () => {
    if (box.checked) memory?.setItem(KEY, "open");
    else memory?.removeItem(KEY);
    show();
  });
});
