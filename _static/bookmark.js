// Remembers, in this browser only, where one stopped; see bookmark.py. What was kept is
// looked up among the pages that exist and never put into the page itself.
document.addEventListener("DOMContentLoaded", () => {
  const KEY = "algollm-bookmark";
  const page = document.querySelector('meta[name="bookmark"]')?.content;
  const offer = document.querySelector(".bookmark");

  if (page) {
    const sections = [...document.querySelectorAll(".bd-article section[id]:has(> :is(h2, h3))")];
    const keep = () => {
      const read = sections.filter((s) => s.getBoundingClientRect().top < innerHeight / 3);
      const place = read.length ? `${page}#${read.at(-1).id}` : page;
      Device.keep(KEY, place);
    };
    addEventListener("pagehide", keep);
    // A phone may end a page that is out of sight without a word.
    document.addEventListener("visibilitychange", () => document.hidden && keep());
  }

  if (offer) {
    const pages = JSON.parse(offer.querySelector("script").textContent);
    const link = offer.querySelector("a");
    const show = () => {
      const [name, section] = (Device.read(KEY) ?? "").split("#");
      offer.classList.toggle("offered", Object.hasOwn(pages, name));
      if (!Object.hasOwn(pages, name)) return;
      const { address, title, sections } = pages[name];
      const known = section && Object.hasOwn(sections, section);
      link.href = known ? `${address}#${section}` : address;
      link.textContent = known ? `${title} › ${sections[section]}` : title;
    };
    offer.querySelector("button").addEventListener("click", (event) => {
      Device.forget(KEY);
      offer.textContent = event.currentTarget.dataset.forgotten;
    });
    show();
    // The page that one leaves may write after this one has read.
    addEventListener("storage", show);
    addEventListener("pageshow", show);
  }
});
