// Shows the definition of a linked word beside it: when it is pointed at, when it has
// the keyboard's focus, and at the first tap. The definitions are in the page; without
// this script, or in a browser without popovers, the links lead to the glossary.
document.addEventListener("DOMContentLoaded", () => {
  const sheet = document.querySelector(".definitions");
  if (!sheet || !("popover" in HTMLElement.prototype)) return;
  const CALM = 250; // milliseconds, to pass over a word or to reach its definition
  let shown = null; // { link, card }
  let timer = null;

  function hide() {
    clearTimeout(timer);
    if (!shown) return;
    shown.card.hidePopover();
    shown = null;
  }

  function show(link, card) {
    clearTimeout(timer);
    if (shown?.link === link) return;
    hide();
    card.showPopover();
    shown = { link, card };
    const word = link.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const edge = document.documentElement.clientWidth - size.width - 8;
    const below = word.bottom + size.height < innerHeight || word.top < size.height;
    card.style.left = `${scrollX + Math.max(8, Math.min(word.left, edge))}px`;
    card.style.top = `${scrollY + (below ? word.bottom : word.top - size.height)}px`;
  }

  function later(act) {
    clearTimeout(timer);
    timer = setTimeout(act, CALM);
  }

  for (const card of sheet.children) {
    card.popover = "manual"; // it is closed below, and opens no second one
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && later(hide));
  }
  sheet.hidden = false;

  document.querySelectorAll("a:has(> .std-term)").forEach((link) => {
    const card = document.getElementById(`about-${decodeURIComponent(link.hash).slice(1)}`);
    if (!card || card.contains(link)) return;
    link.setAttribute("aria-describedby", card.id);
    let tapped = false; // and the definition is not shown yet
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") later(() => show(link, card));
    });
    link.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") later(hide);
    });
    link.addEventListener("pointerdown", (event) => {
      tapped = event.pointerType !== "mouse" && shown?.link !== link;
    });
    link.addEventListener("click", (event) => {
      if (!tapped) return;
      tapped = false;
      event.preventDefault();
      show(link, card);
    });
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link, card));
    link.addEventListener("blur", () => later(hide));
  });

  document.addEventListener("pointerdown", (event) => {
    if (shown && !shown.card.contains(event.target) && !shown.link.contains(event.target)) hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
});
