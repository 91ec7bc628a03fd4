"""Tests for algollm_book.explorers: where explorers are put, and under which names."""

import ipywidgets as widgets
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell
from sphinx.errors import ExtensionError

from algollm_book.explorers import explorer_at, find
from tests.support.pages import book, cell, page, site, view, write

SHARP = 'a "b" <c> & d'  # what HTML would misread


def frame(numbers):
    """Return a frame as `explore` makes it."""
    return widgets.HTML(f'<div role="img" aria-label="{numbers}"><svg></svg></div>')


def explorer(name, words="frame"):
    """Return a widget tree of that name, as `explore` makes them."""
    slider = widgets.SelectionSlider(options=["a", "b"], description="step")
    frames = [frame(f"{words} {label}") for label in "ab"]
    stack = widgets.Stack(frames, selected_index=0)
    link = widgets.jslink((slider, "index"), (stack, "selected_index"))
    tree = widgets.VBox([widgets.HBox([slider]), stack])
    tree.add_class(f"explorer-{name}")
    tree.kept = link  # as long as the tree
    return tree


def test_an_explorer_is_found_by_its_name_with_its_description():
    first, second = explorer("a"), explorer("ab")
    table = cell({"text/html": "<p>a table</p>"})
    cells = [cell(view(first), alt="One."), table, cell(view(second), alt="Two.")]
    notebook = book(new_markdown_cell("text"), *cells, widgets=[first, second])
    assert find(notebook, "a") == (first.model_id, "One.")
    assert find(notebook, "ab") == (second.model_id, "Two.")
    assert find(notebook, "b") is None
    assert find(book(*cells[1:2]), "a") is None


def story_of(group):
    """Return the text that a screen reader gives as an explorer's description."""
    (story,) = group.find_all(id=group["aria-describedby"])
    assert story.has_attr("hidden")
    return story.string


def test_an_explorer_is_a_group_named_by_its_numbers_and_told_by_its_story(tmp_path):
    tree = explorer("a")
    write(tmp_path, {"a.ipynb": book(cell(view(tree)), widgets=[tree])})
    text = explorer_at(tmp_path / "a.ipynb", tree.model_id, SHARP)
    (group,) = BeautifulSoup(text, "html.parser").children
    assert group["class"] == ["explorer"]
    assert (group["role"], group["id"]) == ("group", "explorer-a")
    assert group["tabindex"] == "-1"  # a skip link leads to it
    assert group.find(id=group["aria-labelledby"]).string == "frame a"
    assert story_of(group) == SHARP
    labels = [tag["aria-label"] for tag in group.select("[role=img]")]
    assert labels == ["frame a", "frame b"]
    assert explorer_at(tmp_path / "a.ipynb", tree.model_id, SHARP) is text


def test_an_explorer_that_has_no_html_form_is_named_with_its_notebook(tmp_path):
    tree = widgets.VBox([widgets.Checkbox()])
    write(tmp_path, {"a.ipynb": book(cell(view(tree)), widgets=[tree])})
    with pytest.raises(ExtensionError, match=r"^a\.ipynb: .*CheckboxModel"):
        explorer_at(tmp_path / "a.ipynb", tree.model_id, "")


WRONG = {  # what a page asks for, and what it is told
    "chapters/none one": "no notebook 'chapters/none'",
    "index one": "no notebook 'index'",
    "chapters/two none": "no explorer 'none' in chapters/two",
}
ASKED = """# Root

```{toctree}
chapters/one
chapters/two
```

```{explorer} chapters/two second
```
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    one, other, second = explorer("one"), explorer("other"), explorer("second", "moved")
    figure = cell({"text/html": "<p>a table</p>"})
    pages = {
        "index.md": ASKED + "".join(f"\n```{{explorer}} {w}\n```\n" for w in WRONG),
        "chapters/one.ipynb": book(
            new_markdown_cell("# One"),
            cell(view(one) | {"text/html": "Explorer, sha256"}, view(other), alt=SHARP),
            figure,
            widgets=[one, other],
        ),
        "chapters/two.ipynb": book(
            new_markdown_cell("# Two"),
            cell(view(second), alt="It moves."),
            widgets=[second],
        ),
    }
    with site(tmp_path_factory.mktemp("explorers"), pages) as app:
        yield app


def test_each_view_of_a_notebook_becomes_controls_described_by_its_cell(app):
    html = page(app, "chapters/one")
    groups = html.select(".cell_output > .explorer[role=group]")
    assert [story_of(group) for group in groups] == [SHARP, SHARP]
    assert [group["id"] for group in groups] == ["explorer-one", "explorer-other"]
    assert len(html.select(".explorer input[type=range]")) == 2
    assert [p.string for p in html.select(".text_html > p")] == ["a table"]
    assert "Explorer, sha256" not in html.get_text()  # the other form of that output


def test_a_page_shows_the_explorer_of_another_as_it_stands_there(app):
    (asked,) = page(app, "index").select(".explorer")
    (shown,) = page(app, "chapters/two").select(".explorer")
    assert asked == shown
    assert story_of(asked) == "It moves."
    assert asked.find(id=asked["aria-labelledby"]).string == "moved a"


def test_a_page_that_asks_for_its_own_explorer_shows_it_there_alone(tmp_path):
    tree, rest = explorer("mine"), explorer("rest")
    asked = "```{explorer} index mine\n```"
    asks = new_markdown_cell(f"# A\n\n````{{note}}\n{asked}\n````")
    shows = cell(view(tree), {"text/html": "<p>a table</p>"}, view(rest))
    with site(
        tmp_path, {"index.ipynb": book(asks, shows, widgets=[tree, rest])}
    ) as app:
        html = page(app, "index")
    assert [e["id"] for e in html.select(".note .explorer")] == ["explorer-mine"]
    assert [e["id"] for e in html.select(".cell .explorer")] == ["explorer-rest"]
    assert html.select_one(".cell p").string == "a table"


def test_a_page_is_made_anew_when_the_notebook_of_its_explorer_changes(app):
    used = {str(path) for path in app.env.dependencies["index"]}
    assert any(path.endswith("two.ipynb") for path in used)
    assert not any(path.endswith("one.ipynb") for path in used)


@pytest.mark.parametrize(("asked", "message"), WRONG.items())
def test_what_is_not_there_is_named_with_its_line(app, asked, message):
    lines = app.warning.getvalue().splitlines()
    source = (app.srcdir / "index.md").read_text("utf-8").splitlines()
    number = source.index(f"```{{explorer}} {asked}") + 1
    (line,) = [line for line in lines if message in line]
    assert f"index.md:{number}: " in line
    assert len(lines) == len(WRONG)


@pytest.mark.parametrize("name", ["index", "chapters/one", "chapters/two"])
def test_no_raw_state_reaches_a_page(app, name):
    assert "widget-state" not in str(page(app, name))
    assert "widget-view" not in str(page(app, name))


def test_pages_may_be_read_and_written_in_parallel(app):
    extension = app.extensions["algollm_book"]
    assert (extension.parallel_read_safe, extension.parallel_write_safe) == (True, True)


def test_a_new_build_reads_the_notebooks_anew(tmp_path):
    tree = widgets.VBox([widgets.HTML()])
    for words in ("before", "after"):
        tree.children[0].value = f"<p>{words}</p>"
        pages = {"index.ipynb": book(cell(view(tree)), widgets=[tree])}
        with site(tmp_path, pages) as app:
            assert page(app, "index").select_one(".explorer p").string == words
