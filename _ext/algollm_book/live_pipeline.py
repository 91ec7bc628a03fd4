"""The words of the live object "pipeline": stages that work and wait."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
    words = {
        "axis": _("time (forward passes)"),
        "stage": _("stage"),
        "chart": _(
            "Who works when: a row for each stage, and under it how many micro-batches "
            "it holds"
        ),
        "cursor": _("Moment"),
        "at": _("time {time}"),
        "stages": _("stages"),
        "micro": _("micro-batches"),
        "schedule": _("Schedule"),
        "schedules": {"gpipe": _("GPipe"), "1f1b": _("1F1B")},
        "play": _("Play"),
        "pause": _("Pause"),
        "reset": _("Reset"),
        "head": {
            "stage": _("stage"),
            "does": _("does now"),
            "holds": _("holds now"),
            "most": _("at most"),
        },
        "passes": {
            "forward": _("forward {micro}"),
            "backward": _("backward {micro}"),
        },
        "waits": _("waits"),
        "told": _(
            "The step takes {span} units of time. The stages wait {idle}% of it, "
            "{above}/{below}."
        ),
        "memory": _(
            "At time {time}, {waiting} of {stages} stages wait, and none holds more "
            "than {now} micro-batches; in the whole step none holds more than {most}."
        ),
    }
    return {"words": words}
