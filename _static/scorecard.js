// Leaves only the rows of the scorecard that the buttons, or the address, ask for.
// Without this script the buttons stay hidden and the page shows every row.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".scorecard-filter");
  if (!form) return;
  const tables = [...document.querySelectorAll("table.scorecard")];
  const said = form.querySelector("output");

  function show() {
    const wanted = [...new FormData(form).values()].filter(Boolean);
    let shown = 0;
    let all = 0;
    for (const table of tables) {
      let here = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !wanted.every((name) => row.classList.contains(name));
        here += row.hidden ? 0 : 1;
        all += 1;
      }
      table.closest("section").hidden = here === 0;
      shown += here;
    }
    said.textContent = said.dataset.said.replace("{shown}", shown).replace("{all}", all);
  }

  new URLSearchParams(location.search).forEach((value, name) => {
    const option = [...form.elements].find((e) => e.name === name && e.value === value);
    if (option) option.checked = true;
  });
  form.addEventListener("change", () => {
    const asked = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(asked).toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
});
