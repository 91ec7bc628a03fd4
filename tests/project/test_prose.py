"""Tests for tools/prose: what belongs to a section, and which numbers need no run."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import prose


def cells(*texts):
    """Return cells: those that begin with a > are code."""
    made = [
        new_code_cell(text[1:]) if text.startswith(">") else new_markdown_cell(text)
        for text in texts
    ]
    return new_notebook(cells=made).cells


def kinds(*texts):
    """Return text and kind of every number of some cells."""
    found = []
    for passage in prose.passages(cells(*texts)):
        regions = list(prose.regions(passage))
        for number in prose.numbers(passage.text):
            kind = prose.exempt(number, passage.text, regions)
            found.append((number.text, kind))
    return found


def test_a_section_has_the_code_up_to_the_next_heading_and_what_stands_before_it():
    book = cells("# A\n1", ">a", "2", ">b", ">c", "## B\n3", ">d", "4\n\n## C\n5", ">e")
    near = {passage.text.strip(): passage.near for passage in prose.passages(book)}
    assert near == {
        "# A\n1": (1, 3, 4),
        "2": (1, 3, 4),
        "## B\n3": (3, 4, 6),
        "4": (3, 4, 6),
        "## C\n5": (8,),  # it is not what stands before the cell
    }


def test_what_is_told_of_a_figure_is_prose_of_its_section():
    book = cells("# A", ">draw()", "## B", ">draw()")
    for number in (1, 3):
        book[number].metadata = {"mystnb": {"image": {"alt": f"It falls by {number}."}}}
    told = [p for p in prose.passages(book) if p.text.startswith("It")]
    assert [(p.cell, p.text, p.near) for p in told] == [
        (1, "It falls by 1.", (1,)),
        (3, "It falls by 3.", (1, 3)),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("It ends at §37.", ""),
        ("`lr = §37`", "code"),
        ("```bash\ntrain --steps §37\n```", "code"),
        ("```python\n§37\n```\n\nAfter.", "code"),
        ("```{note}\nIt ends at §37.\n```", ""),
        ("```{math}\nx_{37} + §37\n```", "formula"),
        ("```{glossary}\nword\n  Says §37.\n```", "definition"),
        ("````\n```\n§37\n```\n````", "code"),
        ("{doc}`§37`", "label"),
        ("{term}`word <§37>`", "label"),
        ("[text](page§37)", "label"),
        ("(part-§37)=", "label"),
        (":label: §37", "label"),
        ("https://example.org/§37", "label"),
        ("GPT-§37", "name"),
        ("C§37: a claim", "name"),
        ("float§37", "name"),
        ("§37-bit", "name"),
        ("the §37th", "name"),
        ("with Python 3.11 to §3.14, and", "name"),
        ("§22 February 2026", "date"),
        ("in §2017.", "date"),
        ("In §2017 {cite}`smith`", "date"),
        ("in §2,017 steps", ""),
        ("in §2000 steps", ""),
        ("by §2000.", ""),
        ("it needs §9 steps", ""),
        ("30 minutes · needs 1 and §3", "index"),
        ("a < §3 and b > 2", ""),
        ("<br width=§3>", "label"),
        ("(eq. 3) as equation §37 says", "index"),
        ("chapters 3, 4 and §6", "index"),
        ("parts §37.5", ""),
        ("§3. an item", "index"),
        ("*Time:* §30 minutes", "time"),
        ("after §30 minutes", ""),
        ("it costs §1", "small"),
        ("it costs §0.", "small"),
        ("it costs §2", ""),
        ("§1 of 40", ""),
        ("§1%", ""),
        ("$2§37x$", "formula"),
        (r"$\ln §0.4$", "formula"),
        (r"$-\ln x \approx §0.916$", ""),
        (r"$x \approx§37$", ""),
        ("$x = §37$", ""),
        ("$x = §3$", "formula"),
        ("$$\nx = §37 y\n$$", "formula"),
        (r"$1§37{,}000\,\%$", ""),
        ("it costs §5 dollars, \\$4 more", ""),
    ],
)
def test_the_kind_of_a_number_that_needs_no_run(text, kind):
    text, at = text.replace("§", ""), text.index("§")  # the number behind the mark
    (passage,) = prose.passages(cells(text))
    number = next(number for number in prose.numbers(text) if number.end > at)
    assert prose.exempt(number, text, list(prose.regions(passage))) == kind


def test_the_data_of_an_exercise_go_from_its_start_to_its_end_over_several_cells():
    found = kinds(
        "12\n\n```{exercise-start} Title\n:label: a\n```\n13\n```{exercise-end}\n```",
        ">answer = 14",
        "```{solution-start} a\n```\n15",
        ">16",
        "17\n```{solution-end}\n```\n18",
    )
    assert [(text, kind) for text, kind in found] == [
        ("12", ""),
        ("13", "exercise"),
        ("15", "exercise"),
        ("17", "exercise"),
        ("18", ""),
    ]


def test_an_answer_may_repeat_the_numbers_of_its_question():
    found = kinds(
        ":::{dropdown} Is 1,700 more than 40?\nYes, 1,700 is. We saw 41.\n:::"
    )
    assert found[-2:] == [("1,700", "exercise"), ("41", "")]
    assert {kind for _, kind in found[:-2]} == {"label"}


def test_the_text_of_a_role_is_told_from_what_it_names():
    found = kinds("It is {measured}`0.37 ± 0.02 <C105.end>`, not {measured}`C43.a`.")
    assert found == [
        ("0.37", "measured"),
        ("0.02", "measured"),
        ("105", "label"),
        ("43", "measured"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("five of six seeds", ["five", "six"]),
        ("Two of the four do", ["Two", "four"]),
        ("one in ten is flipped", ["one", "ten"]),
        ("three times in twenty", ["three", "twenty"]),
        ("two random starts, seven runs", ["two", "seven"]),
        ("a hundred times as long", ["hundred"]),
        ("five per cent", ["five"]),
        ("ten-step runs", ["ten"]),
        ("one run, four letters, two of them, half", []),
    ],
)
def test_words_count_where_a_run_may_stand_behind_them(text, words):
    assert [number.text for number in prose.numbers(text)] == words


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One is 2. Here is\n37, see. Then 4.", "Here is 37, see."),
        ("A 3.5, see 37! More 2.", "A 3.5, see 37!"),
        ("- item 2\n- item 37\n- 4", "- item 37"),
        ("| a 2 | b 37 | c |", "b 37 |"),
        ("Para 2.\n\npara 37", "para 37"),
        ('He says "2." And 37. End.', "And 37."),
    ],
)
def test_a_sentence_ends_where_it_ends(text, sentence):
    assert prose.sentence(text, text.index("37")) == sentence


def test_a_changed_digit_leaves_all_else_where_it_was():
    (passage,) = prose.passages(cells("A 12 and\n```{solution-start} a\n```\nB 34"))
    first, second = prose.numbers(passage.text)
    longer = passage.changed(first, "eleven")
    assert longer.text == passage.text.replace("12", "eleven")
    ((start, end),) = longer.exercises
    assert longer.text[start:end] == "{solution-start} a\n```\nB 34"
    other = passage.changed(second, "99")
    assert other.text == passage.text.replace("34", "99")
    assert other.exercises == passage.exercises
