"""Tests for book.notebook: outside a notebook it says so; ids count."""

import pytest

from algollm_helpers.book import notebook


def test_outside_a_notebook_it_says_so():
    with pytest.raises(RuntimeError, match="there is none here"):
        notebook.setup()


def test_widgets_are_numbered_in_order_unless_they_name_themselves():
    create = notebook._numbered(lambda **kwargs: kwargs["comm_id"])
    assert [int(create(), 16), int(create(), 16)] == [1, 2]
    assert create(comm_id="mine") == "mine"
    assert int(create(), 16) == 3
