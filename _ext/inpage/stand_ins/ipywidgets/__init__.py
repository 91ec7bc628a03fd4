"""Stand-in for ipywidgets: the state of the widgets that the book uses.

`inpage.moving` turns it into controls of the page, as the site does with the state that
a notebook stores.
"""

import itertools

_count = itertools.count(1)


class Widget:
    """A widget's state, and who is told when it changes."""

    first = "value"  # what its only argument without a name is

    def __init__(self, *given, **state):
        self.model_id = f"run-{next(_count)}"
        self.state = {"description": "", "index": 0, "value": ""}
        self.state |= dict(zip([self.first], given, strict=False)) | state
        self.watchers = []
        self.classes = []

    def __getattr__(self, name):
        if name == "state" or name not in self.state:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        return self.state[name]

    def __setattr__(self, name, value):
        if name in getattr(self, "state", ()):
            self.state[name] = value
        else:
            super().__setattr__(name, value)

    def add_class(self, name):
        """Note a class, by which an explorer is named."""
        self.classes.append(name)

    def observe(self, watcher, name):
        """Call `watcher` when the page has moved this widget."""
        self.watchers.append(watcher)

    def get_state(self):
        """Return the state as a notebook stores it."""
        kind = next(c for c in type(self).__mro__ if c.__module__ == __name__)
        state = self.state | {
            "_model_name": f"{kind.__name__}Model",
            "_dom_classes": self.classes,
        }
        if "children" in state:
            ids = [f"IPY_MODEL_{child.model_id}" for child in state["children"]]
            state["children"] = ids
        if "options" in state:
            state["_options_labels"] = state.pop("options")
        return state


class HTML(Widget):
    """A piece of a page."""


class Box(Widget):
    """Holds other widgets."""

    first = "children"


class HBox(Box):
    """Holds them in a row."""


class VBox(Box):
    """Holds them one above the other."""


class Stack(Box):
    """Shows one of them."""


class SelectionSlider(Widget):
    """A slider over given values."""


class ToggleButtons(Widget):
    """One of several buttons is pressed."""


class Play(Widget):
    """Runs through the values of another."""


class FloatSlider(Widget):
    """A slider over numbers."""


class jslink(Widget):
    """One widget moves another, on the page and without Python."""

    def __init__(self, source, target):
        ends = {
            side: [f"IPY_MODEL_{widget.model_id}", name]
            for side, (widget, name) in (("source", source), ("target", target))
        }
        super().__init__(**ends)
        for widget, _name in (source, target):
            widget.links = [*getattr(widget, "links", ()), self]

    def get_state(self):
        """Return the state as a notebook stores it."""
        return self.state | {"_model_name": "LinkModel"}
