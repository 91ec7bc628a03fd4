// Points of a drawing that a hand moves: by mouse or pen, by touch, by keys.
//
// A Handle knows its values, its limits and its words; `held` joins the handles of one
// plot to what points at it. A plot has `svg`, `x(value)` and `y(value)` in units of its
// viewBox, and `at(event)`, the inverse: `{ x, y }` in values.

import { stroke } from "./elements.js";

const REACH = 22; // px: a finger covers 44
const STILL = 10; // px that a finger moves while it taps
const FAR = 10; // steps, with Shift and by Page Up and Page Down
const ARROWS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowDown: { x: 0, y: -1 },
  ArrowUp: { x: 0, y: 1 },
};

/** Return the multiple of `grain` nearest to `value`, as it would be typed. */
function grained(value, grain) {
  const digits = Math.max(0, -Math.floor(Math.log10(grain)) + 1);
  return Number((Math.round(value / grain) * grain).toFixed(digits));
}

export class Handle {
  /**
   * @param {object} wish
   * @param {string} wish.label what is moved, for those who do not see it
   * @param {string} [wish.role] what it is called if it moves along both axes
   * @param {{min, max, step, grain}} [wish.x] limits; the step of a key; and, unless it
   *   is a step, what a pointer's place is rounded to. Without it, x stays where it is.
   * @param {{min, max, step, grain}} [wish.y] likewise
   * @param {{x: number, y: number}} wish.value where it is
   * @param {(value) => string} wish.said its values in words
   * @param {(value) => void} wish.moved the hand has moved it
   * @param {(value) => void} [wish.left] the hand has let go of it
   * @param {SVGElement} [wish.mark] how it looks, around 0 0
   */
  constructor({ label, role, x, y, value, said, moved, left = () => {}, mark }) {
    Object.assign(this, { axes: { x, y }, said, moved, left });
    this.both = Boolean(x && y);
    this.node = stroke(
      "g",
      { class: "live-handle", tabindex: 0, role: "slider", "aria-label": label },
      stroke("circle", { class: "live-reach", r: REACH }),
      mark ?? stroke("circle", { class: "live-knob", r: 8 }),
    );
    if (this.both) this.node.setAttribute("aria-roledescription", role);
    else this.node.setAttribute("aria-orientation", x ? "horizontal" : "vertical");
    this.bound();
    // Across the way of a handle that moves along one axis, a finger moves the page.
    // A group has no surface to touch: it is what its parts say.
    const touch = this.both ? "none" : x ? "pan-y" : "pan-x";
    for (const part of this.node.children) part.style.touchAction = touch;
    this.node.addEventListener("keydown", (event) => this.#pressed(event));
    this.node.addEventListener("keyup", ({ key }) => key in ARROWS && this.left(this.value));
    this.set(value);
  }

  /** Say anew what its limits are. */
  bound() {
    const { min, max } = this.axes.x ?? this.axes.y;
    this.node.setAttribute("aria-valuemin", min);
    this.node.setAttribute("aria-valuemax", max);
  }

  /** Put it somewhere, without telling anybody. */
  set(value) {
    this.value = { ...this.value, ...value };
    for (const [name, axis] of Object.entries(this.axes)) {
      if (!axis) continue;
      const near = grained(this.value[name], axis.grain ?? axis.step);
      this.value[name] = Math.min(axis.max, Math.max(axis.min, near));
    }
    this.node.setAttribute("aria-valuenow", this.value[this.axes.x ? "x" : "y"]);
    this.tell();
  }

  /** Say anew what its values mean. */
  tell() {
    this.node.setAttribute("aria-valuetext", this.said(this.value));
  }

  /** Move it as a hand does, along its axes alone. */
  move(wanted) {
    const { x, y } = this.value;
    this.set({ x: this.axes.x ? wanted.x : x, y: this.axes.y ? wanted.y : y });
    if (x !== this.value.x || y !== this.value.y) this.moved(this.value);
  }

  /** Draw it where it is. */
  draw(plot) {
    const { x, y } = this.value;
    this.node.setAttribute("transform", `translate(${plot.x(x)} ${plot.y(y)})`);
  }

  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { axes, both, value } = this;
    const name = axes.x && !(both && event.key.startsWith("Page")) ? "x" : "y";
    const axis = axes[name];
    const wanted = { ...value };
    if (event.key in ARROWS) {
      const steps = ARROWS[event.key];
      const far = event.shiftKey ? FAR : 1;
      // Along a single axis, up is more as well as right.
      if (!both) wanted[name] += (steps.x + steps.y) * far * axis.step;
      else for (const n of ["x", "y"]) wanted[n] += steps[n] * far * axes[n].step;
    } else if (event.key === "PageUp") wanted[name] += FAR * axis.step;
    else if (event.key === "PageDown") wanted[name] -= FAR * axis.step;
    else if (event.key === "Home") wanted[name] = axis.min;
    else if (event.key === "End") wanted[name] = axis.max;
    else return;
    event.preventDefault();
    this.move(wanted);
    if (!(event.key in ARROWS)) this.left(this.value);
  }
}

/**
 * Let what points at a plot move its handles: the nearest one within reach.
 *
 * If `anywhere`, a press beside them brings the nearest there and goes on with it; of a
 * finger, only a tap does so, since a finger that moves may be moving the page.
 */
export function held(plot, handles, { anywhere = false } = {}) {
  const { svg } = plot;
  let [holds, tapped] = [null, null];

  /** Return the nearest handle, and how far it is from the event. */
  function nearest({ clientX, clientY }) {
    const ways = handles().map((handle) => {
      const box = handle.node.querySelector(".live-reach").getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2 - clientX, box.y + box.height / 2 - clientY];
      return { handle, far: Math.hypot(x, y) };
    });
    return ways.reduce((a, b) => (b.far < a.far ? b : a));
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || holds) return;
    const { handle, far } = nearest(event);
    const reached = far <= REACH;
    if (!reached && !(anywhere && plot.holds(event))) return;
    if (!reached && event.pointerType === "touch") {
      tapped = event;
      return;
    }
    event.preventDefault(); // no text is marked
    const at = plot.at(event);
    const { x, y } = reached ? handle.value : at;
    // It is taken where it was touched: it does not jump under the hand.
    holds = { id: event.pointerId, handle, off: { x: x - at.x, y: y - at.y } };
    svg.setPointerCapture(event.pointerId);
    handle.node.classList.add("live-held");
    handle.node.focus({ preventScroll: true });
    handle.move({ x, y });
  });
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerId !== holds?.id) return;
    const { x, y } = plot.at(event);
    holds.handle.move({ x: x + holds.off.x, y: y + holds.off.y });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, (event) => {
      if (event.pointerId !== holds?.id) return;
      const { handle } = holds;
      holds = null;
      handle.node.classList.remove("live-held");
      handle.left(handle.value);
    });
  }
  // Not by "click", which a browser withholds soon after a finger has swept.
  svg.addEventListener("pointerup", (event) => {
    const { pointerId, clientX, clientY } = tapped ?? {};
    if (event.pointerId !== pointerId) return;
    tapped = null;
    if (Math.hypot(event.clientX - clientX, event.clientY - clientY) > STILL) return;
    const { handle } = nearest(event);
    handle.move(plot.at(event));
    handle.left(handle.value);
  });
}
