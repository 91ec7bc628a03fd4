// On a narrow page the list of pages and the list of contents open as dialogs. The theme
// takes the focus from their buttons at the click, so here it is given back.
document.addEventListener("DOMContentLoaded", () => {
  for (const side of ["primary", "secondary"]) {
    const button = document.querySelector(`.${side}-toggle`);
    const dialog = document.getElementById(`pst-${side}-sidebar-modal`);
    if (!button || !dialog) continue;
    dialog.setAttribute("aria-label", button.getAttribute("aria-label") ?? button.title);
    dialog.addEventListener("close", () => button.focus());
  }
});
