// A button that plays, pauses, and stops by itself at the end or where nobody looks.

import { element } from "./elements.js";

/**
 * @param {object} wish
 * @param {{play: string, pause: string}} wish.words
 * @param {number} wish.pause ms between two steps
 * @param {() => void} wish.begin called before the first
 * @param {() => boolean} wish.next takes a step; false if it was the last
 */
export function player({ words, pause, begin, next }) {
  const button = element("button", { type: "button", className: "live-main" }, words.play);
  let timer = null;
  function stop() {
    clearTimeout(timer);
    timer = null;
    button.textContent = words.play;
  }
  function go() {
    if (next()) timer = setTimeout(go, pause);
    else stop();
  }
  button.addEventListener("click", () => {
    if (timer !== null) return stop();
    button.textContent = words.pause;
    begin();
    timer = setTimeout(go, pause);
  });
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  return { button, stop, playing: () => timer !== null };
}
