// Finds claims on the scorecard: by words, verdict, chapter and essay, in one of three
// orders. What is asked for stands in the address, so it can be copied, and back leads
// to what was asked before. Without this script the page shows every row.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".scorecard-filter");
  if (!form) return;
  const ASKED = ["verdict", "chapter", "essay", "q", "sort"]; // as the address has them
  const controls = form.elements;
  const [said, problem] = form.querySelectorAll("[data-said]");
  const showAll = form.querySelector("button");

  // --- The rows, and what is known of each --------------------------------------
  const plain = (text) =>
    text.normalize("NFKC").toLowerCase().replace(/[−–]/g, "-").replace(/[‘’]/g, "'")
      .replace(/[“”]/g, '"');
  const tables = [...document.querySelectorAll("table.scorecard")];
  const claims = tables.flatMap((table) => {
    const section = table.closest("section");
    const title = section.querySelector("h2").firstChild.textContent;
    const name = [...table.classList].find((word) => word.startsWith("chapter-"));
    const chapter = name.slice("chapter-".length);
    controls.chapter.append(new Option(title, chapter));
    return [...table.tBodies[0].rows].map((row) => {
      const label = document.createElement("p");
      label.className = "chapter";
      label.textContent = title;
      row.cells[0].append(label);
      const [, verdict] = row.className.match(/verdict-([\w-]+)/);
      const number = Number(row.id.slice(1));
      return { row, table, section, chapter, verdict, number, text: plain(row.textContent) };
    });
  });

  const known = (name) => [...(controls[name].options ?? controls[name])].map((o) => o.value);
  const verdicts = known("verdict");
  const ORDERS = {
    id: (a, b) => a.number - b.number,
    verdict: (a, b) =>
      verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) || a.number - b.number,
  };

  // One table for the orders that cut across chapters.
  const across = tables[0].cloneNode();
  across.className = "scorecard across table";
  across.append(tables[0].tHead.cloneNode(true), document.createElement("tbody"));
  const place = tables[0].parentElement.cloneNode();
  place.append(across);
  form.after(place);

  // --- What is asked for --------------------------------------------------------
  const standard = (name) => (name === "q" ? "" : known(name)[0]);
  const value = (name) => controls[name].value.trim();
  const query = () =>
    new URLSearchParams(
      ASKED.filter((name) => value(name) !== standard(name)).map((n) => [n, value(n)]),
    ).toString();

  const complaint = (asked, among) =>
    problem.dataset.said
      .replace("{known}", () => among.filter(Boolean).join(", "))
      .replace("{asked}", () => asked);

  // An anchor asks, too, and is as wrong as a filter if the page does not have it.
  const ids = [...claims].sort(ORDERS.id).map(({ row }) => row.id);
  let problems = []; // of the filters
  function complain() {
    const anchor = location.hash.slice(1);
    const lost = anchor && !document.getElementById(anchor);
    const known = [`${ids[0]} … ${ids.at(-1)}`];
    problem.textContent = [...problems, ...(lost ? [complaint(anchor, known)] : [])].join(" ");
  }

  function read() {
    form.reset();
    problems = [];
    for (const [name, given] of new URLSearchParams(location.search)) {
      // Older addresses say verdict=verdict-false.
      const word = given.toLowerCase().replaceAll(" ", "-").replace(`${name}-`, "");
      if (!ASKED.includes(name)) problems.push(complaint(`${name}=${given}`, ASKED));
      else if (name === "q") controls.q.value = given;
      else if (word && known(name).includes(word)) controls[name].value = word;
      else if (word) problems.push(complaint(`${name}=${given}`, known(name)));
    }
    complain();
    show();
  }

  // --- What is shown ------------------------------------------------------------
  let arranged = "chapter";
  function arrange(order) {
    if (order === arranged) return;
    arranged = order;
    for (const { row, table } of [...claims].sort(ORDERS[order] ?? ORDERS.id)) {
      (ORDERS[order] ? across : table).tBodies[0].append(row);
    }
  }

  function show() {
    arrange(value("sort"));
    place.hidden = arranged === "chapter";
    const words = plain(value("q")).split(/\s+/).filter(Boolean);
    const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0]));
    let shown = 0;
    for (const table of tables) table.closest("section").hidden = true;
    for (const { row, section, chapter, verdict, text } of claims) {
      const others =
        ["", chapter].includes(value("chapter")) &&
        (!value("essay") || row.classList.contains(`essay-${value("essay")}`)) &&
        words.every((word) => text.includes(word));
      row.hidden = !others || !["", verdict].includes(value("verdict"));
      counts[""] += others;
      counts[verdict] += others;
      shown += !row.hidden;
      if (!row.hidden && place.hidden) section.hidden = false;
    }
    for (const button of controls.verdict) {
      button.parentElement.querySelector("small").textContent = counts[button.value];
    }
    said.textContent = said.dataset.said
      .replace("{shown}", shown)
      .replace("{all}", claims.length);
    showAll.hidden = !query();
  }

  // --- What the reader does -----------------------------------------------------
  let typing = false; // the letters of one search are one step back
  function changed(by) {
    const again = by === "q" && typing;
    typing = by === "q";
    problems = [];
    problem.textContent = "";
    show();
    const address = query() ? `?${query()}` : location.pathname;
    history[again ? "replaceState" : "pushState"](null, "", address);
  }

  // What an address points at is shown, whatever else is asked for.
  function reveal() {
    complain();
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      show();
      history.replaceState(null, "", location.pathname + location.hash);
    }
    target.scrollIntoView();
  }

  form.addEventListener("input", (event) => changed(event.target.name));
  form.addEventListener("change", () => { typing = false; });
  form.addEventListener("submit", (event) => event.preventDefault());
  showAll.addEventListener("click", () => {
    form.reset();
    changed("button");
    controls.q.focus();
  });
  addEventListener("popstate", () => { typing = false; read(); });
  addEventListener("hashchange", reveal);

  const measure = () =>
    document.documentElement.style.setProperty("--scorecard-bar", `${form.offsetHeight}px`);
  new ResizeObserver(measure).observe(form);
  form.hidden = false;
  read();
  measure(); // before the first jump; the observer comes after it
  reveal();
});
