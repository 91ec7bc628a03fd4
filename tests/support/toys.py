"""Small notebooks, written for a test."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def write(path, *sources):
    """Write a notebook with a cell of text before each cell of code; return its path.

    So the code of source number k is in cell 2 k + 1.
    """
    cells = []
    for source in sources:
        cells += [new_markdown_cell("Words."), new_code_cell(source)]
    nbformat.write(new_notebook(cells=cells), path)
    return path
