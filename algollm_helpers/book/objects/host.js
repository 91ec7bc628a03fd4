// Finds the live objects of a page and wakes each when it comes near the screen. Until
// then, and wherever something is refused, what stands in its place remains.
{
  const folder = new URL("./", document.currentScript.src);

  async function wake(place) {
    const { object, setup } = place.dataset;
    const mount = await import(new URL("mount.js", folder)).catch(console.warn);
    if (!(await mount?.mounted(object, JSON.parse(setup), place))) refuse(place);
  }

  function refuse(place) {
    const line = document.createElement("p");
    line.className = "live-refusal";
    line.textContent = place.dataset.refusal;
    place.append(line);
    place.classList.add("live-refused");
  }

  document.addEventListener("DOMContentLoaded", () => {
    const near = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        wake(target);
      }
    }, { rootMargin: "100%" });
    for (const place of document.querySelectorAll(".live[data-object]")) {
      // A page from a disk may load no modules; asked, a browser would log an error.
      if (location.protocol === "file:" || !window.Worker) refuse(place);
      else near.observe(place);
    }
  });
}
