// The switch that opens all folded code of a page, and closes it; what it says is kept
// on this device. Each fold is a native <details> and opens without this script.
document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".fold-switch input");
  if (!box) return;
  const folds = document.querySelectorAll("details.fold");

  function show(all) {
    folds.forEach((fold) => (fold.open = all));
  }

  box.checked = localStorage.getItem("algollm-code") === "open";
  if (box.checked) show(true);
  box.addEventListener("change", () => {
    localStorage.setItem("algollm-code", box.checked ? "open" : "folded");
    show(box.checked);
  });

  // Browsers that do not open a fold for the target of an address.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target?.closest("details.fold:not([open])");
    if (!fold) return;
    fold.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  reveal();
});
