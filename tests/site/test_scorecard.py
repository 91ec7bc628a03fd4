"""Tests for algollm_book.scorecard, on a book of five claims in three chapters.

One page of it is translated: its catalogue is what a translator would send.
"""

import json
import re
from unittest import mock

import pytest
from nbformat.v4 import new_markdown_cell
from sphinx.errors import ExtensionError
from sphinx.util.nodes import extract_messages

from algollm_helpers.book.box import Box
from algollm_helpers.book.judging import VERDICTS, judge
from algollm_helpers.book.ledger import Claim, Part, Table, ledger
from algollm_helpers.book.records import settle
from tests.support.book import ROOT
from tests.support.pages import book, cell, page, site

ROWS = {
    "C01": Claim("water", ("S1", "S3"), "Water is wet.", "{share:.0%} of it."),
    "C02": Claim("fire", ("S3",), "Fire is <hot>.", "{n} fires.", "it burns & on"),
    "C03": Claim("water", (), "Water is dry.", "{a} and {b} drops."),
    "C04": Claim("water", ("S1",), "Water is deep.", "{n} m."),
    "C05": Claim(
        "ice",
        ("S4",),
        "Ice is cold & <dry>.",
        parts={
            "cold": Part("is cold", "{low} degrees.", "it is < 0 & old"),
            "dry": Part("& <dry>", "{wet} drops."),
        },
        table=Table(("<place>", "drops"), (("a & b", "{wet}"), ("c", "{more}"))),
        tried={"steps": "2,000", "seeds": "{seeds}", "baseline": "<sand>"},
    ),
}
NUMBERS = {  # verdict and numbers of each
    "C01": (judge(True), {"share": 0.5}),
    "C02": (judge(True, False), {"n": 7}),
    "C03": (judge(False), {"a": 1, "b": 2}),
    "C04": (judge(False), {"n": 3}),
    "C05": (
        {"cold": judge(True, False), "dry": judge(False)},
        {"low": -5, "wet": 6, "more": 9, "seeds": 8},
    ),
}
INTRO = """# Intro

```{toctree}
:glob:
chapters/*
```

```{tally}
```

One {claim}`C01`, two {claim}`C02`; {finding}`C03` {measured}`C03.b`

Parts: {claim}`C05`; {finding}`C05`; {finding}`C05.dry`; {measured}`C05.low` is
{measured}`−5 <C05.low>`
"""
SCORES = """# Scores

```{standings}
```

## Fire, & smoke

```{scorecard} fire
```

## Water

```{scorecard} water
```

## Ice

```{scorecard} ice
```

```{scorecard} earth
```
"""
ON_WATER = "\n\n```{scorecard} water\n```\n\nSee {claim}`C01`."
ON_ICE = "\n\n```{scorecard} ice\n```"
CATALOGUE = r"""
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

msgid "**C04** Water is deep."
msgstr "**C04** Akvo profundas."

msgid "**false.** 3 m."
msgstr "**malvera.** Tri metroj."

msgid "3 m."
msgstr "Tri metroj."
"""
ICE_CATALOGUE = r"""
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

msgid "**in part.**"
msgstr "**parte.**"

msgid "“& <dry>”"
msgstr "«kaj seka»"

msgid "**false.** 6 drops."
msgstr "**malvera.** Ses gutoj."

msgid "a & b"
msgstr "a kaj b"

msgid "Tried: 8 seeds; 2,000 steps; against <sand>."
msgstr "Provita: 8 semoj."
"""


def recorded(*claim_ids):
    """Return a cell that has recorded these claims."""
    boxes = [Box(settle(i, *NUMBERS[i]))._repr_html_() for i in claim_ids]
    return cell(*({"text/html": html, "text/plain": "a box"} for html in boxes))


def chapter(title, *claim_ids, after=""):
    opening = new_markdown_cell(f"# {title}\n\nText.")
    return book(opening, recorded(*claim_ids), new_markdown_cell(f"After.{after}"))


@pytest.fixture(scope="module", autouse=True)
def rows():
    with mock.patch.dict(ledger(), ROWS, clear=True):
        yield


@pytest.fixture(scope="module")
def app(rows, tmp_path_factory):
    pages = {
        "intro.md": INTRO,
        "chapters/claims.md": SCORES,
        "chapters/fire.ipynb": chapter("Fire, & smoke", "C02"),
        "chapters/ice.ipynb": chapter("Ice", "C05", after=ON_ICE),
        "chapters/water.ipynb": chapter("Water", "C01", "C03", after=ON_WATER),
        "chapters/water_lab.ipynb": chapter("Lab: Water", "C04", after=ON_WATER),
        "locale/xx/LC_MESSAGES/chapters/water_lab.po": CATALOGUE,
        "locale/xx/LC_MESSAGES/chapters/ice.po": ICE_CATALOGUE,
    }
    settings = {"language": "xx", "locale_dirs": ["locale"], "gettext_compact": False}
    with site(tmp_path_factory.mktemp("scorecard"), pages, **settings) as app:
        yield app


def texts(tags):
    return [tag.get_text().strip() for tag in tags]


def test_a_claim_in_prose_links_to_its_box_and_gives_its_verdict(app):
    first, second, _third = page(app, "intro").select("p a.verdict")
    assert texts([first, second]) == ["C01: holds", "C02: holds if …"]
    assert first["href"] == "chapters/water.html#claim-c01"
    assert second["href"] == "chapters/fire.html#claim-c02"
    assert {"verdict-holds", "internal"} < set(first["class"])
    assert {"verdict-holds-if", "internal"} < set(second["class"])
    assert second["title"] == "holds if it burns & on"


def test_on_the_page_of_the_box_the_link_is_an_anchor(app):
    assert page(app, "chapters/water").select_one("p a.verdict")["href"] == "#claim-c01"
    away = page(app, "chapters/water_lab").select_one("p a.verdict")
    assert away["href"] == "water.html#claim-c01"


def test_finding_and_number_come_from_the_record(app):
    first, second = page(app, "intro").select("section > p")
    assert texts(first.select("span")) == ["1 and 2 drops.", "2"]
    assert texts(second.select("span")) == [
        "−5 degrees. 6 drops.",
        "6 drops.",
        "−5",
        "−5",
    ]


def test_a_claim_in_parts_says_each_of_them_when_pointed_at(app):
    link = page(app, "intro").select_one("a.verdict-in-part")
    assert link.get_text() == "C05: in part"
    assert link["title"] == "“is cold”: holds if it is < 0 & old; “& <dry>”: false"


def test_a_row_in_parts_shows_each_with_its_verdict_and_what_was_tried(app):
    (row,) = table(app, "chapters/claims", "ice").select("tbody tr")
    link, says, verdict, measured = row.select("td")
    assert texts([link, says, verdict]) == [
        "C05",
        "Ice is cold & <dry>. (S4)",
        "in part",
    ]
    assert "verdict-in-part" in row["class"]
    assert [tag.name for tag in measured.find_all(recursive=False)] == ["ul", "p"]
    assert texts(measured.select("li p")) == [
        "“is cold”",
        "holds if it is < 0 & old. −5 degrees.",
        "“& <dry>”",
        "false. 6 drops.",
    ]
    slugs = [item["class"] for item in measured.select("li")]
    assert slugs == [["verdict-holds-if"], ["verdict-false"]]
    tried = "Tried: 8 seeds; 2,000 steps; against <sand>."
    assert texts(measured.select("td > p.tried")) == [tried]


def test_a_box_in_parts_has_its_list_then_what_it_rests_on_behind_a_line(app):
    (box,) = page(app, "chapters/ice").select(".claim")
    kinds = [(tag.name, *tag.get("class", ())) for tag in box.find_all(recursive=False)]
    assert [kind[0] for kind in kinds] == ["p", "p", "ul", "details"]
    assert kinds[-1][1:] == ("fold", "evidence"), "closed until it is asked for"
    inside = [tag.name for tag in box.details.find_all(recursive=False)]
    assert inside == ["summary", "table", "p"]
    assert {"claim", "verdict-in-part"} <= set(box["class"])
    assert texts(box.select("p.says")) == ["“is cold”", "«kaj seka»"]
    assert texts(box.select(".judged > strong")) == [
        "parte.",
        "holds if it is < 0 & old.",
        "malvera.",
    ]
    assert texts(box.select("th")) == ["<place>", "drops"]
    assert texts(box.select("td")) == ["a kaj b", "6", "c", "9"]
    assert "numbers" in box.table["class"]
    assert texts(box.select("p.tried")) == ["Provita: 8 semoj."]
    row = page(app, "chapters/ice").select_one("table.scorecard tbody tr")
    assert row.select(".says")[1].get_text() == "«kaj seka»"
    assert not row.select("table")


def table(app, place, heading):
    """Return the scorecard below a heading."""
    return page(app, place).select_one(f"section#{heading} table.scorecard")


def test_a_scorecard_has_a_row_for_each_claim_of_its_chapter(app):
    water = table(app, "chapters/claims", "water")
    assert texts(water.select("thead th")) == [
        "Claim",
        "The essays say",
        "Verdict",
        "Measured",
    ]
    assert [texts(row.select("td")) for row in water.select("tbody tr")] == [
        ["C01", "Water is wet. (S1, S3)", "holds", "50% of it."],
        ["C03", "Water is dry.", "false", "1 and 2 drops."],
        ["C04", "Water is deep. (S1)", "false", "3 m."],
    ]
    fire = table(app, "chapters/claims", "fire-smoke")
    assert texts(fire.select("tbody td")) == [
        "C02",
        "Fire is <hot>. (S3)",
        "holds if it burns & on",
        "7 fires.",
    ]


def test_a_row_leads_to_the_box_of_its_claim(app):
    water = table(app, "chapters/claims", "water")
    for link in water.select("a"):
        name, _, anchor = link["href"].partition(".html#")
        box = page(app, f"chapters/{name}").find(id=anchor)
        assert box.strong.get_text() == link.get_text()


def test_a_row_carries_what_the_buttons_choose_by(app):
    rows = table(app, "chapters/claims", "water").select("tbody tr")
    kinds = [{c for c in row["class"] if not c.startswith("row-")} for row in rows]
    assert kinds == [
        {"verdict-holds", "essay-s1", "essay-s3"},
        {"verdict-false"},
        {"verdict-false", "essay-s1"},
    ]


def test_a_row_of_the_scorecard_has_an_address(app):
    rows = table(app, "chapters/claims", "water").select("tbody tr")
    assert [row["id"] for row in rows] == ["C01", "C03", "C04"]


def test_a_table_names_its_chapter(app):
    classes = table(app, "chapters/claims", "water")["class"]
    assert {"scorecard", "chapter-water"} <= set(classes)


def test_a_scorecard_without_rows_is_named_with_its_line(app):
    errors = [line for line in app.warning.getvalue().splitlines() if "ERROR" in line]
    (error,) = errors
    number = SCORES.splitlines().index("```{scorecard} earth") + 1
    assert f"claims.md:{number}: ERROR: no claims to show for 'earth'" in error


def test_the_tally_counts_each_verdict_and_leads_to_its_rows(app):
    lines = page(app, "intro").select("ul.tally > li")
    assert texts(lines) == [
        "1 holds",
        "1 holds if",
        "1 in part",
        "0 not at this scale",
        "2 false",
    ]
    slugs = ["holds", "holds-if", "in-part", "not-at-this-scale", "false"]
    assert [line["class"] for line in lines] == [[f"verdict-{s}"] for s in slugs]
    targets = [f"chapters/claims.html?verdict={s}" for s in slugs]
    assert [line.a["href"] for line in lines] == targets
    assert all("internal" in line.a["class"] for line in lines)
    assert texts(line.a.strong for line in lines) == ["1", "1", "1", "0", "2"]


def test_the_standings_count_by_chapter_in_the_order_of_the_ledger(app):
    standings = page(app, "chapters/claims").select_one("table.standings")
    heads = standings.select("thead th[scope=col]")
    assert texts(heads) == ["Chapter", *VERDICTS]
    rows = standings.select("tbody tr")
    assert [texts(row.select("th[scope=row]")) for row in rows] == [
        ["Water"],
        ["Fire, & smoke"],
        ["Ice"],
    ]
    counts = [texts(row.select("td:not([aria-hidden])")) for row in rows]
    assert counts == [
        ["1", "0", "0", "0", "2"],
        ["0", "1", "0", "0", "0"],
        ["0", "0", "1", "0", "0"],
    ]
    classes = [td["class"] for td in rows[0].select("td:not([aria-hidden])")]
    assert standings.get_text("|") == (
        "Chapter|holds|holds if|in part|not at this scale|false|"
        "Water|1|0|0|0|2|Fire, & smoke|0|1|0|0|0|Ice|0|0|1|0|0"
    )
    assert standings.next_sibling.name == "section"
    assert classes == [th["class"] for th in heads[1:]]
    assert classes[2:4] == [["verdict-in-part"], ["verdict-not-at-this-scale"]]


def test_each_chapter_of_the_standings_leads_to_its_heading(app):
    scores = page(app, "chapters/claims")
    for link in scores.select("table.standings a"):
        assert (
            scores.select_one(f"section{link['href']} > h2")
            .get_text()
            .startswith(link.get_text())
        )


def test_the_bar_has_a_part_for_each_verdict_that_occurs_as_long_as_its_count(app):
    bars = page(app, "chapters/claims").select("table.standings td[aria-hidden=true]")
    parts = [
        [(p["class"], p["style"]) for p in bar.select("div > span")] for bar in bars
    ]
    assert parts == [
        [(["verdict-holds"], "flex-grow: 1"), (["verdict-false"], "flex-grow: 2")],
        [(["verdict-holds-if"], "flex-grow: 1")],
        [(["verdict-in-part"], "flex-grow: 1")],
    ]


def test_a_box_in_an_output_becomes_part_of_the_page(app):
    first, second = page(app, "chapters/water").select(".cell_output > div")
    assert (first["id"], second["id"]) == ("claim-c01", "claim-c03")
    assert {"claim", "verdict-holds"} <= set(first["class"])
    assert texts(first.select("p")) == ["C01 Water is wet.", "holds. 50% of it."]
    assert texts(first.select("p > strong")) == ["C01", "holds."]
    assert texts(first.select(".judged > strong")) == ["holds."]
    condition = page(app, "chapters/fire").select(".claim p")
    expected = ["C02 Fire is <hot>.", "holds if it burns & on. 7 fires."]
    assert texts(condition) == expected
    assert "a box" not in page(app, "chapters/water").get_text()


def test_translators_are_shown_each_sentence_with_its_line(app):
    doctree = app.env.get_doctree("chapters/water")
    shown = {text: node for node, text in extract_messages(doctree)}
    box = ["**C01** Water is wet.", "**holds.** 50% of it."]
    row = ["Water is dry.", "false", "1 and 2 drops."]
    for sentence in box + row:
        assert shown[sentence].source.endswith("chapters/water.ipynb")
        assert shown[sentence].line > 0


def test_a_translated_sentence_takes_its_place_in_box_and_table(app):
    lab = page(app, "chapters/water_lab")
    box = texts(lab.select(".claim p"))
    assert box == ["C04 Akvo profundas.", "malvera. Tri metroj."]
    assert texts(lab.select(".claim p > strong")) == ["C04", "malvera."]
    assert texts(lab.select("table.scorecard td"))[-1] == "Tri metroj."
    scores = table(app, "chapters/claims", "water")
    assert texts(scores.select("td"))[-1] == "3 m."  # its own catalogue is empty


@pytest.mark.parametrize(
    ("place", "notebooks"),
    [
        ("intro", {"fire", "ice", "water", "water_lab"}),
        ("chapters/claims", {"fire", "ice", "water", "water_lab"}),
        ("chapters/water_lab", {"water", "water_lab"}),
    ],
)
def test_a_page_is_made_anew_when_a_notebook_that_it_quotes_changes(
    app, place, notebooks
):
    used = {str(path) for path in app.env.dependencies[place]}
    names = {path.rpartition("/")[2] for path in used}
    assert {
        n.removesuffix(".ipynb") for n in names if n.endswith(".ipynb")
    } == notebooks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{claim}`C77`", "index: no notebook has recorded 'C77'"),
        ("{claim}`C02`", "index: no notebook has recorded 'C02'"),
        ("{finding}`C77`", "index: no notebook has recorded 'C77'"),
        ("{measured}`C77.b`", "index: no notebook has recorded 'C77'"),
        ("{measured}`C03.c`", r"index: C03 has no number 'c', only \['a', 'b'\]"),
        ("{measured}`C03`", r"index: C03 has no number '', only \['a', 'b'\]"),
        ("{finding}`C03.a`", r"index: C03 has no part 'a', only \[\]"),
        ("{measured}`3 <C03.c>`", r"index: C03 has no number 'c', only \['a', 'b'\]"),
        ("{measured}`3 <C03.b>`", "index: '3' is not C03.b, .* printed '2'"),
        ("{measured}`2.0 <C03.b>`", "index: '2.0' is not C03.b, .* printed '2'"),
        ("{measured}`3 <C77.b>`", "index: no notebook has recorded 'C77'"),
        ("```{tally}\n```", "index: no notebook has recorded 'C01'"),
        ("```{standings}\n```", "index: no notebook has recorded 'C01'"),
        ("```{scorecard} fire\n```", "index: no notebook has recorded 'C02'"),
    ],
)
def test_what_no_notebook_has_recorded_stops_the_build(tmp_path, text, message):
    pages = {"index.md": f"# Index\n\n{text}", "chapters/a.ipynb": chapter("A", "C03")}
    with pytest.raises(ExtensionError, match=message), site(tmp_path, pages):
        pass


def test_a_claim_recorded_twice_stops_the_build_with_both_places(tmp_path):
    pages = {
        "index.md": "# Index",
        "chapters/a.ipynb": chapter("A", "C03"),
        "chapters/b.ipynb": chapter("B", "C01", "C03"),
    }
    message = "C03 is recorded twice: in chapters/a and chapters/b"
    with pytest.raises(ExtensionError, match=message), site(tmp_path, pages):
        pass


# --- Colours ------------------------------------------------------------------


def luminance(colour):
    """Return the relative luminance of #rrggbb, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(
        4.478, abs=1e-3
    )  # a known miss


GROUNDS = {  # of a page, and of the rows of a table, which alternate, by the theme
    "light": ["#ffffff", "#f3f4f5"],
    "dark": ["#121212", "#29313d", "#222832"],
}


@pytest.mark.parametrize("theme", GROUNDS)
def test_each_verdict_has_its_own_colour_that_can_be_read(theme):
    sheet = (ROOT / "_static" / "book.css").read_text("utf-8")
    values = sheet.partition(f'html[data-theme="{theme}"]')[2].partition("}")[0]
    colour = dict(re.findall(r"--(book-[\w-]+): (#\w{6});", values))
    used = dict(
        re.findall(r"\.(verdict-[\w-]+) \{ --verdict: var\(--([\w-]+)\)", sheet)
    )
    assert list(used) == [f"verdict-{v.replace(' ', '-')}" for v in VERDICTS]
    assert len({colour[name] for name in used.values()}) == len(VERDICTS)
    for name in used.values():
        for ground in [colour["book-panel"], *GROUNDS[theme]]:
            assert contrast(colour[name], ground) >= 4.5, f"{name} on {ground}"


KILLS = {"killed": 27, "survived": 3, "idle": 9, "claims": 5, "claims_killed": 4}


def with_kills(text):
    """Return the pages of a book beside which the tool has left its counts."""
    counts = json.dumps({"total": KILLS | {"rate": 0.9}})
    return {"index.md": f"# Index\n\n{text}", "tools/kills.json": counts}


def test_a_page_quotes_how_many_changes_the_verdicts_noticed(tmp_path):
    text = "{kills}`killed` of {kills}`decided`, {kills}`rate`; {kills}`without` of "
    with site(tmp_path, with_kills(text + "{kills}`claims`")) as app:
        assert "27 of 30, 90%; 1 of 5" in page(app, "index").get_text()
        assert any(p.endswith("kills.json") for p in app.env.dependencies["index"])


def test_a_count_that_is_not_kept_stops_the_build(tmp_path):
    message = r"index: kills has no number 'survivors', only \['claims', "
    pages = with_kills("{kills}`survivors`")
    with pytest.raises(ExtensionError, match=message), site(tmp_path, pages):
        pass
