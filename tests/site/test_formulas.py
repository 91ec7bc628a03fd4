"""Tests for algollm_book.formulas: MathML that says what the source says."""

import html
import logging
import re
import xml.etree.ElementTree as ET

import pytest
from math_core import LatexError

from algollm_book.formulas import mathml
from tests.support.pages import page, site


def tree(tex, *, display=False):
    """Return a formula as a tree of elements, without its source."""
    text = html.unescape(mathml(tex, display=display).replace("&lt;", "&amp;lt;"))
    root = ET.fromstring(re.sub(r"<annotation.*?</annotation>", "", text, flags=re.S))
    assert root.tag == "math"
    return root


def shown(tex, *, display=False):
    """Return what a formula shows, its invisible signs left out."""
    return "".join(tree(tex, display=display).itertext()).replace("\u2061", "")


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"w_{k+1} = w_k - \eta\,\nabla L(w_k)", "wk+1=wk−η∇L(wk)"),
        (r"\operatorname{softmax}(x)", "softmax(x)"),
        (r"\lVert a \rVert^2", "‖a‖2"),
        (r"\lambda_{\max} \le 2/\eta", "λmax≤2/η"),
        (r"p_t(\text{the target})", "pt(the\u00a0target)"),
        (r"29{,}910", "29,910"),
        (r"\hat y \ne \bar y", "yˆ≠y¯"),
        (r"\mathrm{d}x", "dx"),
        (r"x \mapsto x^\top", "x↦x⊤"),
    ],
)
def test_a_formula_shows_what_its_source_says(tex, text):
    got = shown(tex).replace("^", "ˆ").replace(" ", "\u00a0")
    assert got == text


@pytest.mark.parametrize("display", [True, False])
def test_limits_stand_below_and_above_a_sum_and_may_move_beside_it_in_text(display):
    root = tree(r"\sum_{i=1}^n x_i", display=display)
    sign = root.find(".//munderover/mo")
    assert sign.text == "∑"
    assert sign.get("movablelimits") != "false"
    assert root.get("display") == ("block" if display else None)


@pytest.mark.parametrize(
    ("tex", "rows", "columns"),
    [
        (r"\begin{aligned} a &= b \\ &= c \\ &= d \end{aligned}", 3, 2),
        (r"\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix}", 2, 3),
        (r"\begin{cases} x & x > 0 \\ 0 & \text{else} \end{cases}", 2, 2),
    ],
)
def test_rows_and_columns_stay(tex, rows, columns):
    table = tree(tex, display=True).find(".//mtable")
    assert [len(row) for row in table] == [columns] * rows


def test_brackets_around_something_tall_grow_and_others_do_not():
    grown = [mo.get("stretchy") for mo in tree(r"\left(\frac12\right)").iter("mo")]
    plain = [mo.get("stretchy") for mo in tree(r"(\frac12)").iter("mo")]
    assert grown[:1] != ["false"] == plain[:1]


def test_the_source_stays_beside_the_formula():
    text = mathml(r" a < b & \frac12 ".replace("& ", ""), display=False)
    (source,) = re.findall(r'<annotation encoding="application/x-tex">(.*?)</', text)
    assert html.unescape(source) == r"a < b \frac12"


@pytest.mark.parametrize("tex", [r"\fraq12", r"\frac{1}{", r"\left( x", "a_b_c"])
def test_what_is_not_known_or_not_whole_is_refused(tex):
    with pytest.raises(LatexError):
        mathml(tex, display=False)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    index = r"""# Slope $\nabla L$

A slope $w = 0$, ($b$) and $c$-th, $d$; so $e$ is.

```{math}
:label: eq-one
\frac{a}{b}
```

See {eq}`eq-one`. | $f$

## Where $\eta$ is
"""
    with site(
        tmp_path_factory.mktemp("formulas"),
        {"index.md": index, "wrong.md": "---\norphan: true\n---\n# A\n\n$\\fraq12$"},
        myst_enable_extensions=["dollarmath"],
    ) as app:
        yield app


def test_a_formula_is_in_text_in_headings_and_in_the_list_of_contents(app):
    made = page(app, "index")
    assert made.select_one("h1 math")
    assert made.select_one("h2 math")
    assert made.select_one(".sphinxsidebar a math")
    assert "MathJax" not in str(made)
    assert not made.select("script[src*=mathjax]")


def test_an_equation_has_its_number_and_place(app):
    made = page(app, "index")
    block = made.select_one("div.math#equation-eq-one")
    assert block.math["display"] == "block"
    assert block.select_one(".eqno").get_text().startswith("(1)")
    link = block.select_one(".eqno a.headerlink")
    assert link["href"] == "#equation-eq-one"
    assert made.select_one("p a[href='#equation-eq-one']").get_text() == "(1)"


def test_no_line_ends_between_a_formula_and_a_mark_that_belongs_to_it(app):
    together = [tag.get_text() for tag in page(app, "index").select(".together")]
    marks = [re.sub(r"[^(),.;]", "", text) for text in together]
    assert marks == [",", "()", ";"]
    text = page(app, "index").p
    for annotation in text.select("annotation"):
        annotation.decompose()
    assert text.get_text() == "A slope w=0, (b) and c-th, d; so e is."


def test_a_misspelt_formula_is_a_warning_that_holds_it_and_shows_its_source(app):
    assert r"'\\fraq12'" in app.warning.getvalue()
    assert "wrong.md:6" in app.warning.getvalue()
    assert page(app, "wrong").select_one(".math code").get_text() == r"\fraq12"
    assert logging.getLogger("sphinx").handlers  # it came through Sphinx's own log
