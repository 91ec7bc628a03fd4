// Marks of a drawing of which one is chosen: by pointing, by a tap, by arrow keys.

import { stroke } from "./elements.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * @param {object} wish
 * @param {string} wish.label of the whole
 * @param {string} wish.id with which those of the marks begin
 * @param {SVGElement[]} wish.marks each a group
 * @param {(index: number) => void} wish.chosen called when another one is
 */
export function chooser({ label, id, marks, chosen }) {
  let [now, count] = [0, marks.length];
  const node = stroke("g", { class: "live-chooser", role: "listbox", tabindex: 0, "aria-label": label });
  const pick = (index) => index !== now && chosen(index);
  // Where a drawing changes under a mouse that rests, a browser tells of it once more:
  // only a pointer that has moved chooses.
  const last = {};
  const moved = ({ pointerType, clientX, clientY }) => {
    const before = last[pointerType];
    last[pointerType] = `${clientX} ${clientY}`;
    return before !== last[pointerType];
  };
  node.addEventListener("pointermove", moved);
  marks.forEach((mark, i) => {
    mark.setAttribute("role", "option");
    mark.id = `${id}-${i}`;
    mark.addEventListener("pointerover", (event) => moved(event) && pick(i));
    mark.addEventListener("click", () => pick(i));
    node.append(mark);
  });
  node.addEventListener("keydown", (event) => {
    const ends = { Home: 0, End: count - 1 };
    const wanted = ends[event.key] ?? now + STEPS[event.key];
    if (Number.isNaN(wanted)) return; // another key
    event.preventDefault();
    pick(Math.min(count - 1, Math.max(0, wanted)));
  });

  /** Show which one is chosen, of the first so many. */
  function show(index, most = marks.length) {
    [now, count] = [index, most];
    marks.forEach((mark, i) => {
      mark.classList.toggle("live-chosen", i === now);
      mark.setAttribute("aria-selected", i === now);
      mark.setAttribute("visibility", i < count ? "visible" : "hidden");
      mark.toggleAttribute("aria-hidden", i >= count);
    });
    node.setAttribute("aria-activedescendant", marks[now].id);
  }
  return { node, show };
}
