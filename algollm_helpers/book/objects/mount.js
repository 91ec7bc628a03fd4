// Puts an object into its place: the same on the site and in JupyterLab.

/**
 * @param {string} name of the object
 * @param {object} setup the words and numbers that it is given
 * @param {HTMLElement} place where it goes
 * @returns {Promise<HTMLElement | null>} null if the browser would not load it
 */
export async function mounted(name, setup, place) {
  const object = await import(`./${name}.js`).catch(console.warn);
  if (!object) return null;
  const values = { ...setup, data: new URL(`./${name}.json`, import.meta.url).href };
  const el = document.createElement("div");
  el.className = "live-object";
  place.append(el); // in the page before it is drawn: a drawing asks for its width
  object.default.render({ model: { get: (key) => values[key] }, el });
  const used = place.contains(document.activeElement);
  place.classList.add("live-awake");
  if (used) place.focus({ preventScroll: true }); // what had the focus is hidden now
  return (((window.algollm ??= {}).live ??= {})[name] = el);
}
