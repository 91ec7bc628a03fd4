"""A live object of the built site, and a hand for it: mouse, finger, keys."""

import sys
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.browser import PHONE, opened
from tests.support.jobs import until

NEAR = 1e-9  # another order of a sum, another exp
SET = """([name, settings]) => {
  const el = algollm.live[name];
  let slowest = 0;
  const states = settings.map((setting) => {
    for (const [label, value] of Object.entries(setting)) {
      const row = [...el.querySelectorAll("label")].find(
        (row) => row.querySelector("span")?.textContent === label
      );
      const input = row.querySelector("input");
      const before = performance.now();
      if (input.type === "range") {
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      } else if (input.checked !== value) input.click();
      slowest = Math.max(slowest, performance.now() - before);
    }
    return el.state();
  });
  return [states, slowest];
}"""


class Object:
    """The object `name` of a page that is open, awake."""

    def __init__(self, page, name):
        self.page, self.name = page, name
        self.slowest = 0.0  # ms of script that a move of a control has taken
        self.place = page.locator(f".live[data-object={name}]")
        self.place.scroll_into_view_if_needed()
        until(lambda: page.evaluate(f"Boolean(window.algollm?.live?.{name})"))
        self.element = self.place.locator(".live-object")

    def state(self):
        """Return all numbers that it shows."""
        return self.page.evaluate(f"algollm.live.{self.name}.state()")

    def states(self, settings):
        """Return a state for each of many settings of its sliders, by their names.

        The sliders are moved in the page, as a hand does but quicker.
        """
        found, slowest = self.page.evaluate(SET, [self.name, settings])
        self.slowest = max(self.slowest, slowest)
        return found

    def reset(self):
        """Press Reset."""
        self.element.get_by_role("button", name="Reset").click()

    def spoken(self, words):
        """Wait until a screen reader is told these words."""
        voice = self.element.locator(".live-spoken")
        until(lambda: voice.text_content() == words)

    def middle(self, mark):
        """Return where a mark of its drawing is on the screen."""
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, mark, right, down):
        """Drag a mark by so many pixels with the mouse."""
        x, y = self.middle(mark)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + right / 2, y + down / 2)
        mouse.move(x + right, y + down)
        mouse.up()

    def swipe(self, mark, right, down):
        """Drag a mark by so many pixels with a finger."""
        x, y = self.middle(mark)
        client = self.page.context.new_cdp_session(self.page)
        client.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

        def touch(kind, *points):
            places = [{"x": x, "y": y} for x, y in points]
            client.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": places}
            )

        touch("touchStart", (x, y))
        touch("touchMove", (x + right / 2, y + down / 2))
        touch("touchMove", (x + right, y + down))
        touch("touchEnd")
        client.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
        client.detach()

    def faults(self):
        """Return what axe finds in it, in both schemes."""
        found = []
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.wait_for_selector(f"html[data-theme={scheme}]")
            options = {"resultTypes": ["violations"], "preload": False}
            where = f".live[data-object={self.name}]"
            answer = Axe().run(self.page, context=where, options=options).response
            found += [(scheme, v["id"], v["nodes"]) for v in answer["violations"]]
        return found


@contextmanager
def awake(context, name, of):
    """Open a page on a phone, for a reader for whom nothing moves, and wake an object.

    At the end nothing may have gone wrong on the page, or been asked of anybody.
    """
    usual = context(color_scheme="light", reduced_motion="reduce")
    page = opened(usual, f"chapters/{of}.html", PHONE)
    shown = Object(page, name)
    yield shown
    sys.stdout.write(f"{name}: at most {shown.slowest:.1f} ms of script for a move\n")
    assert page.troubles == []
    page.close()


def near(expected):
    """Return numbers that are equal to these but for rounding."""
    return pytest.approx(expected, rel=NEAR, abs=1e-12)
