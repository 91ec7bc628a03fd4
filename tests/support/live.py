"""A live object on a page of the site, and a hand for it: mouse, finger, keys."""

import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.browser import PHONE, SITE, opened
from tests.support.jobs import until

NEAR = 1e-9  # another order of a sum, another exp
# What else is on the page has tests of its own; Axe walks through all of it each time.
ALONE = """(name) => {
  const place = document.querySelector(`.live[data-object=${name}]`);
  for (const e of document.querySelectorAll(".explorer, .cell, .live, pre, math")) {
    if (!place.contains(e) && !e.contains(place)) e.remove();
  }
}"""
# The longest that scripts take for a move, or for drawing what came of it, in ms.
TIMED = """() => {
  window.moved = { times: 0, slowest: 0 };
  let start = 0;
  const begin = () => { start = performance.now(); moved.times += 1; };
  const end = (from) => {
    moved.slowest = Math.max(moved.slowest, performance.now() - from);
  };
  for (const type of ["pointermove", "input", "change", "keydown"]) {
    addEventListener(type, begin, { capture: true });
    addEventListener(type, () => end(start));
  }
  const plain = requestAnimationFrame;
  window.requestAnimationFrame = (draw) => plain((time) => {
    const from = performance.now();
    draw(time);
    end(from);
  });
}"""
SET = """([name, settings]) => {
  const el = algollm.live[name];
  return settings.map((setting) => {
    for (const [label, value] of Object.entries(setting)) {
      const row = [...el.querySelectorAll("label")].find(
        (row) => row.querySelector("span")?.textContent === label
      );
      const input = row.querySelector("input");
      if (input.type === "range") {
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      } else if (input.checked !== value) input.click();
    }
    return el.state();
  });
}"""
WAKE = "Boolean(window.algollm?.live?.{})"


class Held:
    """A live object, awake on a phone that also has a mouse."""

    def __init__(self, context, page, name):
        touching = context(
            color_scheme="light", reduced_motion="reduce", has_touch=True
        )
        self.page, self.name = opened(touching, page, PHONE), name
        self.place = self.page.locator(f".live[data-object={name}]")
        self.place.scroll_into_view_if_needed()
        until(lambda: self.page.evaluate(WAKE.format(name)))
        self.page.evaluate(ALONE, name)
        self.el = self.place.locator(".live-object")
        self.cdp = self.page.context.new_cdp_session(self.page)
        self.page.evaluate(TIMED)

    def state(self):
        """Return all numbers that it shows."""
        return self.page.evaluate(f"algollm.live.{self.name}.state()")

    def reset(self):
        """Bring back its state at rest, and show it."""
        self.page.evaluate(f"algollm.live.{self.name}.reset()")
        self.el.scroll_into_view_if_needed()

    def set(self, label, value):
        """Move a slider to a value."""
        named = self.page.get_by_text(label, exact=True)
        row = self.el.locator(".live-slider", has=named)
        row.locator("input").fill(str(value))

    def states(self, settings):
        """Return a state for each of many settings of its controls, by their names.

        They are moved in the page, as a hand does but quicker.
        """
        return self.page.evaluate(SET, [self.name, settings])

    def pick(self, word):
        """Choose one of the buttons of which one is pressed."""
        self.el.get_by_role("radio", name=word, exact=True).check()

    def box(self, plot=0):
        """Return left, top, right and bottom of what lies between the axes."""
        drawn = self.el.locator(".live-plot svg").nth(plot)
        return drawn.evaluate("""(svg) => {
          const { x, y } = svg.getBoundingClientRect();
          const inside = svg.querySelector("clipPath rect");
          const at = (name) => Number(inside.getAttribute(name));
          const [left, top] = [x + at("x"), y + at("y")];
          return [left, top, left + at("width"), top + at("height")];
        }""")

    def centre(self, handle=0):
        """Return where on the screen a handle is."""
        knob = self.el.locator(".live-reach").nth(handle)
        box = knob.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, to, handle=0):
        """Take a handle with the mouse, and let go of it at a place of the screen."""
        mouse = self.page.mouse
        mouse.move(*self.centre(handle))
        mouse.down()
        mouse.move(*to, steps=2)
        mouse.up()

    def finger(self, start, *ways):
        """Put a finger down, move it, take it away."""
        for kind, points in (
            ("touchStart", [start]),
            *(("touchMove", [to]) for to in ways),
            ("touchEnd", []),
        ):
            touched = [{"x": x, "y": y} for x, y in points]
            wish = {"type": kind, "touchPoints": touched}
            self.cdp.send("Input.dispatchTouchEvent", wish)

    def middle(self, mark):
        """Return where on the screen a mark of its drawing is."""
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def carry(self, mark, right, down):
        """Take a mark with the mouse, and let go of it so many pixels further."""
        x, y = self.middle(mark)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + right, y + down, steps=2)
        mouse.up()

    def swipe(self, mark, right, down):
        """Put a finger on a mark, and take it away so many pixels further."""
        x, y = self.middle(mark)
        ways = [(x + right * part, y + down * part) for part in (0.5, 1)]
        self.finger((x, y), *(ways if right or down else ()))

    def press(self, *keys, handle=0):
        """Press keys on a handle; return what it says of itself."""
        node = self.el.locator(".live-handle").nth(handle)
        node.focus()
        for key in keys:
            self.page.keyboard.press(key)
        return node.get_attribute("aria-valuetext")

    def said(self):
        """Return what a screen reader was told last."""
        return self.el.locator("[role=status]").inner_text()

    def spoken(self, words):
        """Wait until a screen reader is told these words."""
        voice = self.el.locator(".live-spoken")
        until(lambda: voice.text_content() == words)

    def faults(self, scheme):
        """Return what Axe finds against the object, in a colour scheme."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.wait_for_selector(f"html[data-theme={scheme}]")
        options = {"resultTypes": ["violations"], "preload": False}
        here = f".live[data-object={self.name}] .live-object"
        ran = Axe().run(self.page, context=here, options=options).response
        return [(v["id"], v["nodes"][0]["html"]) for v in ran["violations"]]

    def heights(self, size):
        """Return the height that it keeps, awake or not, and that of either form."""
        self.page.set_viewport_size(size)
        self.page.evaluate(
            "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )
        return self.place.evaluate("""(place) => {
          const names = [".live-object", ".live-still"];
          const forms = names.map((name) => place.querySelector(name));
          const kept = parseFloat(getComputedStyle(forms[0]).minHeight);
          const free = "display: flow-root; min-height: 0";
          const needed = forms.map((form) => {
            form.style.cssText = free;
            const height = form.offsetHeight;
            form.removeAttribute("style");
            return height;
          });
          return [kept, ...needed];
        }""")

    def close(self):
        """Close the page, which nothing went wrong on and nothing is wider than."""
        moved = self.page.evaluate("moved")
        assert moved["times"] > 0
        ms = f"{moved['slowest']:.1f} ms"
        sys.stdout.write(f"{self.name}: a move took {ms} of script at most\n")
        assert self.page.troubles == []
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
        self.page.close()


def stands_still(context, page, name):
    """Say what a page shows of an object without scripts, and from a disk."""
    shown = {}
    plain = opened(context(java_script_enabled=False), page, PHONE)
    disk = opened(context(), (SITE / page).as_uri(), PHONE)
    for reader, there in (("no scripts", plain), ("disk", disk)):
        place = there.locator(f".live[data-object={name}]")
        place.scroll_into_view_if_needed()
        shown[reader] = {
            "still": place.locator(".live-still").is_visible(),
            "object": place.locator(".live-object").count() > 0,
            "refusal": place.locator(".live-refusal").count(),
        }
        assert [t for t in there.troubles if not t.startswith("asked for file:")] == []
        there.close()
    return shown


STILL = {
    "no scripts": {"still": True, "object": False, "refusal": 0},
    "disk": {"still": True, "object": False, "refusal": 1},
}


def near(expected):
    """Return numbers that are equal to these but for rounding."""
    return pytest.approx(expected, rel=NEAR, abs=1e-12)
