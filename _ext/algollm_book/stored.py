"""What a notebook stores: cells and outputs, and the state of its widgets."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
States = Mapping[str, Mapping[str, Any]]


@cache
def notebook_at(path: Path) -> nbformat.NotebookNode:
    """Return a notebook; each source and each text of an output is one string."""
    # Without the check against the schema, which takes four times as long.
    notebook: nbformat.NotebookNode = nbformat.v4.reads(path.read_text("utf-8"))
    return notebook


def states_of(notebook: Mapping[str, Any]) -> States:
    """Return the state of every widget that a notebook stores, by model id."""
    stored = notebook["metadata"].get("widgets", {}).get(STATE, {"state": {}})
    return {key: model["state"] for key, model in stored["state"].items()}


def alt_text(metadata: Mapping[str, Any]) -> str:
    """Return the alternative text that a cell's metadata give to what it draws."""
    return str(metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
