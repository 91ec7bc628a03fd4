// Remembers, in this browser only, where one stopped; see bookmark.py. What was kept is
// looked up among the pages that exist and never put into the page itself.
document.addEventListener("DOMContentLoaded", () => {
  const KEY = "algollm-bookmark";
  const page = document.querySelector('meta[name="bookmark"]')?.content;
  const offer = document.querySelector(".bookmark");

  // A browser may refuse to keep anything: then the book remembers nothing.
  function storage(use) {
    try {
      return use(localStorage);
    } catch (error) {
      if (error instanceof DOMException) return null;
      throw error;
    }
  }

  if (page) {
    const sections = [...document.querySelectorAll(".bd-article section[id]:has(> :is(h2, h3))")];
    const keep = () => {
      const read = sections.filter((s) => s.getBoundingClientRect().top < innerHeight / 3);
      const place = read.length ? `${page}#${read.at(-1).id}` : page;
      storage((kept) => kept.setItem(KEY, place));
    };
    addEventListener("pagehide", keep);
    // A phone may end a page that is out of sight without a word.
    document.addEventListener("visibilitychange", () => document.hidden && keep());
  }

  if (offer) {
    const pages = JSON.parse(offer.querySelector("script").textContent);
    const link = offer.querySelector("a");
    const show = () => {
      const [name, section] = (storage((kept) => kept.getItem(KEY)) ?? "").split("#");
      offer.classList.toggle("offered", Object.hasOwn(pages, name));
      if (!Object.hasOwn(pages, name)) return;
      const { address, title, sections } = pages[name];
      const known = section && Object.hasOwn(sections, section);
      link.href = known ? `${address}#${section}` : address;
      link.textContent = known ? `${title} › ${sections[section]}` : title;
    };
    offer.querySelector("button").addEventListener("click", (event) => {
      storage((kept) => kept.removeItem(KEY));
      offer.textContent = event.currentTarget.dataset.forgotten;
    });
    show();
    // The page that one leaves may write after this one has read.
    addEventListener("storage", show);
    addEventListener("pageshow", show);
  }
});
