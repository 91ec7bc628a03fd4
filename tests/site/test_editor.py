"""The editor of a cell: its colours are the page's, and stand where one types."""

import random

import pytest

from tests.support.book import NOTEBOOKS, code_cells
from tests.support.browser import DESK, PHONE, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.usefixtures("runner"),
]
COLOURED = 'const { coloured } = await import("/_static/runner/colours.js");'
# The colour of each sign that is no blank, cell by cell: as Sphinx made it, and anew.
SIGNS = """
  const signs = (pre) => {
    const found = [];
    const walk = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const { color } = getComputedStyle(walk.currentNode.parentElement);
      const text = walk.currentNode.data.replace(/\\s/g, "");
      for (const sign of text) found.push(sign + color);
    }
    return found;
  };
"""
EVERY_CELL = f"""async () => {{
  {COLOURED} {SIGNS}
  return [...document.querySelectorAll(".cell_input .highlight pre")].map((pre) => {{
    const own = document.createElement("pre");
    for (const [className, textContent] of coloured(pre.textContent)) {{
      const span = document.createElement("span");
      own.append(Object.assign(span, {{ className, textContent }}));
    }}
    pre.after(own);
    return [signs(pre), signs(own)];
  }});
}}"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_code_of_the_book_keeps_its_colours(visit, path):
    page = visit(f"chapters/{path.stem}.html")
    cells = page.evaluate(EVERY_CELL)
    assert len(cells) > 10
    for stored, own in cells:
        assert own == stored
    assert len({sign[1:] for _, own in cells for sign in own}) >= 6


def test_no_sign_is_lost_while_code_is_half_typed(visit):
    rng = random.Random(0)
    cells = [cell["source"] for path in NOTEBOOKS for cell in code_cells(path)]
    codes = ["", "'", '"""', "f'{", "f'{{", "f'{a:{", "f'{a[\"b\"]!r:>{w}}'"]
    codes += ["\\", "'\\"]
    codes += ["λ = '𝛼'  # né", "1e", "0x", "a@b", "f\"{x!='y'}\"", "\r\n\t$?`", "{}}{"]
    for _ in range(400):
        code = rng.choice(cells)
        start, end = sorted(rng.choices(range(len(code) + 1), k=2))
        codes.append(code[start:end])
    page = visit("chapters/loss.html")
    found = page.evaluate(
        f"async (codes) => {{ {COLOURED} return codes.map((code) =>"
        " coloured(code).map(([, text]) => text).join('')); }",
        codes,
    )
    assert found == codes


def edited(page):
    """Open a cell's editor; return its field, the paper around it and the colours."""
    cell = page.locator(".cell").filter(has_text="def gradient_descent")
    cell.get_by_role("button", name="Edit").click()  # its last line is wide for a phone
    paper = page.locator(".run-paper")
    return page.locator(".run-editor"), paper, paper.locator("pre")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_colours_stand_where_one_types(context, size):
    page = opened(context(), "chapters/descent.html", size)
    area, paper, pre = edited(page)

    def compared():
        assert pre.inner_text().removesuffix("\n") == area.input_value()
        inner = "e => [e.clientWidth, e.clientHeight, e.scrollLeft, e.scrollTop]"
        assert area.evaluate(inner) == pre.evaluate(inner)
        for one in (area, pre):  # all of it is in view, as far as they are concerned
            assert one.evaluate("e => e.scrollWidth - e.clientWidth") == 0
            assert one.evaluate("e => e.scrollHeight - e.clientHeight") == 0
        for name in ("font", "letterSpacing", "padding", "tabSize", "whiteSpace"):
            style = f"e => getComputedStyle(e).{name}"
            assert area.evaluate(style) == pre.evaluate(style)

    compared()
    assert paper.evaluate("e => e.scrollLeft") == 0
    area.press("Control+End")
    area.press("Enter")
    compared()
    page.keyboard.type("text = '" + "long " * 60)
    compared()
    # The end of the line, where one types, is in view; so is its start, later.
    assert paper.evaluate("e => e.scrollLeft + e.clientWidth >= e.scrollWidth - 40")
    area.press("Home")
    page.keyboard.type("x")
    assert paper.evaluate("e => e.scrollLeft") <= 20
    area.fill("")
    compared()
    assert page.troubles == []


def test_in_high_contrast_the_plain_text_is_seen_and_nothing_above_it(context):
    unseen = "e => getComputedStyle(e).color === 'rgba(0, 0, 0, 0)'"
    usual = edited(opened(context(), "chapters/descent.html"))
    assert (usual[0].evaluate(unseen), usual[2].is_visible()) == (True, True)
    strong = context(forced_colors="active")
    area, _, pre = edited(opened(strong, "chapters/descent.html"))
    assert (area.evaluate(unseen), pre.is_visible()) == (False, False)
