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
    addEventListener("pagehide", () => {
      const read = sections.filter((s) => s.getBoundingClientRect().top < innerHeight / 3);
      const place = read.length ? `${page}#${read.at(-1).id}` : page;
      storage((kept) => kept.setItem(KEY, place));
    });
  }

  if (offer) {
    const pages = JSON.parse(offer.querySelector("script").textContent);
    const link = offer.querySelector("a");
    const show = () => {
      const [name, section] = (storage((kept) => kept.getItem(KEY)) ?? "").split("#");
      if (!Object.hasOwn(pages, name)) return;
      const { address, title, sections } = pages[name];
      const known = section && Object.hasOwn(sections, section);
      link.href = known ? `${address}#${section}` : address;
      link.textContent = known ? `${title} › ${sections[section]}` : title;
      offer.classList.add("offered");
    };
    offer.querySelector("button").addEventListener("click", (event) => {
      storage((kept) => kept.removeItem(KEY));
      offer.textContent = event.currentTarget.dataset.forgotten;
    });
    show();
  }
});
