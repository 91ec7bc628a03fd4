// The search page: results while one types, by keyboard as well as by mouse. What was
// typed is only ever put into the page as text. The words it says come from the template.
(() => {
  const place = document.querySelector(".search-page");
  const field = place.querySelector("input[name=q]");
  const status = place.querySelector("[role=status]");
  const results = place.querySelector(".search-results");
  const says = JSON.parse(place.dataset.says);
  const SHOWN = 3; // sections of a page; the rest is behind a line
  const PAGES = 8; // the others are named behind a line
  const EXCERPT = 220; // characters
  let opening = null;

  // The words of the whole book, which weigh more than a chapter: asked for by the first
  // search. A script, for a page from a disk may fetch nothing else.
  function opened() {
    opening ??= new Promise((resolve, reject) => {
      const script = element("script", "");
      script.src = place.dataset.index;
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    }).then(() => Ranking.open(SEARCH_INDEX, new Stemmer()));
    return opening;
  }

  const said = (name, values = {}) =>
    says[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  // A text as nodes, with the wanted words marked
  function marked(text, wanted) {
    const parts = [];
    let at = 0;
    for (const token of Words.tokens(text)) {
      if (!wanted.has(token.word)) continue;
      parts.push(text.slice(at, token.start), element("mark", "", text.slice(token.start, token.end)));
      at = token.end;
    }
    return [...parts, text.slice(at)];
  }

  // The piece of a text that has the most of the wanted words
  function excerpt(text, wanted) {
    const all = Words.tokens(text);
    const hits = all.filter((token) => wanted.has(token.word));
    let first = null;
    let most = 0;
    hits.forEach((hit, i) => {
      const here = new Set();
      for (let j = i; j < hits.length && hits[j].end - hit.start < 0.7 * EXCERPT; j += 1) {
        here.add(hits[j].word);
      }
      if (here.size > most) [first, most] = [hit, here.size];
    });
    let start = 0;
    if (first && first.start > 0.3 * EXCERPT) {
      const from = first.start - 0.3 * EXCERPT;
      start = all.find((token) => token.end > from).start;
      const sentence = [...text.slice(start, first.start).matchAll(/[.?!:] /g)].pop();
      if (sentence) start += sentence.index + sentence[0].length;
    }
    const stop = all.findLast((token) => token.end <= start + EXCERPT)?.end ?? 0;
    const rest = /^\S{0,2}$/.test(text.slice(stop)) ? text.length : stop;
    const piece = text.slice(start, rest);
    return `${start ? "… " : ""}${piece}${rest < text.length ? " …" : ""}`;
  }

  const address = (url, { anchor }) => (anchor ? `${url}#${anchor}` : url);

  function item(entry, url, wanted) {
    const link = element("a", "");
    link.href = address(url, entry);
    if (entry.under) link.append(element("span", "search-under", `${entry.under} › `));
    link.append(...marked(entry.heading, wanted));
    const made = element("li", "", link);
    const has = (text) => Words.tokens(text).some((token) => wanted.has(token.word));
    const text = !has(entry.text) && has(entry.pictures) ? entry.pictures : entry.text;
    if (text) made.append(element("p", "", ...marked(excerpt(text, wanted), wanted)));
    return made;
  }

  function group({ url, title, entries }, wanted) {
    const items = entries.map((entry) => item(entry, url, wanted));
    const made = element("section", "", element("h2", "", title));
    made.append(element("ul", "", ...items.slice(0, SHOWN)));
    const rest = items.slice(SHOWN);
    if (rest.length) made.append(folded("more", rest));
    return made;
  }

  function named({ url, title, entries }) {
    const link = element("a", "", title);
    link.href = address(url, entries[0]);
    return element("li", "", link);
  }

  function folded(name, items) {
    const line = element("summary", "", said(name, { count: items.length }));
    return element("details", "", line, element("ul", "", ...items));
  }

  function nearby(words) {
    const links = words.map((word) => {
      const link = element("a", "", word);
      link.href = `?q=${encodeURIComponent(word)}`;
      return link;
    });
    const line = element("p", "", said("near"));
    links.forEach((link) => line.append(" ", link));
    return line;
  }

  async function show() {
    results.setAttribute("aria-busy", "true");
    const index = field.value.trim() && (await opened().catch(() => null));
    const typed = field.value.trim(); // by now
    results.replaceChildren();
    results.removeAttribute("aria-busy");
    if (!typed || !index) {
      status.textContent = said(typed ? "failed" : "empty");
      return;
    }
    const found = index.search(field.value.trimStart());
    const { pages } = found;
    const sections = pages.reduce((sum, page) => sum + page.entries.length, 0);
    const number = sections === 1 ? "one" : pages.length === 1 ? "page" : "many";
    const count = said(number, { sections, pages: pages.length });
    const about = found.corrected ? `${said("corrected", { query: found.corrected })} ` : "";
    status.textContent = sections ? about + count : said("none", { query: typed });
    results.append(...pages.slice(0, PAGES).map((page) => group(page, found.wanted)));
    const rest = pages.slice(PAGES).map(named);
    if (rest.length) results.append(folded("further", rest));
    if (!sections && found.near.length) results.append(nearby(found.near));
  }

  function remember() {
    const query = new URLSearchParams({ q: field.value.trim() });
    history.replaceState(null, "", field.value.trim() ? `?${query}` : location.pathname);
  }

  // Up and down go through the results and back to the field.
  function move(event) {
    const links = [...results.querySelectorAll("a")].filter((link) => link.offsetParent);
    const stops = [field, ...links];
    const at = stops.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Escape: 0 }[event.key];
    if (at < 0 || to === undefined || (event.key === "Escape" && at === 0)) return;
    event.preventDefault();
    stops[Math.max(0, Math.min(to, stops.length - 1))].focus();
  }

  field.addEventListener("input", () => {
    show();
    remember();
  });
  place.addEventListener("keydown", move);
  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.focus();
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  show();
  field.focus();
})();
